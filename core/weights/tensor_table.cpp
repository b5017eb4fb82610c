// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Named tensors as they lie in weight and bank files.
#include "core/weights/tensor_table.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/weights/sha256.h"

namespace patchcore {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensors are little-endian in files and copied as they are");

struct ElementTypeRow {
  ElementType type;
  const char* name;
  std::size_t size;
};

constexpr ElementTypeRow element_types[] = {
    {ElementType::f64, "F64", 8},      {ElementType::f32, "F32", 4}, {ElementType::f16, "F16", 2},
    {ElementType::bf16, "BF16", 2},    {ElementType::i64, "I64", 8}, {ElementType::i32, "I32", 4},
    {ElementType::i16, "I16", 2},      {ElementType::i8, "I8", 1},   {ElementType::u8, "U8", 1},
    {ElementType::boolean, "BOOL", 1},
};

const ElementTypeRow& row_of(ElementType type) {
  for (const ElementTypeRow& row : element_types) {
    if (row.type == type) return row;
  }
  throw Error(ErrorCode::internal,
              "element type " + std::to_string(static_cast<int>(type)) + " is not in the table");
}

float half_to_float(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  float magnitude;
  if (exponent == 31) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

float bfloat_to_float(std::uint16_t bfloat) {
  const std::uint32_t bits = static_cast<std::uint32_t>(bfloat) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <typename Stored, typename Convert>
std::vector<float> convert_all(const std::vector<std::uint8_t>& bytes, Convert convert) {
  std::vector<float> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = convert(stored);
  }
  return values;
}

template <typename Stored>
std::vector<float> cast_all(const std::vector<std::uint8_t>& bytes) {
  return convert_all<Stored>(bytes, [](Stored value) { return static_cast<float>(value); });
}

}  // namespace

std::size_t element_size(ElementType type) {
  return row_of(type).size;
}

const char* element_type_name(ElementType type) {
  return row_of(type).name;
}

std::optional<ElementType> element_type_from_name(const std::string& name) {
  for (const ElementTypeRow& row : element_types) {
    if (name == row.name) return row.type;
  }
  return std::nullopt;
}

std::optional<std::int64_t> checked_element_count(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || __builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}

std::int64_t StoredTensor::element_count() const {
  const std::optional<std::int64_t> count = checked_element_count(shape);
  if (!count) throw Error(ErrorCode::internal, "a tensor in memory has an impossible shape");
  return *count;
}

std::vector<float> StoredTensor::to_floats() const {
  if (bytes.size() != static_cast<std::size_t>(element_count()) * element_size(type)) {
    throw Error(ErrorCode::internal, "a tensor in memory has " + std::to_string(bytes.size()) +
                                         " bytes, which do not fit its shape");
  }
  switch (type) {
    case ElementType::f64:
      return cast_all<double>(bytes);
    case ElementType::f32:
      return cast_all<float>(bytes);
    case ElementType::f16:
      return convert_all<std::uint16_t>(bytes, half_to_float);
    case ElementType::bf16:
      return convert_all<std::uint16_t>(bytes, bfloat_to_float);
    case ElementType::i64:
      return cast_all<std::int64_t>(bytes);
    case ElementType::i32:
      return cast_all<std::int32_t>(bytes);
    case ElementType::i16:
      return cast_all<std::int16_t>(bytes);
    case ElementType::i8:
      return cast_all<std::int8_t>(bytes);
    case ElementType::u8:
      return cast_all<std::uint8_t>(bytes);
    case ElementType::boolean:
      return convert_all<std::uint8_t>(bytes,
                                       [](std::uint8_t value) { return value != 0 ? 1.0F : 0.0F; });
  }
  return {};
}

StoredTensor StoredTensor::from_floats(std::vector<std::int64_t> shape, const float* values) {
  StoredTensor tensor;
  tensor.shape = std::move(shape);
  tensor.bytes.resize(static_cast<std::size_t>(tensor.element_count()) * sizeof(float));
  if (!tensor.bytes.empty()) std::memcpy(tensor.bytes.data(), values, tensor.bytes.size());
  return tensor;
}

StoredTensor StoredTensor::from_bytes(std::vector<std::int64_t> shape,
                                      std::vector<std::uint8_t> values) {
  StoredTensor tensor{ElementType::u8, std::move(shape), std::move(values)};
  if (tensor.bytes.size() != static_cast<std::size_t>(tensor.element_count())) {
    throw Error(ErrorCode::invalid_argument, std::to_string(tensor.bytes.size()) +
                                                 " bytes do not make a tensor of " +
                                                 std::to_string(tensor.element_count()));
  }
  return tensor;
}

void add_tensor_views(TensorViews& views, const TensorTable& table, const std::string& prefix) {
  for (const auto& [name, tensor] : table) {
    views[prefix + name] =
        TensorView{tensor.type, tensor.shape, tensor.bytes.data(), tensor.bytes.size()};
  }
}

const StoredTensor& require_tensor(const TensorTable& table, const std::string& name,
                                   const std::string& origin) {
  const auto found = table.find(name);
  if (found == table.end()) {
    throw Error(ErrorCode::corrupt, "\"" + origin + "\" has no tensor \"" + name +
                                        "\": it belongs to something else or is incomplete");
  }
  return found->second;
}

std::string tensor_table_sha256(const TensorTable& table) {
  TensorViews views;
  add_tensor_views(views, table);
  return tensor_views_sha256(views);
}

std::string tensor_views_sha256(const TensorViews& views) {
  Sha256 sha256;
  for (const auto& [name, view] : views) {
    std::string label = name + '\0' + element_type_name(view.type) + '\0';
    for (const std::int64_t size : view.shape) label += std::to_string(size) + ',';
    label += '\0';
    sha256.add(label.data(), label.size());
    sha256.add(view.data, view.size);
  }
  return sha256.digest();
}

}  // namespace patchcore
