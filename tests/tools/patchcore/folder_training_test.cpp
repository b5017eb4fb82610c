// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the training on picture files.
#include "tools/patchcore/folder_training.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/bank_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

/// Files of striped pictures.
std::vector<std::string> write_pictures(const test::TemporaryFolder& folder, int count) {
  std::vector<std::string> paths;
  for (int number = 0; number < count; ++number) {
    test::StripedPicture picture(number);
    cv::Mat rgb(picture.size.height, picture.size.width, CV_8UC3, picture.rgb.data());
    paths.push_back(folder / ("picture " + std::to_string(number) + ".png"));
    cv::imwrite(paths.back(), rgb);
  }
  return paths;
}

class FolderTrainingTest : public ::testing::Test {
 protected:
  FolderTraining train(const std::vector<std::string>& pictures) {
    return train_on_pictures(pictures, options_, bank_, "test", progress_);
  }

  const test::TemporaryFolder folder_;
  const std::string bank_ = folder_ / "bank.safetensors";
  const TrainerOptions options_ =
      test::tiny_trainer_options(test::write_tiny_weights(folder_.path()));
  ProgressBar progress_{stderr, false};
};

}  // namespace

TEST_F(FolderTrainingTest, MakesABankOfAllPictures) {
  const FolderTraining training = train(write_pictures(folder_, 6));
  EXPECT_TRUE(training.skipped.empty());
  EXPECT_EQ(training.report.frames, 6);
  EXPECT_GT(training.seconds, 0);
  const BankFile bank = read_bank_file(bank_);
  EXPECT_EQ(bank.frames, 6);
  EXPECT_EQ(static_cast<std::int64_t>(bank.bank.rows), training.report.bank_patches);
}

TEST_F(FolderTrainingTest, PassesOverWhatCannotBeTrainedWith) {
  std::vector<std::string> pictures = write_pictures(folder_, 4);
  test::write_whole_file(folder_ / "text.png", "text");
  cv::imwrite(folder_ / "small.png", cv::Mat::zeros(8, 8, CV_8UC3));
  pictures.insert(pictures.begin(), folder_ / "text.png");
  pictures.insert(pictures.begin() + 2, folder_ / "none.png");
  pictures.push_back(folder_ / "small.png");
  const FolderTraining training = train(pictures);
  EXPECT_EQ(training.report.frames, 4);
  ASSERT_EQ(training.skipped.size(), 3U);
  EXPECT_NE(training.skipped[0].find("text.png"), std::string::npos);
  EXPECT_NE(training.skipped[1].find("none.png"), std::string::npos);
  EXPECT_NE(training.skipped[2].find("small.png"), std::string::npos);
  EXPECT_NE(training.skipped[2].find("8x8"), std::string::npos) << training.skipped[2];
}

TEST_F(FolderTrainingTest, NeedsAPicture) {
  EXPECT_ERROR(train({}), not_found, "no pictures");
  EXPECT_ERROR(train({folder_ / "none.png"}), not_found, "none of 1 pictures");
  EXPECT_ERROR(read_bank_file(bank_), not_found, "bank");
}

TEST_F(FolderTrainingTest, SaysFirstThatTheBankCannotBeWritten) {
  EXPECT_ERROR(
      train_on_pictures({folder_ / "none.png"}, options_, folder_ / "no/bank", "test", progress_),
      not_found, "no");
}

}  // namespace patchcore
