// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What of a memory bank is a tensor in its file (docs/bank-file.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/weights/safetensors.h"

namespace patchcore {

/// Of the names of a member's tensors; none of a single bank's.
/// @param member  from 1 on
std::string member_prefix(std::size_t member, std::size_t members);

/// All but the mask.
/// @param tensors  gets views of @p content, which must outlive them
/// @param prefix   of their names
void add_bank_tensors(TensorViews& tensors, const BankFile& content, const std::string& prefix);

/// Moves what belongs to the bank, all but the mask, out of @p tensors.
/// @param origin  the file, for messages
/// @throws Error corrupt
void take_bank_tensors(TensorTable& tensors, const std::string& prefix, const std::string& origin,
                       BankFile& content);

/// @param scores  must outlive the view
void add_scores_tensor(TensorViews& tensors, const std::vector<float>& scores,
                       const std::string& prefix);

/// The calibration's.
/// @throws Error corrupt
std::vector<float> take_scores_tensor(TensorTable& tensors, const std::string& prefix,
                                      const std::string& origin);

/// @param pixels  of the mask; must outlive the view
void add_mask_tensor(TensorViews& tensors, Size size, const std::vector<std::uint8_t>& pixels);

/// Leaves @p mask as it is where there is none.
/// @throws Error corrupt
void take_mask_tensor(TensorTable& tensors, const std::string& origin, InspectionMaskPointer& mask);

}  // namespace patchcore
