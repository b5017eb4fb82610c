// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Files that faiss.write_index() writes of flat indices, which hold their vectors as they are.
#include "core/faiss_flat_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/regular_file.h"

namespace patchcore {
namespace {

/// The largest dimension that any index of ours could have; far beyond any bank.
constexpr std::uint64_t max_dimension = 1 << 20;

constexpr char flat_kind[] = {'I', 'x', 'F', '2'};
constexpr std::int32_t l2_metric = 1;

/// Values one after the other, little-endian and without padding.
class Reader {
 public:
  explicit Reader(const RegularFile& file) : file_(file) {}

  template <typename Value>
  Value next() {
    Value value;
    file_.read(position_, &value, sizeof(value));
    position_ += sizeof(value);
    return value;
  }

  std::uint64_t position() const { return position_; }

 private:
  const RegularFile& file_;
  std::uint64_t position_ = 0;
};

[[noreturn]] void fail(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::corrupt,
              "\"" + path + "\" is a faulty FAISS index: " + problem + "; copy or save it again");
}

void require_flat(Reader& reader, const std::string& path) {
  char kind[4];
  for (char& letter : kind) letter = reader.next<char>();
  if (std::memcmp(kind, flat_kind, sizeof(kind)) == 0) return;
  const std::string name(kind, sizeof(kind));
  const bool is_index = name[0] == 'I' && std::all_of(name.begin(), name.end(),
                                                      [](char c) { return c > ' ' && c < 127; });
  throw Error(ErrorCode::unsupported_file,
              is_index ? "\"" + path + "\" is a FAISS index of the kind \"" + name +
                             "\", not a flat one with L2 distances (\"IxF2\"): what it holds is "
                             "compressed or compared differently; save the features in an "
                             "IndexFlatL2"
                       : "\"" + path + "\" is no FAISS index");
}

}  // namespace

PatchMatrix read_faiss_flat_file(const std::string& path) {
  const RegularFile file(path);
  Reader reader(file);
  require_flat(reader, path);
  const auto dimension = reader.next<std::int32_t>();
  const auto count = reader.next<std::int64_t>();
  reader.next<std::int64_t>();  // two that FAISS no longer uses
  reader.next<std::int64_t>();
  const bool is_trained = reader.next<std::uint8_t>() != 0;
  const auto metric = reader.next<std::int32_t>();
  if (metric != l2_metric) {
    throw Error(ErrorCode::unsupported_file, "\"" + path + "\" is a FAISS index with metric " +
                                                 std::to_string(metric) +
                                                 ", not L2: save the features in an IndexFlatL2");
  }
  const auto values = reader.next<std::uint64_t>();
  const std::uint64_t left = file.size() - reader.position();
  if (!is_trained || dimension < 1 || static_cast<std::uint64_t>(dimension) > max_dimension) {
    fail(path, "it has " + std::to_string(dimension) + " dimensions");
  }
  if (count < 1) fail(path, "it holds " + std::to_string(count) + " vectors");
  if (values > left / sizeof(float) || values * sizeof(float) != left) {
    fail(path, "it should hold " + std::to_string(values) + " values, and has " +
                   std::to_string(left) + " bytes");
  }
  if (values % static_cast<std::uint64_t>(dimension) != 0 ||
      values / static_cast<std::uint64_t>(dimension) != static_cast<std::uint64_t>(count)) {
    fail(path, std::to_string(count) + " vectors of " + std::to_string(dimension) +
                   " dimensions are not " + std::to_string(values) + " values");
  }
  require_memory(left, path);
  try {
    PatchMatrix vectors{static_cast<std::size_t>(count), static_cast<std::size_t>(dimension),
                        std::vector<float>(values)};
    file.read(reader.position(), vectors.values.data(), left);
    if (!std::all_of(vectors.values.begin(), vectors.values.end(),
                     [](float value) { return std::isfinite(value); })) {
      fail(path, "a value is not finite");
    }
    return vectors;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory for the vectors of \"" + path + "\"");
  }
}

void write_faiss_flat_file(const std::string& path, const PatchMatrix& vectors) {
  AtomicFile file(path);
  const auto write = [&](auto value) { file.write(&value, sizeof(value)); };
  file.write(flat_kind, sizeof(flat_kind));
  write(static_cast<std::int32_t>(vectors.columns));
  write(static_cast<std::int64_t>(vectors.rows));
  // Two that FAISS no longer uses, as it writes them.
  write(std::int64_t{1} << 20);
  write(std::int64_t{1} << 20);
  write(std::uint8_t{1});  // trained
  write(l2_metric);
  write(static_cast<std::uint64_t>(vectors.values.size()));
  file.write(vectors.values.data(), vectors.values.size() * sizeof(float));
  file.commit();
}

}  // namespace patchcore
