// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects training as its users see it: settings, progress, cancelling, and the file it leaves.
#include "core/trainer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/bank_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/png_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

class TrainerTest : public ::testing::Test {
 protected:
  void collect(Trainer& trainer, int pictures) {
    for (int number = 0; number < pictures; ++number) {
      trainer.add(test::StripedPicture(number).view());
    }
  }

  void expect_refused(const TrainerOptions& options, ErrorCode code, const std::string& word) {
    try {
      Trainer trainer(options);
      FAIL() << "nothing thrown, expected a message with '" << word << "'";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }

  test::TemporaryFolder folder_;
  std::string bank_ = folder_ / "bank.safetensors";
  TrainerOptions options_ = test::tiny_trainer_options(test::write_tiny_weights(folder_.path()));
};

}  // namespace

TEST_F(TrainerTest, WritesABankWithAllThatDetectionNeeds) {
  Trainer trainer(options_);
  collect(trainer, 10);
  EXPECT_EQ(trainer.added(), 10);
  const TrainingReport report = test::build_and_wait(trainer, bank_);
  const std::int64_t patches = trainer.patches();
  EXPECT_EQ(trainer.frames(), 10);
  EXPECT_EQ(patches, 10 * 16 * 16);
  EXPECT_EQ(report.frames, 10);
  EXPECT_EQ(report.patches, patches);
  EXPECT_EQ(report.held_out_frames, 2);
  EXPECT_TRUE(report.threshold_is_guess);
  EXPECT_EQ(report.device, device_name(trainer.device().device));
  EXPECT_EQ(trainer.device().device, resolve_device("auto", device_support()));

  const BankFile file = read_bank_file(bank_);
  EXPECT_EQ(file.backbone, "resnet18");
  EXPECT_EQ(static_cast<std::int64_t>(file.bank.rows), report.bank_patches);
  EXPECT_EQ(report.bank_patches, patches / 10);
  EXPECT_EQ(file.bank.columns, 64U);
  EXPECT_FALSE(file.backbone_weights.empty());
  EXPECT_EQ(file.calibration.threshold, report.threshold);
  EXPECT_EQ(file.frames, 10);
}

// The same patches as if the part were all that there is, and the file says where it lies.
// Whichever processor makes the bank, unless another precision is asked for.
TEST_F(TrainerTest, MakesBanksInFp32OnTheProcessor) {
  options_.device = "cpu";
  for (const Precision asked : {Precision::automatic, Precision::fp32, Precision::bf16}) {
    options_.precision = asked;
    Trainer trainer(options_);
    collect(trainer, 10);
    test::build_and_wait(trainer, bank_);
    EXPECT_EQ(read_bank_file(bank_).precision,
              asked == Precision::bf16 ? Precision::bf16 : Precision::fp32);
  }
}

TEST_F(TrainerTest, LearnsTheRegionAlone) {
  const auto train = [&](const std::string& region, Size frame, const std::string& path) {
    options_.region = region;
    Trainer trainer(options_);
    for (int number = 0; number < 6; ++number) {
      const test::StripedPicture picture(number, {128, 96});
      ImageView view = picture.view();
      view.size = frame;
      trainer.add(view);
    }
    test::build_and_wait(trainer, path);
    return read_bank_file(path);
  };
  const BankFile whole = train("", {64, 48}, bank_);
  const BankFile part = train("0.0,0.0,0.5,0.5", {128, 96}, bank_);
  EXPECT_EQ(part.bank.values, whole.bank.values);
  EXPECT_EQ(part.calibration.scores, whole.calibration.scores);
  EXPECT_EQ(format_inspection_region(part.area.region), "0.0,0.0,0.5,0.5");
  EXPECT_EQ(format_inspection_region(whole.area.region), "none");
}

// Calibration ignores what is masked, too: one part that is different in every frame neither fills
// the bank nor raises the threshold.
TEST_F(TrainerTest, LearnsNothingOfWhatIsMasked) {
  const auto train = [&](const std::string& mask, bool disturbed) {
    options_.mask = mask;
    Trainer trainer(options_);
    for (int number = 0; number < 20; ++number) {
      test::StripedPicture picture(number);
      if (disturbed) picture.add_defect({number % 4, number % 3, 5, 5});
      trainer.add(picture.view());
    }
    const TrainingReport report = test::build_and_wait(trainer, bank_);
    EXPECT_EQ(report.patches, trainer.patches());
    return report;
  };
  const std::string mask = folder_ / "mask.png";
  test::write_mask(mask, {64, 48}, {0, 0, 32, 36});
  const TrainingReport clean = train("", false);
  const TrainingReport disturbed = train("", true);
  const TrainingReport masked = train(mask, true);
  EXPECT_EQ(clean.patches, 20 * 256);
  EXPECT_EQ(masked.patches, 20 * (256 - 12 * 8));
  EXPECT_GT(disturbed.threshold, 1.5 * masked.threshold);
  // The patches beside it see a little of it.
  EXPECT_LT(masked.threshold, 1.4 * clean.threshold);
  const BankFile file = read_bank_file(bank_);
  ASSERT_TRUE(file.area.mask);
  EXPECT_EQ(file.area.mask->size(), (Size{64, 48}));
}

TEST_F(TrainerTest, TakesPartsThatWereCutOut) {
  Trainer trainer(options_);
  const test::StripedPicture picture(1, {128, 96});
  trainer.add(picture.view(), Rect{64, 0, 64, 48});
  trainer.add(picture.view(), Rect{80, 50, 64, 64});
  EXPECT_ERROR(trainer.add(picture.view(), Rect{100, 60, 20, 64}), unsupported_frame, "too small");
  EXPECT_ERROR(trainer.add(picture.view(), Rect{128, 0, 64, 64}), unsupported_frame, "outside");
  EXPECT_EQ(trainer.added(), 2);
}

TEST_F(TrainerTest, SaysEarlyThatRegionOrMaskCannotBe) {
  options_.region = "1,2,3";
  expect_refused(options_, ErrorCode::invalid_argument, "region '1,2,3'");
  options_.region = "32,0,64,64";
  options_.mask = folder_ / "missing.png";
  expect_refused(options_, ErrorCode::not_found, "missing.png");
  options_.mask.clear();
  Trainer trainer(options_);
  EXPECT_TRUE(trainer.add(test::StripedPicture(1, {96, 64}).view()));
  EXPECT_ERROR(trainer.add(test::StripedPicture(1, {95, 64}).view()), unsupported_frame,
               "does not fit");
}

TEST_F(TrainerTest, MeasuresAnApproximateIndexAndWritesItDown) {
  for (const IndexKind index : {IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    SCOPED_TRACE(index_name(index));
    options_.index = index;
    Trainer trainer(options_);
    collect(trainer, 10);
    std::optional<TrainingReport> report;
    std::string last_text;
    TrainingCallbacks callbacks;
    callbacks.progress = [&](TrainingStage, int, const std::string& text) { last_text = text; };
    callbacks.done = [&](const TrainingReport& result) { report = result; };
    trainer.start_build(bank_, callbacks);
    trainer.wait();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->index, index);
    ASSERT_TRUE(report->recall);
    EXPECT_GT(report->recall->neighbours, 0.8);
    EXPECT_LE(report->recall->largest_score_error, 0.2);
    EXPECT_NE(last_text.find(index_name(index) + std::string(": recall ")), std::string::npos)
        << last_text;

    const BankFile file = read_bank_file(bank_);
    EXPECT_EQ(file.index, index);
    ASSERT_TRUE(file.recall);
    EXPECT_EQ(file.recall->neighbours, report->recall->neighbours);
    EXPECT_EQ(file.recall->mean_score_error, report->recall->mean_score_error);
    EXPECT_EQ(file.recall->largest_score_error, report->recall->largest_score_error);
  }
}

TEST_F(TrainerTest, HasNoRecallOfAnExactIndex) {
  options_.index = IndexKind::screened;
  Trainer trainer(options_);
  collect(trainer, 10);
  EXPECT_FALSE(test::build_and_wait(trainer, bank_).recall);
  const BankFile file = read_bank_file(bank_);
  EXPECT_EQ(file.index, IndexKind::screened);
  EXPECT_FALSE(file.recall);
}

// An early word that the index needs more, and no file.
TEST_F(TrainerTest, RefusesAnIndexThatTheBankIsTooSmallFor) {
  options_.index = IndexKind::faiss_ivfpq;
  options_.coreset.max_patches = 50;
  Trainer trainer(options_);
  collect(trainer, 10);
  EXPECT_ERROR(test::build_and_wait(trainer, bank_), invalid_argument, "faiss-ivfpq");
  EXPECT_FALSE(std::filesystem::exists(bank_));
}

TEST_F(TrainerTest, LeavesWeightsOutWhenAsked) {
  options_.store_weights = false;
  Trainer trainer(options_);
  collect(trainer, 2);
  test::build_and_wait(trainer, bank_);
  const BankFile file = read_bank_file(bank_);
  EXPECT_TRUE(file.backbone_weights.empty());
  EXPECT_EQ(file.weights_sha256.size(), 64U);
}

TEST_F(TrainerTest, TakesFramesOfSeveralSizes) {
  Trainer trainer(options_);
  collect(trainer, 3);
  trainer.add(test::StripedPicture(4, {97, 65}).view());
  EXPECT_EQ(test::build_and_wait(trainer, bank_).frames, 4);
}

TEST_F(TrainerTest, TellsEveryFrameThatIsCollected) {
  std::vector<std::int64_t> told;
  Trainer trainer(options_, [&](std::int64_t frames, std::int64_t) { told.push_back(frames); });
  collect(trainer, 6);
  test::build_and_wait(trainer, bank_);
  EXPECT_EQ(told, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
}

TEST_F(TrainerTest, AFrameThatCannotBeCollectedFailsTheBuild) {
  options_.memory_limit = 100000;
  Trainer trainer(options_);
  collect(trainer, 1);
  EXPECT_ERROR(test::build_and_wait(trainer, bank_), invalid_argument, "memory limit");
  EXPECT_FALSE(std::filesystem::exists(bank_));
}

TEST_F(TrainerTest, TellsProgressUpToTheEnd) {
  Trainer trainer(options_);
  collect(trainer, 10);
  int last = -1;
  bool ordered = true;
  std::set<TrainingStage> stages;
  TrainingCallbacks callbacks;
  callbacks.progress = [&](TrainingStage stage, int percent, const std::string&) {
    stages.insert(stage);
    ordered = ordered && percent > last;
    last = percent;
  };
  trainer.start_build(bank_, callbacks);
  trainer.wait();
  EXPECT_TRUE(ordered);
  EXPECT_EQ(last, 100);
  EXPECT_EQ(stages,
            (std::set{TrainingStage::coreset, TrainingStage::calibration, TrainingStage::writing}));
}

TEST_F(TrainerTest, LeavesNothingBehindWhenCancelled) {
  Trainer trainer(options_);
  collect(trainer, 10);
  std::atomic<bool> cancelled{false};
  TrainingCallbacks callbacks;
  callbacks.progress = [&](TrainingStage, int, const std::string&) { trainer.cancel(); };
  callbacks.failed = [&](const Error& error) { cancelled = error.code() == ErrorCode::cancelled; };
  trainer.start_build(bank_, callbacks);
  trainer.wait();
  EXPECT_TRUE(cancelled);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().filename(), "resnet18.safetensors");
  }
}

TEST_F(TrainerTest, CancellingBeforeTheNewBankIsInPlaceKeepsTheOldOne) {
  std::ofstream(bank_) << "the old bank";
  Trainer trainer(options_);
  collect(trainer, 10);
  TrainingCallbacks callbacks;
  callbacks.progress = [&](TrainingStage stage, int, const std::string&) {
    if (stage == TrainingStage::writing) trainer.cancel();
  };
  trainer.start_build(bank_, callbacks);
  trainer.wait();
  std::string content;
  std::ifstream file(bank_);
  std::getline(file, content);
  EXPECT_TRUE(content == "the old bank") << content.size() << " bytes";
}

TEST_F(TrainerTest, NeedsAFrame) {
  Trainer trainer(options_);
  EXPECT_THROW(trainer.start_build(bank_, {}), Error);
}

TEST_F(TrainerTest, BuildsOnce) {
  Trainer trainer(options_);
  collect(trainer, 2);
  test::build_and_wait(trainer, bank_);
  EXPECT_THROW(trainer.start_build(bank_, {}), Error);
}

TEST_F(TrainerTest, RefusesFramesThatAreTooSmall) {
  Trainer trainer(options_);
  EXPECT_THROW(trainer.add(test::StripedPicture(0, {16, 16}).view()), Error);
}

// The bank says what the network is, not what the user typed.
TEST_F(TrainerTest, TakesPublishedNames) {
  options_.backbone.name = "wideresnet50";
  expect_refused(options_, ErrorCode::corrupt, "wide_resnet50_2 needs");
  options_.backbone.name = "vit_base";
  expect_refused(options_, ErrorCode::not_found, "examples/export-backbone.py");
}

TEST_F(TrainerTest, SaysWhichSettingIsWrong) {
  TrainerOptions options = options_;
  options.backbone.name = "resnet999";
  expect_refused(options, ErrorCode::not_found, "resnet999");
  options = options_;
  options.backbone.layers = {"layer7"};
  expect_refused(options, ErrorCode::not_found, "layer7");
  options = options_;
  options.backbone.weights = folder_ / "none.pth";
  expect_refused(options, ErrorCode::not_found, "none.pth");
  options = options_;
  options.patch_size = 2;
  expect_refused(options, ErrorCode::invalid_argument, "2");
  options = options_;
  options.coreset.ratio = 0;
  expect_refused(options, ErrorCode::invalid_argument, "ratio");
  options = options_;
  options.backbone.name = "resnet50";
  expect_refused(options, ErrorCode::corrupt, "resnet50");
  options = options_;
  options.device = "cuda:999";
  expect_refused(options, ErrorCode::not_found, "cuda:999");
  options.device = "gpu";
  expect_refused(options, ErrorCode::invalid_argument, "gpu");
  options.device = "cpu";
  options.precision = Precision::fp16;
  expect_refused(options, ErrorCode::invalid_argument, "fp16");
}

}  // namespace patchcore
