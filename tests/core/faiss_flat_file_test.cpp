// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of FAISS's flat indices: the vectors that FAISS wrote, and an error for
// every file that contradicts itself.
#include "core/faiss_flat_file.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

constexpr int dimension = 6;
constexpr int count = 4;

// Where the numbers lie in the file.
constexpr std::size_t at_dimension = 4;
constexpr std::size_t at_count = 8;
constexpr std::size_t at_trained = 32;
constexpr std::size_t at_metric = 33;
constexpr std::size_t at_values = 37;
constexpr std::size_t at_data = 45;

class FaissFlatFile : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < count * dimension; ++i)
      vectors_.push_back(std::sqrt(static_cast<float>(i)));
    faiss::IndexFlatL2 index(dimension);
    index.add(count, vectors_.data());
    faiss::write_index(&index, path_.c_str());
    std::ifstream file(path_, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }

  PatchMatrix read(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return read_faiss_flat_file(path_);
  }

  template <typename Value>
  std::string with(std::size_t position, Value value) const {
    std::string bytes = bytes_;
    std::memcpy(&bytes[position], &value, sizeof(value));
    return bytes;
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/nnscorer_search_index.faiss";
  std::vector<float> vectors_;
  std::string bytes_;
};

}  // namespace

TEST_F(FaissFlatFile, HoldsWhatFaissWrote) {
  const PatchMatrix read = read_faiss_flat_file(path_);
  EXPECT_EQ(read.rows, static_cast<std::size_t>(count));
  EXPECT_EQ(read.columns, static_cast<std::size_t>(dimension));
  EXPECT_EQ(read.values, vectors_);
}

TEST_F(FaissFlatFile, OtherIndicesAreRefused) {
  faiss::IndexFlatIP products(dimension);
  products.add(count, vectors_.data());
  faiss::write_index(&products, path_.c_str());
  EXPECT_ERROR(read_faiss_flat_file(path_), unsupported_file, "kind \"IxFI\"");

  faiss::IndexHNSWFlat graph(dimension, 4);
  graph.add(count, vectors_.data());
  faiss::write_index(&graph, path_.c_str());
  EXPECT_ERROR(read_faiss_flat_file(path_), unsupported_file,
               "save the features in an IndexFlatL2");

  EXPECT_ERROR(read("this is no index at all, but a text"), unsupported_file, "is no FAISS index");
}

TEST_F(FaissFlatFile, SizesMustAgree) {
  EXPECT_ERROR(read(with(at_dimension, std::int32_t{0})), corrupt, "0 dimensions");
  EXPECT_ERROR(read(with(at_dimension, std::int32_t{-6})), corrupt, "-6 dimensions");
  EXPECT_ERROR(read(with(at_dimension, std::int32_t{5})), corrupt, "are not 24 values");
  EXPECT_ERROR(read(with(at_dimension, std::int32_t{INT32_MAX})), corrupt, "dimensions");
  EXPECT_ERROR(read(with(at_count, std::int64_t{0})), corrupt, "0 vectors");
  EXPECT_ERROR(read(with(at_count, std::int64_t{-1})), corrupt, "-1 vectors");
  EXPECT_ERROR(read(with(at_count, std::int64_t{INT64_MAX})), corrupt, "are not 24 values");
  EXPECT_ERROR(read(with(at_trained, std::uint8_t{0})), corrupt, "faulty FAISS index");
  EXPECT_ERROR(read(with(at_metric, std::int32_t{0})), unsupported_file, "metric 0");
  EXPECT_ERROR(read(with(at_values, std::uint64_t{23})), corrupt, "it should hold 23 values");
  EXPECT_ERROR(read(with(at_values, UINT64_MAX / 4 + 7)), corrupt, "it should hold");
  EXPECT_ERROR(read(bytes_ + "x"), corrupt, "97 bytes");
}

TEST_F(FaissFlatFile, ValuesMustBeFinite) {
  EXPECT_ERROR(read(with(at_data, std::nanf(""))), corrupt, "not finite");
  EXPECT_ERROR(read(with(at_data + 4, HUGE_VALF)), corrupt, "not finite");
}

TEST_F(FaissFlatFile, EveryTruncationIsAnError) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_ERROR(read(bytes_.substr(0, size)), corrupt, path_);
  }
  EXPECT_ERROR(read_faiss_flat_file(folder_.path() + "/none"), not_found, "none");
}

TEST_F(FaissFlatFile, IsWrittenAsFaissWritesIt) {
  PatchMatrix vectors{count, dimension, vectors_};
  write_faiss_flat_file(folder_ / "ours.faiss", vectors);
  EXPECT_EQ(test::read_whole_file(folder_ / "ours.faiss"), bytes_);
  EXPECT_EQ(read_faiss_flat_file(folder_ / "ours.faiss").values, vectors_);
}

TEST_F(FaissFlatFile, IsWrittenWholeOrNotAtAll) {
  EXPECT_ERROR(write_faiss_flat_file(folder_ / "none/a.faiss", PatchMatrix{1, 1, {1}}), not_found,
               "none");
}

}  // namespace patchcore
