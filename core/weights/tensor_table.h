// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Named tensors as they lie in weight and bank files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace patchcore {

enum class ElementType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
std::size_t element_size(ElementType type);

/// The type's name in safetensors files, e.g. F32.
const char* element_type_name(ElementType type);

/// The type with that name; nothing for those that this program does not handle.
std::optional<ElementType> element_type_from_name(const std::string& name);

/// The product of @p shape, 1 for a scalar; nothing if a size is negative or the product does not
/// fit.
std::optional<std::int64_t> checked_element_count(const std::vector<std::int64_t>& shape);

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

/// A tensor that lies elsewhere, laid out as in StoredTensor.
struct TensorView {
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  const void* data = nullptr;
  std::size_t size = 0;  ///< bytes
};

/// By name, like TensorTable.
using TensorViews = std::map<std::string, TensorView>;

/// Adds a view of each tensor of @p table, its name preceded by @p prefix. The views are valid
/// while the table lives and does not change.
void add_tensor_views(TensorViews& views, const TensorTable& table, const std::string& prefix = "");

/// The tensor called @p name.
/// @throws Error corrupt naming the tensor and @p origin, the file it should have been in
const StoredTensor& require_tensor(const TensorTable& table, const std::string& name,
                                   const std::string& origin);

/// SHA-256, hexadecimal, over the names, types, shapes and bytes of all tensors in order of name:
/// the same for the same tensors, whatever file they came in (docs/bank-file.md, "Checksums").
std::string tensor_table_sha256(const TensorTable& table);
std::string tensor_views_sha256(const TensorViews& views);

}  // namespace patchcore
