// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects reading of safetensors files that others wrote, faulty ones included, and of our own.
#include "core/weights/safetensors.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/shared_files.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

class SafetensorsFile : public testing::Test {
 protected:
  static std::string with_length(const std::string& header, const std::string& data) {
    const std::uint64_t size = header.size();
    std::string text(reinterpret_cast<const char*>(&size), sizeof(size));
    return text + header + data;
  }

  static Safetensors small() {
    Safetensors content;
    content.metadata["note"] = "small";
    const float values[] = {1.5F, -2, 3, 4, 5, 6};
    content.tensors["matrix"] = StoredTensor::from_floats({2, 3}, values);
    content.tensors["bytes"] = StoredTensor::from_bytes({3}, {7, 8, 9});
    content.tensors["count"] = {ElementType::i64, {}, {1, 0, 0, 0, 0, 0, 0, 0}};
    content.tensors["nothing"] = StoredTensor::from_bytes({0}, {});
    return content;
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "f.safetensors";
};

}  // namespace

TEST_F(SafetensorsFile, ReadsWhatItWrites) {
  write_safetensors(path_, small());
  const Safetensors content = read_safetensors(path_);
  EXPECT_EQ(content.metadata, small().metadata);
  ASSERT_EQ(content.tensors.size(), 4U);
  for (const auto& [name, tensor] : small().tensors) {
    const StoredTensor& again = content.tensors.at(name);
    EXPECT_EQ(again.type, tensor.type);
    EXPECT_EQ(again.shape, tensor.shape);
    EXPECT_EQ(again.bytes, tensor.bytes);
  }
}

// Readers that map the file need every tensor aligned to its elements.
TEST_F(SafetensorsFile, AlignsWhatItWrites) {
  write_safetensors(path_, small());
  const std::string text = test::read_whole_file(path_);
  const float first = 1.5F;
  const std::size_t position =
      text.find(std::string(reinterpret_cast<const char*>(&first), sizeof(first)));
  ASSERT_NE(position, std::string::npos);
  EXPECT_EQ(position % sizeof(float), 0U);
}

TEST_F(SafetensorsFile, ReadsFilesOfTheReferenceLibrary) {
  PATCHCORE_SHARED_FILE_OR_SKIP(golden, "golden/coreset.safetensors");
  const Safetensors content = read_safetensors(golden);
  EXPECT_FALSE(content.metadata.empty());
  EXPECT_FALSE(content.tensors.empty());
  for (const auto& [name, tensor] : content.tensors) {
    EXPECT_EQ(tensor.to_floats().size(), static_cast<std::size_t>(tensor.element_count())) << name;
  }
}

TEST_F(SafetensorsFile, SaysWhatIsNotThere) {
  EXPECT_ERROR(read_safetensors(path_), not_found, path_);
  EXPECT_ERROR(read_safetensors(folder_.path()), read_failed, "a folder");
}

// Neither may be waited for or read to an end that never comes.
TEST_F(SafetensorsFile, RefusesPipesAndDevices) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_ERROR(read_safetensors(path_), read_failed, "no regular file");
  EXPECT_ERROR(read_safetensors("/dev/zero"), read_failed, "no regular file");
}

TEST_F(SafetensorsFile, RefusesOtherContent) {
  for (const std::string& text :
       {std::string(), std::string("abc"), std::string("12345678"), std::string("<html></html>"),
        std::string(100, '\0'), std::string(100, '\xff'), with_length("[]", ""),
        with_length(" {}", "")}) {
    test::write_whole_file(path_, text);
    EXPECT_ERROR(read_safetensors(path_), corrupt, "no safetensors file");
  }
}

TEST_F(SafetensorsFile, RefusesAHeaderBeyondTheLimit) {
  const std::uint64_t size = 100'000'001;
  test::write_whole_file(path_, std::string(reinterpret_cast<const char*>(&size), 8) + "{}");
  std::filesystem::resize_file(path_, size + 8);
  EXPECT_ERROR(read_safetensors(path_), corrupt, "length of its header");
}

// A sparse file costs nothing on disk, and must not cost its size in memory.
TEST_F(SafetensorsFile, RefusesTensorsBeyondTheMemory) {
  const std::uint64_t size = 1ULL << 42;
  const std::string header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + std::to_string(size) +
                             "],\"data_offsets\":[0," + std::to_string(size) + "]}}";
  test::write_whole_file(path_, with_length(header, ""));
  std::error_code error;
  std::filesystem::resize_file(path_, 8 + header.size() + size, error);
  if (error) GTEST_SKIP() << "this file system has no files of 4 TB";
  EXPECT_ERROR(read_safetensors(path_), no_space, "more than this machine has");
}

TEST_F(SafetensorsFile, RefusesEveryTruncation) {
  write_safetensors(path_, small());
  const std::string whole = test::read_whole_file(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::write_whole_file(path_, whole.substr(0, size));
    EXPECT_ERROR(read_safetensors(path_), corrupt, path_);
  }
}

// Alterations may give another valid file; anything but that or an Error is a fault.
TEST_F(SafetensorsFile, SurvivesEveryAlteration) {
  write_safetensors(path_, small());
  const std::string whole = test::read_whole_file(path_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bits : {0x01, 0x08, 0x80, 0xff}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ bits);
      test::write_whole_file(path_, altered);
      try {
        read_safetensors(path_);
      } catch (const Error&) {
      }
    }
  }
}

}  // namespace patchcore
