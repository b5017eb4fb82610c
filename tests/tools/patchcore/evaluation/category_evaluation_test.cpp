// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the evaluation of a category.
#include "tools/patchcore/evaluation/category_evaluation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

constexpr Size size = {64, 48};

class CategoryEvaluationTest : public ::testing::Test {
 protected:
  CategoryEvaluationTest() {
    category_.name = "stripes";
    for (int number = 20; number < 23; ++number) add(number, false);
    for (int number = 30; number < 33; ++number) add(number, true);
  }

  std::string path_of(int number) const { return folder_ / (std::to_string(number) + ".png"); }

  void add(int number, bool defect) {
    test::StripedPicture picture(number, size);
    if (defect) picture.add_defect();
    cv::imwrite(path_of(number), cv::Mat(size.height, size.width, CV_8UC3, picture.rgb.data()));
    category_.test.push_back({path_of(number), defect ? "square" : "good", defect, ""});
    if (defect) category_.test.back().mask = write_mask(number, size);
  }

  std::string write_mask(int number, Size mask_size) const {
    cv::Mat mask = cv::Mat::zeros(mask_size.height, mask_size.width, CV_8U);
    mask(cv::Rect(25, 17, 14, 14)).setTo(255);
    const std::string path = folder_ / (std::to_string(number) + "_mask.png");
    cv::imwrite(path, mask);
    return path;
  }

  CategoryResult evaluate() {
    return evaluate_category(category_, bank_, folder_ / "out", options_, progress_);
  }

  std::string notes_of(const CategoryResult& result) const {
    std::string notes;
    for (const std::string& note : result.notes) notes += note + "\n";
    return notes;
  }

  const test::TemporaryFolder folder_;
  const std::string bank_ = test::write_tiny_bank(folder_.path());
  Category category_;
  EvaluationOptions options_;
  ProgressBar progress_{stderr, false};
};

}  // namespace

TEST_F(CategoryEvaluationTest, GivesTheDetectorsScoresAndAllFigures) {
  category_.notes = {"a note"};
  const CategoryResult result = evaluate();
  const Detector detector(bank_, {});
  Workspace workspace;
  ASSERT_EQ(result.pictures.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    const LoadedPicture picture = read_picture(category_.test[i].path);
    EXPECT_EQ(result.pictures[i].score, detector.detect(picture.view(), {}, workspace).score);
    EXPECT_EQ(result.pictures[i].anomalous, i >= 3);
  }
  EXPECT_EQ(result.bank.patches, detector.bank().patches);
  EXPECT_EQ(result.bank.threshold, detector.bank().threshold);
  EXPECT_EQ(result.bank.training_pictures, 10);
  EXPECT_GT(result.detection_seconds, 0);
  EXPECT_EQ(result.input_sizes, (std::vector<std::string>{"64x64"}));
  for (const Figure& figure : all_figures()) EXPECT_TRUE(figure.of(result)) << figure.name;
  EXPECT_EQ(result.image->auroc, ranking_figures(labelled_scores(result))->auroc);
  EXPECT_EQ(result.pixel_pictures, 6U);
  EXPECT_EQ(result.pixels.pixels, 6U * 64 * 64);
  EXPECT_EQ(result.pixels.regions, 3U);
  EXPECT_EQ(result.notes.front(), "a note");
}

TEST_F(CategoryEvaluationTest, ComparesAtThePicturesPixelsIfAsked) {
  options_.resolution = MapResolution::picture;
  const CategoryResult result = evaluate();
  EXPECT_EQ(result.pixels.pixels, 6U * 64 * 48);
  EXPECT_EQ(result.pixels.anomalous_pixels, 3U * 14 * 14);
}

TEST_F(CategoryEvaluationTest, ChoosesTheWorstOfBothKindsInTurns) {
  const CategoryResult result = evaluate();
  ASSERT_EQ(result.worst.size(), 6U);
  for (std::size_t i = 0; i + 2 < 6; ++i) {
    const PictureResult& worse = result.pictures[result.worst[i]];
    const PictureResult& better = result.pictures[result.worst[i + 2]];
    EXPECT_EQ(worse.anomalous, i % 2 == 1);
    EXPECT_EQ(worse.anomalous, better.anomalous);
    EXPECT_EQ(worse.anomalous ? worse.score <= better.score : worse.score >= better.score, true);
  }
}

TEST_F(CategoryEvaluationTest, WritesSheetsOfThoseAskedFor) {
  const CategoryResult result = evaluate();
  for (const PictureResult& picture : result.pictures) {
    ASSERT_FALSE(picture.sheet.empty());
    EXPECT_FALSE(cv::imread(folder_ / "out/" + picture.sheet).empty()) << picture.sheet;
  }
  EXPECT_EQ(result.pictures[3].sheet, "sheets/square/30.png.png");

  std::filesystem::remove_all(folder_ / "out");
  options_.sheets = SheetChoice::none;
  EXPECT_TRUE(evaluate().pictures[0].sheet.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));

  options_.sheets = SheetChoice::all;
  for (int number = 40; number < 50; ++number) add(number, false);
  for (const PictureResult& picture : evaluate().pictures) EXPECT_FALSE(picture.sheet.empty());
  options_.sheets = SheetChoice::worst;
  int sheets = 0;
  for (const PictureResult& picture : evaluate().pictures) sheets += !picture.sheet.empty();
  EXPECT_EQ(sheets, 4 + 3);
}

TEST_F(CategoryEvaluationTest, WritesMapsAndMasksIfAsked) {
  options_.maps = true;
  options_.sheets = SheetChoice::none;
  evaluate();
  const std::string map = test::read_whole_file(folder_ / "out/maps/square/31.png.npy");
  EXPECT_NE(map.find("'shape': (64,64,)"), std::string::npos);
  const cv::Mat mask =
      cv::imread(folder_ / "out/maps/square/31.png.mask.png", cv::IMREAD_UNCHANGED);
  ASSERT_EQ(mask.size(), cv::Size(64, 64));
  EXPECT_GT(cv::countNonZero(mask), 100);
  EXPECT_EQ(
      cv::countNonZero(cv::imread(folder_ / "out/maps/good/20.png.mask.png", cv::IMREAD_UNCHANGED)),
      0);
}

TEST_F(CategoryEvaluationTest, LeavesPicturesWithoutAUsableMaskOutOfThePixelFigures) {
  category_.test[3].mask = "";
  write_mask(31, {65, 48});
  cv::imwrite(category_.test[5].mask, cv::Mat::zeros(48, 64, CV_8U));
  const CategoryResult none = evaluate();
  EXPECT_EQ(none.pictures.size(), 6U);
  EXPECT_TRUE(none.image);
  EXPECT_FALSE(none.pixels.full);
  EXPECT_EQ(none.pixel_pictures, 0U);
  EXPECT_NE(notes_of(none).find("31_mask.png\" is 65x48, the picture 64x48"), std::string::npos)
      << notes_of(none);
  EXPECT_NE(notes_of(none).find("32_mask.png\" is empty"), std::string::npos) << notes_of(none);

  write_mask(31, size);
  test::write_whole_file(category_.test[5].mask, "no picture");
  const CategoryResult one = evaluate();
  EXPECT_EQ(one.pixel_pictures, 4U);
  EXPECT_EQ(one.pixels.regions, 1U);
  EXPECT_NE(notes_of(one).find("32_mask.png"), std::string::npos) << notes_of(one);
}

TEST_F(CategoryEvaluationTest, PassesOverWhatCannotBeScored) {
  test::write_whole_file(path_of(20), "no picture");
  cv::imwrite(path_of(30), cv::Mat::zeros(16, 16, CV_8UC3));
  category_.test.push_back({folder_ / "none.png", "good", false, ""});
  const CategoryResult result = evaluate();
  EXPECT_EQ(result.pictures.size(), 4U);
  for (const char* part : {"20.png\" cannot be read", "16x16", "none.png"}) {
    EXPECT_NE(notes_of(result).find(part), std::string::npos) << part << notes_of(result);
  }
}

TEST_F(CategoryEvaluationTest, NamesThePictureThatIsTooSmall) {
  cv::imwrite(path_of(30), cv::Mat::zeros(16, 16, CV_8UC3));
  EXPECT_NE(notes_of(evaluate()).find("30.png"), std::string::npos);
}

TEST_F(CategoryEvaluationTest, TakesPicturesOfDifferentSizes) {
  cv::imwrite(path_of(21), cv::Mat(100, 80, CV_8UC3, cv::Scalar(90, 90, 90)));
  const CategoryResult result = evaluate();
  EXPECT_EQ(result.pictures.size(), 6U);
  EXPECT_TRUE(result.pixels.full);
}

TEST_F(CategoryEvaluationTest, HasNoFiguresOfOneKind) {
  category_.test.resize(3);
  const CategoryResult result = evaluate();
  EXPECT_FALSE(result.image);
  EXPECT_FALSE(result.pixels.full);
  EXPECT_NE(notes_of(result).find("good and defective ones are needed"), std::string::npos);
}

TEST_F(CategoryEvaluationTest, NeedsAPictureAndABank) {
  test::write_whole_file(path_of(20), "no picture");
  category_.test.resize(1);
  EXPECT_ERROR(evaluate(), not_found, "none of 1 test picture can be scored");
  category_.test.clear();
  EXPECT_ERROR(evaluate(), not_found, "no pictures to test with");
  EXPECT_ERROR(evaluate_category(category_, folder_ / "none", folder_ / "out", options_, progress_),
               not_found, "none");
}

TEST_F(CategoryEvaluationTest, StopsWhereNothingCanBeWritten) {
  test::write_whole_file(folder_ / "out", "a file");
  EXPECT_ERROR(evaluate(), write_failed, "out");
}

}  // namespace patchcore
