// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Data sets that are a folder of good pictures and one of others.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/patchcore/datasets/dataset.h"

namespace patchcore {

/// Whether @p folder has two such folders: `good`, `ok` or `normal`, and `bad`, `defective`,
/// `defect`, `anomaly`, `anomalous`, `abnormal`, `ko`, `nok` or `ng`, in any case.
bool is_good_bad_category(const std::string& folder);

/// Reads it. Every third good picture is for testing, since none says what it is for.
/// @throws Error not_found, read_failed
Category read_good_bad_category(const std::string& folder);

/// Shares good pictures out: each third is for testing, the others for training.
void share_out_good_pictures(const std::vector<std::string>& good, const std::string& type,
                             Category& category);

}  // namespace patchcore
