// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a memory-bank file holds, for people to look at.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/bank_file.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// A bank, or an ensemble of several, with the document and the tensors as they stand in the file.
struct BankDocument {
  BankEnsemble ensemble;
  std::string settings;  ///< JSON, see docs/bank-file.md
  TensorTable tensors;
};

/// @throws Error as read_bank_ensemble()
BankDocument read_bank_document(const std::string& path);

/// The settings by their names with dots between, as docs/bank-file.md has them: "backbone.name".
/// Lists are one value, but members of an ensemble are counted from 1: "members.2.backbone.name".
std::vector<std::pair<std::string, std::string>> flat_settings(const std::string& json);

/// "F32 [3124, 152]".
std::string tensor_text(const StoredTensor& tensor);

}  // namespace patchcore
