// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the conversion of stored tensors to floats and the identity of a set of tensors.
#include "core/weights/tensor_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

template <typename Value>
std::vector<float> converted(ElementType type, const std::vector<Value>& values) {
  StoredTensor tensor;
  tensor.type = type;
  tensor.shape = {static_cast<std::int64_t>(values.size())};
  tensor.bytes.resize(values.size() * sizeof(Value));
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor.to_floats();
}

StoredTensor small_tensor() {
  const float values[] = {1, 2, 3, 4, 5, 6};
  return StoredTensor::from_floats({2, 3}, values);
}

}  // namespace

TEST(StoredTensor, ConvertsEveryType) {
  const std::vector<float> expected = {0, 1, 100};
  EXPECT_EQ(converted<double>(ElementType::f64, {0, 1, 100}), expected);
  EXPECT_EQ(converted<float>(ElementType::f32, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::int64_t>(ElementType::i64, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::int32_t>(ElementType::i32, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::int16_t>(ElementType::i16, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::int8_t>(ElementType::i8, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::uint8_t>(ElementType::u8, {0, 1, 100}), expected);
  EXPECT_EQ(converted<std::uint8_t>(ElementType::boolean, {0, 1, 7}),
            (std::vector<float>{0, 1, 1}));
}

// The bit patterns of IEEE 754 half precision at its corners.
TEST(StoredTensor, ConvertsHalfPrecision) {
  const std::vector<float> values = converted<std::uint16_t>(
      ElementType::f16, {0x0000, 0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x3555, 0x7C00, 0xFC00});
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(values,
            (std::vector<float>{0, 1, -2, 65504, std::ldexp(1.0F, -14), std::ldexp(1.0F, -24),
                                0.333251953125F, infinity, -infinity}));
  EXPECT_TRUE(std::isnan(converted<std::uint16_t>(ElementType::f16, {0x7E00})[0]));
}

TEST(StoredTensor, ConvertsBfloat) {
  EXPECT_EQ(converted<std::uint16_t>(ElementType::bf16, {0x3F80, 0xC000, 0x4049}),
            (std::vector<float>{1, -2, 3.140625F}));
}

TEST(StoredTensor, RefusesBytesThatDoNotFitTheShape) {
  EXPECT_ERROR(StoredTensor::from_bytes({2, 2}, {1, 2, 3}), invalid_argument, "3 bytes");
  StoredTensor tensor = small_tensor();
  tensor.bytes.pop_back();
  EXPECT_ERROR(tensor.to_floats(), internal, "do not fit");
}

TEST(CheckedElementCount, SeesOverflowAndNegativeSizes) {
  EXPECT_EQ(checked_element_count({}), 1);
  EXPECT_EQ(checked_element_count({2, 0, 3}), 0);
  EXPECT_EQ(checked_element_count({1LL << 32, 1LL << 32}), std::nullopt);
  EXPECT_EQ(checked_element_count({-1}), std::nullopt);
}

TEST(RequireTensor, NamesTensorAndFile) {
  const TensorTable table = {{"a", small_tensor()}};
  EXPECT_EQ(require_tensor(table, "a", "f.pth").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_ERROR(require_tensor(table, "b", "f.pth"), corrupt, "\"f.pth\" has no tensor \"b\"");
}

// Computed with Python's hashlib over "a\0F32\0" "2,3,\0" and the six floats: the definition that
// docs/bank-file.md gives to other programs.
TEST(TensorTableSha256, IsTheDocumentedOne) {
  EXPECT_EQ(tensor_table_sha256({{"a", small_tensor()}}),
            "c452f00696772963230987070d3bbae1a50a74aba6a9571bc52210d297645f6c");
}

TEST(TensorTableSha256, ChangesWithNameTypeShapeAndBytes) {
  const std::string reference = tensor_table_sha256({{"a", small_tensor()}});
  EXPECT_NE(tensor_table_sha256({{"b", small_tensor()}}), reference);
  StoredTensor other_shape = small_tensor();
  other_shape.shape = {3, 2};
  EXPECT_NE(tensor_table_sha256({{"a", other_shape}}), reference);
  StoredTensor other_type = small_tensor();
  other_type.type = ElementType::i32;
  EXPECT_NE(tensor_table_sha256({{"a", other_type}}), reference);
  StoredTensor other_bytes = small_tensor();
  other_bytes.bytes.back() ^= 1;
  EXPECT_NE(tensor_table_sha256({{"a", other_bytes}}), reference);
}

TEST(AddTensorViews, PutsThePrefixBeforeEveryName) {
  const TensorTable table = {{"a", small_tensor()}};
  TensorViews views;
  add_tensor_views(views, table, "backbone.");
  ASSERT_EQ(views.count("backbone.a"), 1U);
  EXPECT_EQ(views["backbone.a"].data, table.at("a").bytes.data());
  EXPECT_EQ(views["backbone.a"].size, 24U);
}

}  // namespace patchcore
