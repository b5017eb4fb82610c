// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects memory banks: what is saved comes back, and no altered byte goes unseen.
#include "core/bank_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>

#include "core/bank_settings.h"
#include "core/weights/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/small_bank.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

class BankFileTest : public testing::Test {
 protected:
  /// Writes a bank whose tensors were changed by @p change, with checksums that are right.
  void write_changed(const std::function<void(TensorTable&)>& change) {
    const BankFile bank = test::small_bank();
    write_bank_file(path_, bank);
    Safetensors file = read_safetensors(path_);
    change(file.tensors);
    file.metadata["patchcore"] = format_bank_settings(bank, tensor_table_sha256(file.tensors));
    write_safetensors(path_, file);
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "bank.safetensors";
};

}  // namespace

TEST_F(BankFileTest, ReadsWhatItWrites) {
  const BankFile bank = test::small_bank();
  write_bank_file(path_, bank);
  const BankFile again = read_bank_file(path_);
  EXPECT_EQ(again.bank.rows, 5U);
  EXPECT_EQ(again.bank.columns, 4U);
  EXPECT_EQ(again.bank.values, bank.bank.values);
  EXPECT_EQ(again.search.mean, bank.search.mean);
  EXPECT_EQ(again.search.directions.rows, 2U);
  EXPECT_EQ(again.search.directions.values, bank.search.directions.values);
  EXPECT_EQ(again.calibration.scores, bank.calibration.scores);
  EXPECT_EQ(again.held_out.patches.rows, 2U);
  EXPECT_EQ(again.held_out.patches.values, bank.held_out.patches.values);
  EXPECT_EQ(again.held_out.distances, bank.held_out.distances);
  EXPECT_EQ(again.held_out.frames, bank.held_out.frames);
  EXPECT_EQ(tensor_table_sha256(again.backbone_weights), bank.weights_sha256);
  EXPECT_EQ(again.weights_sha256, bank.weights_sha256);
  EXPECT_EQ(again.self_test.height, 2);
  EXPECT_EQ(again.self_test.width, 3);
  EXPECT_EQ(again.self_test.rgb, bank.self_test.rgb);
  EXPECT_EQ(again.self_test.score, bank.self_test.score);
  EXPECT_TRUE(again.area.region == bank.area.region);
  EXPECT_EQ(again.area.mask->size(), (Size{3, 2}));
  EXPECT_EQ(again.area.mask->pixels(), bank.area.mask->pixels());
  EXPECT_EQ(format_bank_settings(again, ""), format_bank_settings(bank, ""));
}

TEST_F(BankFileTest, MayLackWeightsAndSelfTest) {
  BankFile bank = test::small_bank();
  bank.backbone_weights.clear();
  bank.self_test = SelfTest();
  write_bank_file(path_, bank);
  const BankFile again = read_bank_file(path_);
  EXPECT_TRUE(again.backbone_weights.empty());
  EXPECT_TRUE(again.self_test.rgb.empty());
  EXPECT_EQ(again.weights_sha256, bank.weights_sha256);
}

// So do files of format 1.1 and before.
TEST_F(BankFileTest, MayLackAMask) {
  BankFile bank = test::small_bank();
  bank.area = {};
  write_bank_file(path_, bank);
  const BankFile again = read_bank_file(path_);
  EXPECT_EQ(again.area.mask, nullptr);
  EXPECT_TRUE(is_whole_frame(again.area.region));
}

// Files of format 1.0 have none.
TEST_F(BankFileTest, MayLackPrincipalDirections) {
  BankFile bank = test::small_bank();
  bank.search = {};
  write_bank_file(path_, bank);
  EXPECT_EQ(read_bank_file(path_).search.directions.rows, 0U);
}

// Files of format 1.4 and before have none.
TEST_F(BankFileTest, MayLackPatchesOfHeldOutFrames) {
  BankFile bank = test::small_bank();
  bank.held_out = {};
  write_bank_file(path_, bank);
  EXPECT_EQ(read_bank_file(path_).held_out.patches.rows, 0U);
}

// What a newer minor version adds must not keep this one from reading the rest.
TEST_F(BankFileTest, PassesOverTensorsItDoesNotKnow) {
  write_changed([](TensorTable& tensors) {
    tensors["search.norms"] = StoredTensor::from_bytes({2}, {1, 2});
    tensors["zzz"] = StoredTensor::from_bytes({1}, {1});
  });
  EXPECT_EQ(read_bank_file(path_).bank.rows, 5U);
}

TEST_F(BankFileTest, RefusesEveryTruncation) {
  write_bank_file(path_, test::small_bank());
  const std::string whole = test::read_whole_file(path_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    test::write_whole_file(path_, whole.substr(0, size));
    EXPECT_ERROR(read_bank_file(path_), corrupt, path_);
  }
  test::write_whole_file(path_, whole + '\0');
  EXPECT_ERROR(read_bank_file(path_), corrupt, path_);
}

// Bits flipped, and characters that JSON takes for the same: header, settings, tensors, all.
TEST_F(BankFileTest, RefusesEveryAlteredByte) {
  write_bank_file(path_, test::small_bank());
  const std::string whole = test::read_whole_file(path_);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int value : {whole[i] ^ 0x01, whole[i] ^ 0x20, whole[i] ^ 0x80, int{'\t'}, int{' '},
                            int{'0'}, int{'/'}}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(value);
      if (altered == whole) continue;
      test::write_whole_file(path_, altered);
      try {
        read_bank_file(path_);
        ADD_FAILURE() << "byte " << i << " became " << value << ": nothing is thrown";
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
      }
    }
  }
}

// Not as an altered file, which it is to this version: people have to learn what to do.
TEST_F(BankFileTest, TellsAnotherMajorVersionFromAnAlteredFile) {
  write_bank_file(path_, test::small_bank());
  std::string text = test::read_whole_file(path_);
  const std::string before = R"(\"format_version\":\"1.5\")";
  const std::size_t position = text.find(before);
  ASSERT_NE(position, std::string::npos);
  text.replace(position, before.size(), R"(\"format_version\":\"3.0\")");
  test::write_whole_file(path_, text);
  EXPECT_ERROR(read_bank_file(path_), unsupported_file, path_ + "\" has format version 3.0");
}

TEST_F(BankFileTest, RefusesOtherFiles) {
  EXPECT_ERROR(read_bank_file(path_), not_found, path_);
  EXPECT_ERROR(read_bank_file(folder_.path()), read_failed, "a folder");
  test::write_whole_file(path_, "a text, and a rather long one");
  EXPECT_ERROR(read_bank_file(path_), corrupt, "no safetensors file");
  write_safetensors(path_, Safetensors());
  EXPECT_ERROR(read_bank_file(path_), unsupported_file, "no memory bank");
}

// Right checksums do not make a bank right: others can write files too.
TEST_F(BankFileTest, RefusesTensorsThatDoNotFit) {
  const std::vector<std::function<void(TensorTable&)>> changes = {
      [](TensorTable& tensors) { tensors.erase("bank"); },
      [](TensorTable& tensors) { tensors.erase("calibration.scores"); },
      [](TensorTable& tensors) { tensors.erase("calibration.patches"); },
      [](TensorTable& tensors) { tensors.erase("calibration.patch_distances"); },
      [](TensorTable& tensors) { tensors.erase("calibration.patch_frames"); },
      [](TensorTable& tensors) {
        tensors["calibration.patches"].shape = {4, 2};
      },
      [](TensorTable& tensors) {
        const float distances[] = {1, 2, 3, 4};
        tensors["calibration.patch_distances"] = StoredTensor::from_floats({2, 2}, distances);
      },
      [](TensorTable& tensors) {
        tensors["calibration.patch_distances"].shape = {1, 2};
      },
      [](TensorTable& tensors) {
        tensors["calibration.patches"] = StoredTensor::from_floats({INT64_MAX, 0}, nullptr);
      },
      // A mean that nobody would check.
      [](TensorTable& tensors) {
        tensors["search.directions"] = StoredTensor::from_floats({0, 4}, nullptr);
      },
      [](TensorTable& tensors) {
        const std::int64_t frame = 3;
        std::memcpy(tensors["calibration.patch_frames"].bytes.data(), &frame, sizeof(frame));
      },
      [](TensorTable& tensors) { tensors.erase("selftest.rgb"); },
      [](TensorTable& tensors) { tensors.erase("selftest.score"); },
      [](TensorTable& tensors) { tensors.erase("search.mean"); },
      [](TensorTable& tensors) { tensors.erase("search.directions"); },
      [](TensorTable& tensors) {
        tensors["search.directions"].shape = {4, 2};
      },
      // Only orthonormal directions bound distances.
      [](TensorTable& tensors) {
        const float two = 2;
        std::memcpy(tensors["search.directions"].bytes.data(), &two, sizeof(two));
      },
      [](TensorTable& tensors) { tensors["bank"].shape = {20}; },
      [](TensorTable& tensors) {
        tensors["bank"].shape = {10, 2};
      },
      [](TensorTable& tensors) { tensors["bank"].type = ElementType::i32; },
      [](TensorTable& tensors) {
        tensors["bank"] = StoredTensor::from_floats({0, 4}, nullptr);
      },
      [](TensorTable& tensors) {
        const float infinity = std::numeric_limits<float>::infinity();
        std::memcpy(tensors["bank"].bytes.data() + 8, &infinity, sizeof(infinity));
      },
      [](TensorTable& tensors) {
        const float negative = -1;
        std::memcpy(tensors["calibration.scores"].bytes.data(), &negative, sizeof(negative));
      },
      [](TensorTable& tensors) {
        tensors["selftest.rgb"].shape = {3, 3, 2};
      },
      [](TensorTable& tensors) {
        tensors["selftest.rgb"] = StoredTensor::from_bytes({2, 0, 3}, {});
      },
      [](TensorTable& tensors) { tensors["mask"].shape = {6}; },
      [](TensorTable& tensors) {
        tensors["mask"] = StoredTensor::from_bytes({0, 4}, {});
      },
      [](TensorTable& tensors) {
        const float white[] = {1, 1};
        tensors["mask"] = StoredTensor::from_floats({1, 2}, white);
      },
      // Nothing would be inspected, and nothing ever found.
      [](TensorTable& tensors) {
        tensors["mask"] = StoredTensor::from_bytes({1, 2}, {0, 0});
      },
      [](TensorTable& tensors) {
        const std::size_t pixels = InspectionMask::max_pixels + 1;
        tensors["mask"] = StoredTensor::from_bytes({1, static_cast<std::int64_t>(pixels)},
                                                   std::vector<std::uint8_t>(pixels, 255));
      },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    write_changed(changes[i]);
    EXPECT_ERROR(read_bank_file(path_), corrupt, path_);
  }
}

TEST_F(BankFileTest, RefusesToWriteWhatItWouldNotRead) {
  const std::vector<std::function<void(BankFile&)>> changes = {
      [](BankFile& bank) { bank.backbone.clear(); },
      [](BankFile& bank) { bank.layers.clear(); },
      [](BankFile& bank) { bank.weights_sha256 = "unknown"; },
      [](BankFile& bank) { bank.frames = -1; },
      [](BankFile& bank) { bank.preprocess.deviation[0] = 0; },
      [](BankFile& bank) { bank.embedding.patch_size = 2; },
      [](BankFile& bank) { bank.embedding.target_embed_dimension = 5; },
      [](BankFile& bank) { bank.coreset.ratio = 2; },
      [](BankFile& bank) { bank.scoring.neighbours = 0; },
      [](BankFile& bank) { bank.scoring.neighbours = 6; },
      [](BankFile& bank) { bank.bank = PatchMatrix(); },
      [](BankFile& bank) { bank.bank.values.pop_back(); },
      [](BankFile& bank) { bank.bank.values[3] = std::nanf(""); },
      [](BankFile& bank) { bank.search.mean.pop_back(); },
      [](BankFile& bank) { bank.search.mean[1] = std::nanf(""); },
      [](BankFile& bank) { bank.search.directions.values[0] = std::nanf(""); },
      [](BankFile& bank) { bank.calibration.threshold = std::nan(""); },
      [](BankFile& bank) { bank.calibration.usual_score = -1; },
      [](BankFile& bank) { bank.calibration.scores[0] = std::nanf(""); },
      [](BankFile& bank) { bank.held_out.distances[0] = -1; },
      [](BankFile& bank) { bank.held_out.frames[0] = 3; },
      [](BankFile& bank) { bank.recall->neighbours = 1.01; },
      [](BankFile& bank) { bank.recall->mean_score_error = -0.01; },
      [](BankFile& bank) { bank.recall->largest_score_error = std::nan(""); },
      [](BankFile& bank) { bank.self_test.width = 1; },
      [](BankFile& bank) { bank.self_test.score = -1; },
      [](BankFile& bank) { bank.created = "\xff"; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    BankFile bank = test::small_bank();
    changes[i](bank);
    EXPECT_ERROR(write_bank_file(path_, bank), invalid_argument, "");
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST_F(BankFileTest, ReadsTheEnsemblesThatItWrites) {
  const BankEnsemble ensemble = test::small_ensemble();
  write_bank_ensemble(path_, ensemble);
  const BankEnsemble again = read_bank_ensemble(path_);
  ASSERT_EQ(again.members.size(), 2U);
  EXPECT_EQ(again.calibration.threshold, ensemble.calibration.threshold);
  EXPECT_EQ(again.calibration.usual_score, ensemble.calibration.usual_score);
  EXPECT_EQ(again.calibration.is_guess, ensemble.calibration.is_guess);
  EXPECT_EQ(again.calibration.scores, ensemble.calibration.scores);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    const BankFile& member = ensemble.members[i];
    const BankFile& read = again.members[i];
    EXPECT_EQ(read.bank.values, member.bank.values);
    EXPECT_EQ(read.search.directions.values, member.search.directions.values);
    EXPECT_EQ(read.calibration.scores, member.calibration.scores);
    EXPECT_EQ(read.held_out.patches.values, member.held_out.patches.values);
    EXPECT_EQ(tensor_table_sha256(read.backbone_weights), member.weights_sha256);
    EXPECT_EQ(read.self_test.score, member.self_test.score);
    EXPECT_EQ(read.area.mask->pixels(), member.area.mask->pixels());
    EXPECT_FALSE(read.checksum.empty());
    EXPECT_EQ(read.checksum, again.members[0].checksum);
    EXPECT_EQ(format_bank_settings(read, ""), format_bank_settings(member, ""));
  }
}

// Byte by byte the same file as ever, which older programs read.
TEST_F(BankFileTest, WritesAnEnsembleOfOneAsABank) {
  const BankFile bank = test::small_bank();
  write_bank_file(path_, bank);
  const std::string expected = test::read_whole_file(path_);
  write_bank_ensemble(path_, BankEnsemble::of(bank));
  EXPECT_EQ(test::read_whole_file(path_), expected);
  const BankEnsemble again = read_bank_ensemble(path_);
  ASSERT_EQ(again.members.size(), 1U);
  EXPECT_EQ(again.calibration.threshold, bank.calibration.threshold);
  EXPECT_EQ(again.calibration.scores, bank.calibration.scores);
}

// Its first member must not be taken for the whole, here or by programs that know only version 1.
TEST_F(BankFileTest, TakesNoEnsembleForABank) {
  write_bank_ensemble(path_, test::small_ensemble());
  EXPECT_ERROR(read_bank_file(path_), unsupported_file, "is an ensemble of 2 banks");
  const std::string text = test::read_whole_file(path_);
  EXPECT_NE(text.find(R"(\"format_version\":\"2.)"), std::string::npos);
}

TEST_F(BankFileTest, RefusesAlteredBytesOfEnsembles) {
  write_bank_ensemble(path_, test::small_ensemble());
  const std::string whole = test::read_whole_file(path_);
  // Some of them: what a byte may become is tried with a single bank.
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    std::string altered = whole;
    altered[i] = static_cast<char>(whole[i] ^ 0x01);
    test::write_whole_file(path_, altered);
    EXPECT_THROW(read_bank_ensemble(path_), Error) << "byte " << i;
  }
}

TEST_F(BankFileTest, RefusesTensorsOfEnsemblesThatDoNotFit) {
  const std::vector<std::function<void(TensorTable&)>> changes = {
      [](TensorTable& tensors) { tensors.erase("member.1.bank"); },
      [](TensorTable& tensors) { tensors.erase("member.2.bank"); },
      [](TensorTable& tensors) {
        tensors["bank"] = std::move(tensors["member.2.bank"]);
        tensors.erase("member.2.bank");
      },
      [](TensorTable& tensors) { tensors.erase("calibration.scores"); },
      [](TensorTable& tensors) { tensors.erase("member.2.calibration.scores"); },
      [](TensorTable& tensors) { tensors.erase("member.2.selftest.rgb"); },
      [](TensorTable& tensors) { tensors.erase("member.1.search.mean"); },
      [](TensorTable& tensors) { tensors["member.2.bank"].shape = {20}; },
      [](TensorTable& tensors) { tensors["member.2.bank"].type = ElementType::i32; },
      [](TensorTable& tensors) {
        const float infinity = std::numeric_limits<float>::infinity();
        std::memcpy(tensors["member.2.bank"].bytes.data() + 8, &infinity, sizeof(infinity));
      },
      [](TensorTable& tensors) {
        const float negative = -1;
        std::memcpy(tensors["calibration.scores"].bytes.data(), &negative, sizeof(negative));
      },
  };
  const BankEnsemble ensemble = test::small_ensemble();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    write_bank_ensemble(path_, ensemble);
    Safetensors file = read_safetensors(path_);
    changes[i](file.tensors);
    file.metadata["patchcore"] =
        format_ensemble_settings(ensemble, tensor_table_sha256(file.tensors));
    write_safetensors(path_, file);
    EXPECT_ERROR(read_bank_ensemble(path_), corrupt, path_);
  }
}

TEST_F(BankFileTest, RefusesToWriteEnsemblesItWouldNotRead) {
  struct Case {
    std::function<void(BankEnsemble&)> change;
    const char* message;
  };
  const Case cases[] = {
      {[](BankEnsemble& ensemble) { ensemble.members.clear(); }, "no members"},
      {[](BankEnsemble& ensemble) { ensemble.members[1].bank = PatchMatrix(); }, "member 2: "},
      {[](BankEnsemble& ensemble) { ensemble.members[1].preprocess.crop->width = 96; },
       "same size"},
      {[](BankEnsemble& ensemble) { ensemble.members[1].area.region = {}; }, "same part"},
      {[](BankEnsemble& ensemble) { ensemble.members[1].area.mask = nullptr; }, "same part"},
      {[](BankEnsemble& ensemble) { ensemble.calibration.threshold = -1; }, "calibration"},
      {[](BankEnsemble& ensemble) { ensemble.calibration.scores[0] = std::nanf(""); },
       "calibration"},
      {[](BankEnsemble& ensemble) { ensemble.members[1].calibration.usual_score = 5; },
       "member 2 of the ensemble has the threshold"},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(item.message);
    BankEnsemble ensemble = test::small_ensemble();
    item.change(ensemble);
    EXPECT_ERROR(write_bank_ensemble(path_, ensemble), invalid_argument, item.message);
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST_F(BankFileTest, KeepsTheOldFileWhenStoppedBeforeReplacingIt) {
  test::write_whole_file(path_, "the old bank");
  const auto stop = [] { throw Error(ErrorCode::cancelled, "stopped"); };
  EXPECT_ERROR(write_bank_file(path_, test::small_bank(), stop), cancelled, "stopped");
  EXPECT_EQ(test::read_whole_file(path_), "the old bank");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(BankFileTest, SaysEarlyWhetherItCanBeWritten) {
  check_bank_path_writable(path_);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  write_bank_file(path_, test::small_bank());
  check_bank_path_writable(path_);
  EXPECT_EQ(read_bank_file(path_).frames, 12);

  EXPECT_ERROR(check_bank_path_writable(folder_ / "missing/bank"), not_found, "no folder");
  EXPECT_ERROR(check_bank_path_writable(path_ + "/below"), write_failed, path_);
  EXPECT_ERROR(check_bank_path_writable(folder_.path()), write_failed, "a folder");
  EXPECT_ERROR(check_bank_path_writable(""), write_failed, "name a file");
  EXPECT_ERROR(check_bank_path_writable("/proc/bank"), write_failed, "/proc/bank");
}

}  // namespace patchcore
