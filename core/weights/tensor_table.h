// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Named tensors as they lie in weight and bank files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace patchcore {

enum class ElementType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
std::size_t element_size(ElementType type);

/// One tensor: row-major, densely packed, little-endian.
struct StoredTensor {
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;  ///< empty for a scalar
  std::vector<std::uint8_t> bytes;  ///< element_count() * element_size(type) of them

  std::int64_t element_count() const;

  /// A copy of the values, converted from any type to float32.
  std::vector<float> to_floats() const;

  static StoredTensor from_floats(std::vector<std::int64_t> shape, const float* values);
  static StoredTensor from_bytes(std::vector<std::int64_t> shape, std::vector<std::uint8_t> values);
};

/// Keys are the names that PyTorch's state_dict gives them.
using TensorTable = std::map<std::string, StoredTensor>;

/// The tensor called @p name.
/// @throws Error corrupt naming the tensor and @p origin, the file it should have been in
const StoredTensor& require_tensor(const TensorTable& table, const std::string& name,
                                   const std::string& origin);

/// SHA-256, hexadecimal, over the names, types, shapes and bytes of all tensors in order of name:
/// the same for the same tensors, whatever file they came in.
std::string tensor_table_sha256(const TensorTable& table);

}  // namespace patchcore
