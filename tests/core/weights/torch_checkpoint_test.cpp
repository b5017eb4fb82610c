// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects reading of checkpoints in both forms, hostile and damaged ones included.
#include "core/weights/torch_checkpoint.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

namespace pickle = test::pickle;

using Entries = std::vector<std::pair<std::string, std::string>>;

class TorchCheckpoint : public testing::Test {
 protected:
  /// Two tensors in one storage, one transposed, and one of integers in another.
  static std::string small_object(const std::string& view = "") {
    const std::string shared = pickle::storage("FloatStorage", "0", 6, view);
    return pickle::ordered_dictionary(
        {{"conv.weight", pickle::tensor(shared, 0, {2, 3}, {3, 1})},
         {"conv.transposed", pickle::tensor(shared, 0, {3, 2}, {1, 3})},
         {"bn.num_batches_tracked",
          pickle::tensor(pickle::storage("LongStorage", "1", 1, view), 0, {}, {})},
         {"epoch", "K\x07"}});
  }

  static std::string small_old() {
    return test::old_checkpoint(small_object("N"), {{"0", 6, floats_}, {"1", 1, integer_}});
  }

  static Entries small_entries() {
    return {{"archive/data.pkl", pickle::whole(small_object())},
            {"archive/byteorder", "little"},
            {"archive/data/0", floats_},
            {"archive/data/1", integer_},
            {"archive/version", "3\n"}};
  }

  void write_old(const std::string& object, const std::vector<test::OldStorage>& storages) {
    test::write_whole_file(path_, test::old_checkpoint(object, storages));
  }

  void expect_small() {
    const TensorTable table = read_torch_checkpoint(path_);
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table.at("conv.weight").shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(table.at("conv.weight").to_floats(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(table.at("conv.transposed").to_floats(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(table.at("bn.num_batches_tracked").type, ElementType::i64);
    EXPECT_EQ(table.at("bn.num_batches_tracked").to_floats(), (std::vector<float>{9}));
  }

  /// Reads @p bytes as a file; anything but success or an Error fails the test or the process.
  void expect_survives(const std::string& bytes) {
    test::write_whole_file(path_, bytes);
    try {
      read_torch_checkpoint(path_);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
  }

  void expect_survives_alterations(const std::string& whole) {
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const int bits : {0x01, 0x20, 0xff}) {
        std::string altered = whole;
        altered[i] = static_cast<char>(altered[i] ^ bits);
        expect_survives(altered);
      }
    }
  }

  static inline const std::string floats_ = test::bytes_of({1, 2, 3, 4, 5, 6});
  static inline const std::string integer_ = std::string("\x09\0\0\0\0\0\0\0", 8);
  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "f.pth";
};

}  // namespace

TEST_F(TorchCheckpoint, ReadsTheOldForm) {
  test::write_whole_file(path_, small_old());
  expect_small();
}

TEST_F(TorchCheckpoint, ReadsTheZipForm) {
  test::write_zip(path_, small_entries());
  expect_small();
}

// A training checkpoint has an optimizer's tensors between those that are wanted.
TEST_F(TorchCheckpoint, SkipsStoragesThatAreNotWanted) {
  const std::string unwanted =
      pickle::tensor(pickle::storage("DoubleStorage", "9", 2, "N"), 0, {2}, {1});
  const std::string object = pickle::ordered_dictionary(
      {{"optimizer", pickle::list({unwanted})}, {"state_dict", small_object("N")}});
  write_old(object, {{"9", 2, std::string(16, 'x')}, {"0", 6, floats_}, {"1", 1, integer_}});
  expect_small();
}

TEST_F(TorchCheckpoint, RefusesEveryTruncation) {
  const std::string old_form = small_old();
  test::write_zip(path_, small_entries());
  const std::string zip_form = test::read_whole_file(path_);
  for (const std::string& whole : {old_form, zip_form}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      test::write_whole_file(path_, whole.substr(0, size));
      EXPECT_THROW(read_torch_checkpoint(path_), Error) << size;
    }
  }
}

TEST_F(TorchCheckpoint, SurvivesEveryAlterationOfTheOldForm) {
  expect_survives_alterations(small_old());
}

TEST_F(TorchCheckpoint, SurvivesEveryAlterationOfTheZipForm) {
  test::write_zip(path_, small_entries());
  expect_survives_alterations(test::read_whole_file(path_));
}

TEST_F(TorchCheckpoint, ExecutesNothing) {
  const std::string trace = folder_ / "trace";
  const std::string object = pickle::call(pickle::global("posix", "system"),
                                          pickle::tuple({pickle::text("touch " + trace)}));
  write_old(object, {});
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "posix.system");
  test::write_zip(path_, {{"archive/data.pkl", pickle::whole(object)}});
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "posix.system");
  EXPECT_THROW(test::read_whole_file(trace), std::runtime_error);
}

TEST_F(TorchCheckpoint, RefusesStoragesThatAreNotAsTheySay) {
  const std::string object = small_object("N");
  write_old(object, {{"0", 5, floats_.substr(4)}, {"1", 1, integer_}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "another size");
  write_old(object, {{"0", INT64_MAX, floats_}, {"1", 1, integer_}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "beyond the end");
  write_old(object, {{"0", -1, floats_}, {"1", 1, integer_}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "beyond the end");
  write_old(object, {{"0", 6, floats_}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "\"bn.num_batches_tracked\" is missing");
  write_old(object, {{"0", 6, floats_}, {"7", 1, integer_}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "nothing refers to");

  Entries entries = small_entries();
  entries[2].second += "1234";
  test::write_zip(path_, entries);
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "another size");
  entries.erase(entries.begin() + 2);
  test::write_zip(path_, entries);
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "\"conv.transposed\" is missing");
}

TEST_F(TorchCheckpoint, RefusesAStorageOfTwoTypes) {
  const auto tensor = [](const std::string& type) {
    return pickle::tensor(pickle::storage(type, "0", 2, "N"), 0, {2}, {1});
  };
  const std::string object =
      pickle::ordered_dictionary({{"a", tensor("FloatStorage")}, {"b", tensor("DoubleStorage")}});
  write_old(object, {{"0", 2, std::string(8, 'x')}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "two types");
  test::write_zip(path_, {{"a/data.pkl", pickle::whole(object)}, {"a/data/0", "12345678"}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "another size");
}

// A hundred names for one storage are no more work than the file's size allows.
TEST_F(TorchCheckpoint, LimitsWhatSharedStoragesGrowTo) {
  std::vector<std::pair<std::string, std::string>> items;
  for (int i = 0; i < 100; ++i) {
    items.emplace_back(
        "t" + std::to_string(i),
        pickle::tensor(pickle::storage("FloatStorage", "0", 100'000, "N"), 0, {100'000}, {1}));
  }
  write_old(pickle::ordered_dictionary(items), {{"0", 100'000, std::string(400'000, '\0')}});
  EXPECT_ERROR(read_torch_checkpoint(path_), corrupt, "larger than the file");
}

TEST_F(TorchCheckpoint, RefusesBigEndianArchives) {
  Entries entries = small_entries();
  entries[1].second = "big";
  test::write_zip(path_, entries);
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "big-endian");
}

TEST_F(TorchCheckpoint, SaysWhatElseAnArchiveIs) {
  test::write_zip(path_, {{"readme.txt", "hello"}, {"data.pkl", ""}, {"a/b/data.pkl", ""}});
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "no data.pkl");
  test::write_zip(path_, {{"net/data.pkl", ""}, {"net/constants.pkl", ""}});
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "TorchScript");
  test::write_zip(path_, small_entries(), true);
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "compressed");
}

TEST_F(TorchCheckpoint, SaysWhatElseAPickleIs) {
  test::write_whole_file(path_, pickle::whole("N"));
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "no PyTorch checkpoint");
  std::string other_version = small_old();
  other_version.replace(other_version.find(pickle::integer(1001)), 5, pickle::integer(1002));
  test::write_whole_file(path_, other_version);
  EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file, "another version");
}

TEST_F(TorchCheckpoint, RefusesOtherFiles) {
  EXPECT_ERROR(read_torch_checkpoint(path_), not_found, path_);
  EXPECT_ERROR(read_torch_checkpoint(folder_.path()), read_failed, "a folder");
  EXPECT_ERROR(read_torch_checkpoint("/dev/zero"), read_failed, "no regular file");
  for (const char* content : {"", "P", "some text"}) {
    test::write_whole_file(path_, content);
    EXPECT_ERROR(read_torch_checkpoint(path_), unsupported_file,
                 "neither a zip archive nor a pickle");
  }
}

}  // namespace patchcore
