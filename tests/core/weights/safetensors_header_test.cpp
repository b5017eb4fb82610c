// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the checks of safetensors headers: nothing that a header claims is believed.
#include "core/weights/safetensors_header.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

SafetensorsHeader parse(const std::string& json, std::uint64_t data_size) {
  return parse_safetensors_header(json, data_size, "f.safetensors");
}

}  // namespace

TEST(SafetensorsHeader, ReadsTensorsAndMetadataInAnyOrder) {
  const SafetensorsHeader header =
      parse(R"({"b":{"shape":[2],"data_offsets":[4,12],"dtype":"F32"},"__metadata__":{"k":"v"},)"
            R"("a":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}})",
            12);
  EXPECT_EQ(header.metadata.at("k"), "v");
  ASSERT_EQ(header.entries.size(), 2U);
  EXPECT_EQ(header.entries[0].name, "a");
  EXPECT_EQ(header.entries[0].type, ElementType::u8);
  EXPECT_EQ(header.entries[1].name, "b");
  EXPECT_EQ(header.entries[1].shape, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(header.entries[1].begin, 4U);
}

TEST(SafetensorsHeader, ReadsNoTensorsScalarsAndEmptyTensors) {
  EXPECT_TRUE(parse("{}", 0).entries.empty());
  EXPECT_EQ(parse(R"({"s":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
                  R"("e":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}})",
                  8)
                .entries.size(),
            2U);
}

TEST(SafetensorsHeader, ReadsWhatItWrites) {
  SafetensorsHeader header;
  header.metadata["patchcore"] = "{\"a\": \"\\\"\"}";
  header.entries.push_back({"x \"quoted\"", ElementType::f16, {1, 3}, 0, 6});
  const std::string text = format_safetensors_header(header);
  EXPECT_EQ(text.size() % 8, 0U);
  const SafetensorsHeader again = parse(text, 6);
  EXPECT_EQ(again.metadata, header.metadata);
  ASSERT_EQ(again.entries.size(), 1U);
  EXPECT_EQ(again.entries[0].name, header.entries[0].name);
  EXPECT_EQ(again.entries[0].shape, header.entries[0].shape);
}

TEST(SafetensorsHeader, RefusesToWriteNamesThatAreNotUtf8) {
  SafetensorsHeader header;
  header.entries.push_back({"\xff", ElementType::u8, {1}, 0, 1});
  EXPECT_ERROR(format_safetensors_header(header), invalid_argument, "UTF-8");
}

struct FaultyHeader {
  const char* json;
  std::uint64_t data_size;
  ErrorCode code;
  const char* part;  ///< of the message
};

class FaultySafetensorsHeader : public testing::TestWithParam<FaultyHeader> {};

TEST_P(FaultySafetensorsHeader, IsRefusedWithItsReason) {
  const FaultyHeader& faulty = GetParam();
  try {
    parse(faulty.json, faulty.data_size);
    ADD_FAILURE() << "accepted: " << faulty.json;
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(faulty.code)) << error.what();
    EXPECT_NE(std::string(error.what()).find(faulty.part), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("f.safetensors"), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Faults, FaultySafetensorsHeader,
    testing::Values(
        FaultyHeader{"", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{"    ", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{"{", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{"{}\n", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{" {}", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{"[]", 0, ErrorCode::corrupt, "no JSON object"},
        FaultyHeader{"{} x}", 0, ErrorCode::corrupt, "not JSON"},
        FaultyHeader{"{]}", 0, ErrorCode::corrupt, "not JSON"},
        FaultyHeader{"{\"a\":[[[[[[}", 0, ErrorCode::corrupt, "an array"},
        FaultyHeader{"{\"a\":null}", 0, ErrorCode::corrupt, "null"},
        FaultyHeader{"{\"\xff\":{}}", 0, ErrorCode::corrupt, "not JSON"},
        FaultyHeader{R"({"a":1})", 0, ErrorCode::corrupt, "a number"},
        FaultyHeader{R"({"a":{}})", 0, ErrorCode::corrupt, "\"a\" lacks"},
        FaultyHeader{R"({"a":{"a":{}}})", 0, ErrorCode::corrupt, "unknown key"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1]}})", 4, ErrorCode::corrupt, "lacks"},
        FaultyHeader{R"({"a":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[0,1]}})", 1,
                     ErrorCode::unsupported_file, "\"a\" has the element type \"F8_E5M2\""},
        FaultyHeader{R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4, ErrorCode::corrupt,
                     "a number as \"dtype\""},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}})", 4,
                     ErrorCode::corrupt, "a string as \"shape\""},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4,
                     ErrorCode::corrupt, "\"a\" has a negative number"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4,
                     ErrorCode::corrupt, "not whole"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})",
                     4, ErrorCode::corrupt, "impossible shape"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}})",
                     4, ErrorCode::corrupt, "too large"},
        FaultyHeader{
            R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0,
            ErrorCode::corrupt, "impossible shape"},
        FaultyHeader{R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})",
                     0, ErrorCode::corrupt, "impossible shape"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4,
                     ErrorCode::corrupt, "its shape needs 8"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4,
                     ErrorCode::corrupt, "outside"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4,
                     ErrorCode::corrupt, "outside"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4,
                     ErrorCode::corrupt, "two data offsets"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", 4,
                     ErrorCode::corrupt, "a number"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8,
                     ErrorCode::corrupt, "\"a\" starts at 4"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8,
                     ErrorCode::corrupt, "has 8 bytes of data"},
        FaultyHeader{R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                     R"("b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
                     4, ErrorCode::corrupt, "starts at 0, expected at 4"},
        FaultyHeader{R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                     R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                     2, ErrorCode::corrupt, "\"a\" comes twice"},
        FaultyHeader{R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1,
                     ErrorCode::corrupt, "\"dtype\" twice"},
        FaultyHeader{R"({"__metadata__":{"k":"1","k":"2"}})", 0, ErrorCode::corrupt, "twice"},
        FaultyHeader{R"({"__metadata__":{"k":1}})", 0, ErrorCode::corrupt, "a number"},
        FaultyHeader{R"({"__metadata__":{"k":{}}})", 0, ErrorCode::corrupt, "an object"}));

TEST(SafetensorsHeader, RefusesEndlessShapes) {
  std::string shape = "1";
  for (int i = 0; i < 1000; ++i) shape += ",1";
  EXPECT_ERROR(parse("{\"a\":{\"shape\":[" + shape + "]}}", 0), corrupt, "too many dimensions");
}

}  // namespace patchcore
