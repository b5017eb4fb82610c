// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects training as its users see it: settings, progress, cancelling, and the file it leaves.
#include "core/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/detector.h"
#include "core/score_combination.h"
#include "core/weights/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/formula_weights.h"
#include "tests/support/no_more_threads.h"
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

  /// A whole run.
  TrainingReport train(int pictures) {
    Trainer trainer(options_);
    collect(trainer, pictures);
    return test::build_and_wait(trainer, bank_);
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
  const std::int64_t patches = trainer.collected().patches;
  EXPECT_EQ(trainer.collected().frames, 10);
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
    EXPECT_EQ(report.patches, trainer.collected().patches);
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
  Trainer trainer(options_, [&](const CollectedSoFar& so_far) { told.push_back(so_far.frames); });
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

TEST_F(TrainerTest, SaysThatNoThreadCanBeStarted) {
  options_.threads = 1;
  {
    const test::NoMoreThreads limit;
    EXPECT_ERROR(Trainer{options_}, no_space, "to collect frames");
  }
  Trainer trainer(options_);
  collect(trainer, 10);
  {
    const test::NoMoreThreads limit;
    EXPECT_ERROR(trainer.start_build(bank_, {}), no_space, "to build the memory bank");
  }
  // What was collected is still there.
  EXPECT_EQ(test::build_and_wait(trainer, bank_).frames, 10);
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

TEST_F(TrainerTest, ContinuesABankAsIfItHadSeenAllFrames) {
  const auto first_part = [&](Trainer& trainer) {
    for (int number = 0; number < 60; ++number) trainer.add(test::StripedPicture(number).view());
  };
  const auto second_part = [&](Trainer& trainer) {
    for (int number = 60; number < 120; ++number) {
      trainer.add(test::StripedPicture(3 * number).view());
    }
  };
  const std::string whole = folder_ / "whole.safetensors";
  {
    Trainer trainer(options_);
    first_part(trainer);
    second_part(trainer);
    test::build_and_wait(trainer, whole);
  }
  {
    Trainer trainer(options_);
    first_part(trainer);
    test::build_and_wait(trainer, bank_);
  }
  options_.append_to = bank_;
  Trainer trainer(options_);
  second_part(trainer);
  EXPECT_EQ(trainer.added(), 60);
  const TrainingReport report = test::build_and_wait(trainer, bank_);
  EXPECT_EQ(report.earlier_frames, 60);
  EXPECT_EQ(report.frames, 120);
  EXPECT_EQ(report.patches, 120 * 16 * 16);
  EXPECT_EQ(report.held_out_frames, 24);
  const BankFile expected = read_bank_file(whole);
  const BankFile found = read_bank_file(bank_);
  EXPECT_EQ(found.frames, expected.frames);
  EXPECT_EQ(found.patches, expected.patches);
  EXPECT_EQ(found.bank.rows, expected.bank.rows);
  // Frames are held out in stretches, the lengths of which differ.
  EXPECT_NEAR(static_cast<double>(found.calibration.scores.size()), 24, 1);
  EXPECT_NEAR(found.calibration.threshold / expected.calibration.threshold, 1, 0.25);

  // Good frames of both parts pass, bad ones of both don't, and bad scores are nearly the same.
  const Detector as_whole(whole, {});
  const Detector continued(bank_, {});
  Workspace workspace;
  for (const int number : {7, 33, 191, 300}) {
    test::StripedPicture picture(number);
    EXPECT_FALSE(as_whole.detect(picture.view(), {}, workspace).anomalous);
    EXPECT_FALSE(continued.detect(picture.view(), {}, workspace).anomalous);
    picture.add_defect();
    const Detection wanted = as_whole.detect(picture.view(), {}, workspace);
    const Detection got = continued.detect(picture.view(), {}, workspace);
    EXPECT_TRUE(wanted.anomalous);
    EXPECT_TRUE(got.anomalous);
    EXPECT_NEAR(got.score / wanted.score, 1, 0.02);
  }
}

TEST_F(TrainerTest, ContinuesOnlyABankOfTheSameSettings) {
  options_.precision = Precision::fp32;
  train(3);
  options_.append_to = bank_;
  TrainerOptions options = options_;
  options.input_size = "64x96";
  options.patch_size = 5;
  options.scoring.neighbours = 2;
  options.precision = Precision::bf16;
  // The weights are not looked for in vain.
  options.backbone.weights = folder_ / "none.pth";
  expect_refused(options, ErrorCode::invalid_argument,
                 "(precision: fp32 there, bf16 here; input size: 64x64 there, 64x96 here; patch "
                 "size: 3 there, 5 here; neighbours: 1 there, 2 here)");
  options = options_;
  options.backbone.layers = {"layer1"};
  expect_refused(options, ErrorCode::invalid_argument, "layers: \"layer1,layer2\" there");
  options = options_;
  options.append_to = options_.backbone.weights;
  expect_refused(options, ErrorCode::unsupported_file, "no memory bank");
  options = options_;
  options.append_to = folder_.path();
  expect_refused(options, ErrorCode::read_failed, folder_.path());
}

TEST_F(TrainerTest, ContinuesOnlyABankOfTheSameWeights) {
  train(3);
  options_.append_to = bank_;
  Safetensors weights = read_safetensors(options_.backbone.weights);
  const std::vector<float> bias(64, 0.25F);
  weights.tensors.at("bn1.bias") = StoredTensor::from_floats({64}, bias.data());
  options_.backbone.weights = folder_ / "other.safetensors";
  write_safetensors(options_.backbone.weights, weights);
  expect_refused(options_, ErrorCode::invalid_argument, "SHA-256 of the weights");
}

TEST_F(TrainerTest, TakesTheWeightsFromTheBankThatItContinuesOrFromTheirFile) {
  const std::string file = options_.backbone.weights;
  for (const bool stored_before : {true, false}) {
    for (const bool stored_after : {true, false}) {
      SCOPED_TRACE(testing::Message() << stored_before << stored_after);
      std::filesystem::remove(bank_);
      options_.append_to.clear();
      options_.backbone.weights = file;
      options_.store_weights = stored_before;
      train(3);
      options_.append_to = bank_;
      options_.store_weights = stored_after;
      if (stored_before) options_.backbone.weights.clear();
      EXPECT_EQ(train(3).frames, 6);
      EXPECT_EQ(read_bank_file(bank_).backbone_weights.empty(), !stored_after);
      DetectorOptions detecting;
      if (!stored_after) detecting.weights = file;
      EXPECT_NO_THROW(Detector(bank_, detecting));
    }
  }
}

TEST_F(TrainerTest, ContinuesWithThePrecisionThatTheBankWasBegunWith) {
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    options_.precision = precision;
    options_.append_to.clear();
    train(3);
    options_.append_to = bank_;
    options_.precision = Precision::automatic;
    train(3);
    EXPECT_EQ(read_bank_file(bank_).precision, precision);
  }
}

TEST_F(TrainerTest, ContinuesWithTheRegionAndTheMaskThatTheBankWasBegunWith) {
  const std::string mask = folder_ / "mask.png";
  test::write_mask(mask, {64, 48}, {0, 0, 32, 36});
  options_.region = "0.0,0.0,1.0,0.75";
  options_.mask = mask;
  train(3);
  options_.append_to = bank_;
  options_.region.clear();
  options_.mask.clear();
  const TrainingReport report = train(3);
  EXPECT_EQ(report.frames, 6);
  const BankFile file = read_bank_file(bank_);
  EXPECT_EQ(format_inspection_region(file.area.region), "0.0,0.0,1.0,0.75");
  EXPECT_TRUE(file.area.mask);
  EXPECT_LT(report.patches, 6 * 16 * 16);
  options_.region = "none";
  options_.mask = "none";
  expect_refused(options_, ErrorCode::invalid_argument,
                 "(region: 0.0,0.0,1.0,0.75 there, none here; mask: a picture of 64x48 there, none "
                 "here)");
}

TEST_F(TrainerTest, RefusesToContinueInAPrecisionThatTheDeviceLacks) {
  train(3);
  BankFile bank = read_bank_file(bank_);
  bank.precision = Precision::fp16;
  write_bank_file(bank_, bank);
  options_.append_to = bank_;
  options_.device = "cpu";
  expect_refused(options_, ErrorCode::invalid_argument, "(precision: fp16 there, ");
}

TEST_F(TrainerTest, MakesANewBankWhereThereIsNoneToContinue) {
  options_.append_to = bank_;
  const TrainingReport first = train(3);
  EXPECT_EQ(first.frames, 3);
  EXPECT_EQ(first.earlier_frames, 0);
  const TrainingReport second = train(4);
  EXPECT_EQ(second.frames, 7);
  EXPECT_EQ(second.earlier_frames, 3);
  EXPECT_EQ(read_bank_file(bank_).frames, 7);
}

TEST_F(TrainerTest, ContinuesAnImportedBankWhichDoesNotSayWhatItWasMadeFrom) {
  train(10);
  BankFile bank = read_bank_file(bank_);
  const std::size_t rows = bank.bank.rows;
  bank.frames = 0;
  bank.patches = static_cast<std::int64_t>(rows);
  bank.calibration.scores = {1000};  // a distance within the bank
  bank.calibration.of_frames = false;
  bank.held_out = {};
  write_bank_file(bank_, bank);
  options_.append_to = bank_;
  const TrainingReport report = train(10);
  EXPECT_EQ(report.earlier_frames, 0);
  EXPECT_EQ(report.held_out_frames, 2);
  EXPECT_LT(report.threshold, 1000);
  EXPECT_EQ(report.bank_patches, static_cast<std::int64_t>(2 * rows));
}

TEST_F(TrainerTest, TellsTheRecallOfTheBankThatItWroteOnly) {
  options_.index = IndexKind::faiss_hnsw;
  EXPECT_TRUE(train(6).recall);
  options_.append_to = bank_;
  // Of a single frame none is held out.
  EXPECT_FALSE(train(1).recall);
  EXPECT_FALSE(read_bank_file(bank_).recall);
}

TEST_F(TrainerTest, AFullDiskKeepsTheBankThatIsContinued) {
  train(3);
  options_.append_to = bank_;
  const std::string before = test::read_whole_file(bank_);
  Trainer trainer(options_);
  collect(trainer, 3);
  std::signal(SIGXFSZ, SIG_IGN);
  {
    const test::FileSizeLimit limit(before.size() / 2);
    EXPECT_THROW(test::build_and_wait(trainer, bank_), Error);
  }
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_TRUE(test::read_whole_file(bank_) == before);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string path = entry.path();
    EXPECT_TRUE(path == bank_ || path == options_.backbone.weights) << path;
  }
}

TEST_F(TrainerTest, LeavesABankThatCoversEverythingAsItIs) {
  options_.coreset.ratio = 1;
  {
    Trainer trainer(options_);
    collect(trainer, 4);
    test::build_and_wait(trainer, bank_);
  }
  const BankFile before = read_bank_file(bank_);
  options_.append_to = bank_;
  options_.min_novelty = 1.25;
  Trainer trainer(options_);
  collect(trainer, 4);
  const TrainingReport report = test::build_and_wait(trainer, bank_);
  EXPECT_EQ(trainer.collected().frames, 0);
  EXPECT_EQ(trainer.collected().skipped, 4);
  EXPECT_EQ(trainer.collected().coverage, 1);
  EXPECT_EQ(report.frames, 4);
  EXPECT_EQ(report.bank_patches, static_cast<std::int64_t>(before.bank.rows));
  EXPECT_EQ(report.threshold, before.calibration.threshold);
  EXPECT_TRUE(read_bank_file(bank_).bank.values == before.bank.values);
}

TEST_F(TrainerTest, CancellingKeepsTheBankThatIsContinued) {
  train(3);
  options_.append_to = bank_;
  {
    Trainer trainer(options_);
    collect(trainer, 3);
    TrainingCallbacks callbacks;
    callbacks.progress = [&](TrainingStage, int, const std::string&) { trainer.cancel(); };
    trainer.start_build(bank_, callbacks);
    trainer.wait();
  }
  EXPECT_EQ(read_bank_file(bank_).frames, 3);
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
  options.min_novelty = -1;
  expect_refused(options, ErrorCode::invalid_argument, "novelty");
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

namespace {

class EnsembleTrainerTest : public TrainerTest {
 protected:
  TrainerOptions ensemble_ = test::tiny_ensemble_options(folder_.path());
};

}  // namespace

TEST_F(EnsembleTrainerTest, WritesMembersThatSawTheSameFrames) {
  options_ = ensemble_;
  Trainer trainer(options_);
  collect(trainer, 30);
  std::vector<int> percents;
  std::string last_text;
  TrainingReport report;
  TrainingCallbacks callbacks;
  callbacks.progress = [&](TrainingStage, int percent, const std::string& text) {
    percents.push_back(percent);
    last_text = text;
  };
  callbacks.done = [&](const TrainingReport& done) { report = done; };
  trainer.start_build(bank_, callbacks);
  trainer.wait();
  EXPECT_TRUE(std::is_sorted(percents.begin(), percents.end()));
  EXPECT_EQ(percents.back(), 100);
  EXPECT_EQ(last_text, "wrote " + bank_);

  const BankEnsemble made = read_bank_ensemble(bank_);
  ASSERT_EQ(made.members.size(), 2U);
  EXPECT_EQ(made.members[0].backbone, "resnet18");
  EXPECT_EQ(made.members[1].backbone, "resnet34");
  EXPECT_EQ(made.members[1].layers, (std::vector<std::string>{"layer2"}));
  EXPECT_EQ(report.members, 2);
  EXPECT_EQ(report.frames, 30);
  EXPECT_EQ(report.patches, 30 * (256 + 64));
  EXPECT_EQ(report.patches, trainer.collected().patches);
  EXPECT_EQ(report.bank_patches, 30 * (256 + 64) / 10);
  EXPECT_EQ(report.dimension, 128);
  EXPECT_EQ(report.held_out_frames, 6);
  EXPECT_EQ(report.threshold, made.calibration.threshold);
  for (const BankFile& member : made.members) {
    EXPECT_EQ(member.frames, 30);
    EXPECT_EQ(member.calibration.scores.size(), 6U);
    EXPECT_FALSE(member.backbone_weights.empty());
    EXPECT_FALSE(member.self_test.rgb.empty());
  }
}

// Each member is the bank that it would be alone.
TEST_F(EnsembleTrainerTest, TrainsMembersAsBanksOfTheirOwn) {
  options_ = ensemble_;
  train(12);
  const BankEnsemble made = read_bank_ensemble(bank_);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    options_ = ensemble_;
    options_.further_members.clear();
    if (i == 1) options_.backbone = ensemble_.further_members[0];
    train(12);
    const BankFile alone = read_bank_file(bank_);
    EXPECT_EQ(made.members[i].bank.values, alone.bank.values);
    EXPECT_EQ(made.members[i].calibration.scores, alone.calibration.scores);
    EXPECT_EQ(made.members[i].calibration.threshold, alone.calibration.threshold);
    EXPECT_EQ(made.members[i].weights_sha256, alone.weights_sha256);
    EXPECT_EQ(made.members[i].self_test.score, alone.self_test.score);
  }
}

TEST_F(EnsembleTrainerTest, TwoOfTheSameAreCalibratedAsOne) {
  const TrainingReport one = train(30);
  options_.further_members.push_back(options_.backbone);
  const TrainingReport two = train(30);
  EXPECT_NEAR(two.threshold, 1, 1e-6);
  EXPECT_NEAR(two.usual_score / two.threshold, one.usual_score / one.threshold, 1e-6);
  EXPECT_EQ(two.threshold_is_guess, one.threshold_is_guess);
  EXPECT_EQ(two.bank_patches, 2 * one.bank_patches);
}

// One backbone's default would show another part than the other's.
TEST_F(EnsembleTrainerTest, ShowsAllMembersTheSame) {
  options_ = ensemble_;
  const std::string lite = folder_ / "efficientnet_lite0.safetensors";
  Safetensors file;
  file.tensors = test::formula_weights("efficientnet_lite0", {"blocks.2"});
  write_safetensors(lite, file);
  options_.further_members = {{"efficientnet_lite0", {"blocks.2"}, lite, false}};
  options_.pretrain_embed_dimension.reset();
  options_.target_embed_dimension.reset();
  options_.input_size = "64";
  options_.crop = "64";
  train(6);
  const BankEnsemble made = read_bank_ensemble(bank_);
  EXPECT_EQ(made.members[0].preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(made.members[1].preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(made.members[1].preprocess.crop, made.members[0].preprocess.crop);
  EXPECT_NE(made.members[1].preprocess.mean, made.members[0].preprocess.mean);
}

TEST_F(EnsembleTrainerTest, TrainsOnOneFrame) {
  options_ = ensemble_;
  const TrainingReport report = train(1);
  EXPECT_EQ(report.held_out_frames, 0);
  EXPECT_TRUE(report.threshold_is_guess);
  EXPECT_GT(report.threshold, 0);
  Workspace workspace;
  EXPECT_LT(Detector(bank_, {}).detect(test::StripedPicture(0).view(), {}, workspace).score,
            report.threshold);
}

TEST_F(EnsembleTrainerTest, TellsTheWorstRecall) {
  options_ = ensemble_;
  options_.index = IndexKind::faiss_hnsw;
  const TrainingReport report = train(10);
  const BankEnsemble made = read_bank_ensemble(bank_);
  ASSERT_TRUE(report.recall);
  EXPECT_EQ(report.recall->neighbours,
            std::min(made.members[0].recall->neighbours, made.members[1].recall->neighbours));
}

// Each member is continued as a bank of its own, and scores of both runs make the threshold.
TEST_F(EnsembleTrainerTest, ContinuesAnEnsemble) {
  std::vector<BankFile> alone;
  for (std::size_t i = 0; i < 2; ++i) {
    options_ = ensemble_;
    options_.further_members.clear();
    if (i == 1) options_.backbone = ensemble_.further_members[0];
    train(12);
    options_.append_to = bank_;
    train(10);
    alone.push_back(read_bank_file(bank_));
  }
  options_ = ensemble_;
  train(12);
  options_.append_to = bank_;
  const TrainingReport report = train(10);
  EXPECT_EQ(report.members, 2);
  EXPECT_EQ(report.frames, 22);
  EXPECT_EQ(report.earlier_frames, 12);

  const BankEnsemble made = read_bank_ensemble(bank_);
  ASSERT_EQ(made.members.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(made.members[i].bank.values, alone[i].bank.values);
    EXPECT_EQ(made.members[i].calibration.scores, alone[i].calibration.scores);
    EXPECT_EQ(made.members[i].frames, 22);
    EXPECT_EQ(made.members[i].patches, alone[i].patches);
  }
  const ScoreCombination combination({made.members[0].calibration, made.members[1].calibration});
  std::vector<float> combined;
  for (std::size_t i = 0; i < alone[0].calibration.scores.size(); ++i) {
    combined.push_back(static_cast<float>(
        combination.score({alone[0].calibration.scores[i], alone[1].calibration.scores[i]})));
  }
  EXPECT_EQ(made.calibration.scores, combined);
  EXPECT_EQ(report.held_out_frames, static_cast<std::int64_t>(combined.size()));
}

TEST_F(EnsembleTrainerTest, ContinuesByOneFrame) {
  options_ = ensemble_;
  train(12);
  const BankEnsemble before = read_bank_ensemble(bank_);
  options_.append_to = bank_;
  EXPECT_EQ(train(1).frames, 13);
  const BankEnsemble made = read_bank_ensemble(bank_);
  EXPECT_EQ(made.calibration.scores.size(), before.calibration.scores.size());
  // The frame that joined may be nearer to them than what was there.
  for (std::size_t i = 0; i < before.calibration.scores.size(); ++i) {
    EXPECT_LE(made.members[1].calibration.scores[i], before.members[1].calibration.scores[i]);
  }
  EXPECT_LT(made.members[1].calibration.scores[0], before.members[1].calibration.scores[0]);
}

TEST_F(EnsembleTrainerTest, ContinuesOnlyTheSameMembers) {
  options_ = ensemble_;
  train(2);
  TrainerOptions other = ensemble_;
  other.append_to = bank_;
  std::swap(other.backbone, other.further_members[0]);
  expect_refused(other, ErrorCode::invalid_argument, "backbone: \"resnet18\" there");
  other = ensemble_;
  other.append_to = bank_;
  other.further_members[0].layers = {"layer1"};
  expect_refused(other, ErrorCode::invalid_argument, "layers: \"layer2\" there, \"layer1\" here");
  other.further_members.clear();
  expect_refused(other, ErrorCode::invalid_argument,
                 "is an ensemble of 2 banks, and cannot be continued as a single bank");
  options_.further_members.clear();
  train(2);
  ensemble_.append_to = bank_;
  expect_refused(ensemble_, ErrorCode::invalid_argument, "is a single bank, and cannot");
}

TEST_F(EnsembleTrainerTest, SeesFramesAtOnce) {
  ensemble_.tile_size = 64;
  expect_refused(ensemble_, ErrorCode::invalid_argument, "set no tile-size");
}

TEST_F(EnsembleTrainerTest, SaysWhichMemberCannotBe) {
  ensemble_.further_members[0].weights = folder_ / "missing.pth";
  expect_refused(ensemble_, ErrorCode::not_found, "missing.pth");
  ensemble_.further_members[0] = {"resnet999", {}, "", false};
  expect_refused(ensemble_, ErrorCode::not_found, "resnet999");
}

}  // namespace patchcore
