// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The VisA data set as it lies in folders.
#pragma once

#include <string>

#include "tools/patchcore/datasets/dataset.h"

namespace patchcore {

/// Whether @p folder is one of its categories: it has the folder `Data/Images`.
bool is_visa_category(const std::string& folder);

/// Reads a category:
///
///   Data/Images/Normal/*, Data/Images/Anomaly/*   the pictures
///   Data/Masks/Anomaly/NAME.*                     the mask of Anomaly/NAME.*
///   ../split_csv/1cls.csv                         which of them are for training
///
/// The table's columns are object, split (train or test), label (normal or anomaly), image and mask
/// (paths from where the categories lie). Without it every third normal picture is for testing.
/// @throws Error not_found, read_failed, corrupt
Category read_visa_category(const std::string& folder);

}  // namespace patchcore
