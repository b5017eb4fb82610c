// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects detection as its users see it: a defect is found where it is, a bad bank is refused.
#include "core/detector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/bank_building.h"
#include "core/bank_file.h"
#include "core/error.h"
#include "core/heatmap.h"
#include "core/score_combination.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"
#include "tests/support/torchscript_modules.h"

namespace patchcore {
namespace {

class DetectorTest : public ::testing::Test {
 protected:
  Detection detect(const test::StripedPicture& picture, const DetectionOptions& options = {}) {
    return Detector(bank_, {}).detect(picture.view(), options, workspace_);
  }

  std::vector<float> detect_without_mask(const test::StripedPicture& picture) {
    rewrite_bank([](BankFile& file) { file.area.mask = nullptr; });
    return detect(picture).map.values;
  }

  /// Changes the bank file and writes it again, checksums and all.
  template <typename Change>
  void rewrite_bank(Change&& change) {
    BankFile file = read_bank_file(bank_);
    change(file);
    write_bank_file(bank_, file);
  }

  test::TemporaryFolder folder_;
  std::string bank_ = test::write_tiny_bank(folder_.path());
  Workspace workspace_;
};

}  // namespace

TEST_F(DetectorTest, PassesWhatLooksLikeTheTrainingPictures) {
  const Detection detection = detect(test::StripedPicture(4));
  EXPECT_FALSE(detection.anomalous) << detection.score << " of " << detection.threshold;
  EXPECT_TRUE(detection.regions.empty());
}

TEST_F(DetectorTest, FindsADefectWhereItIs) {
  test::StripedPicture picture(4);
  picture.add_defect();
  const Detection detection = detect(picture);
  ASSERT_TRUE(detection.anomalous) << detection.score << " of " << detection.threshold;
  ASSERT_FALSE(detection.regions.empty());
  const Region& region = detection.regions.front();
  EXPECT_NEAR(region.peak_x, picture.size.width / 2, 14);
  EXPECT_NEAR(region.peak_y, picture.size.height / 2, 14);
  EXPECT_FLOAT_EQ(static_cast<float>(region.peak), static_cast<float>(detection.score));
}

// The streaming thread prepares, another thread scores.
TEST_F(DetectorTest, GivesTheSameBitsInTwoPartsOnTwoThreads) {
  const Detector detector(bank_, {});
  test::StripedPicture picture(4);
  picture.add_defect();
  const Detection expected = detector.detect(picture.view(), {}, workspace_);
  ASSERT_TRUE(expected.anomalous);

  PreparedFrame prepared;
  detector.prepare(picture.view(), {}, prepared, workspace_);
  // Its memory may be another frame's meanwhile.
  std::fill(picture.rgb.begin(), picture.rgb.end(), std::uint8_t{0});
  Detection detection;
  std::thread([&] {
    Workspace workspace;
    detection = detector.detect(prepared, {}, workspace);
  }).join();

  EXPECT_EQ(detection.score, expected.score);
  EXPECT_EQ(detection.threshold, expected.threshold);
  EXPECT_EQ(detection.map.width, expected.map.width);
  EXPECT_EQ(detection.map.values, expected.map.values);
  EXPECT_EQ(detection.inspected.width, expected.inspected.width);
  EXPECT_EQ(detection.inspected.height, expected.inspected.height);
  EXPECT_EQ(detection.input_size, expected.input_size);
  ASSERT_EQ(detection.regions.size(), expected.regions.size());
  EXPECT_EQ(detection.regions[0].peak, expected.regions[0].peak);
}

TEST_F(DetectorTest, GivesTheSameBitsForSeveralFramesAtOnce) {
  const Detector detector(bank_, {});
  std::vector<test::StripedPicture> pictures;
  for (int number = 0; number < 3; ++number) pictures.emplace_back(number);
  pictures[1].add_defect();
  std::vector<PreparedFrame> prepared(pictures.size());
  std::vector<DetectionRequest> requests(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    detector.prepare(pictures[i].view(), {}, prepared[i], workspace_);
    requests[i].frame = &prepared[i];
  }
  requests[2].options.threshold = 0;
  const std::vector<Detection> detections = detector.detect(requests, workspace_);
  ASSERT_EQ(detections.size(), pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Detection expected = detector.detect(pictures[i].view(), requests[i].options, workspace_);
    EXPECT_EQ(detections[i].score, expected.score);
    EXPECT_EQ(detections[i].threshold, expected.threshold);
    EXPECT_EQ(detections[i].anomalous, i > 0);
    EXPECT_EQ(detections[i].map.values, expected.map.values);
    EXPECT_EQ(detections[i].inspected.width, expected.inspected.width);
    EXPECT_EQ(detections[i].input_size, expected.input_size);
    EXPECT_EQ(detections[i].regions.size(), expected.regions.size());
  }
  EXPECT_TRUE(detector.detect({}, workspace_).empty());
}

TEST_F(DetectorTest, PreparesNoFrameThatIsTooSmall) {
  const Detector detector(bank_, {});
  PreparedFrame prepared;
  const test::StripedPicture picture(4);
  ImageView frame = picture.view();
  frame.size.height = 16;
  EXPECT_ERROR(detector.prepare(frame, {}, prepared, workspace_), unsupported_frame, "too small");
}

// The rest of the frame might as well not be there.
TEST_F(DetectorTest, InspectsThePartThatTheBankSays) {
  rewrite_bank([](BankFile& file) { file.area.region = parse_inspection_region("32,16,64,48"); });
  const Detector detector(bank_, {});
  EXPECT_EQ(detector.bank().region, "32,16,64,48");
  test::StripedPicture picture(4, {128, 96});
  const Detection usual = detector.detect(picture.view(), {}, workspace_);
  picture.add_defect({0, 0, 32, 96});
  picture.add_defect({96, 0, 32, 96});
  picture.add_defect({0, 64, 128, 32});
  const Detection outside = detector.detect(picture.view(), {}, workspace_);
  EXPECT_EQ(outside.score, usual.score);
  EXPECT_EQ(outside.map.values, usual.map.values);
  EXPECT_EQ(outside.inspected.x, 32);
  EXPECT_EQ(outside.inspected.y, 16);
  EXPECT_EQ(outside.inspected.width, 64);
  EXPECT_EQ(outside.inspected.height, 48);

  picture.add_defect({60, 38, 8, 8});
  const Detection inside = detector.detect(picture.view(), {}, workspace_);
  ASSERT_TRUE(inside.anomalous);
  EXPECT_GT(inside.score, 1.2 * usual.score);
  // In pixels of the frame.
  EXPECT_NEAR(inside.regions.front().peak_x, 64, 14);
  EXPECT_NEAR(inside.regions.front().peak_y, 42, 14);
}

// Another scale in each direction, and a defect that is in the middle of nothing.
TEST_F(DetectorTest, FindsADefectOfACroppedFrameWhereItIs) {
  TrainerOptions options = test::tiny_trainer_options(test::write_tiny_weights(folder_.path()));
  options.input_size = "96x80";
  options.crop = "64x48";
  Trainer trainer(options);
  for (int number = 0; number < 10; ++number)
    trainer.add(test::StripedPicture(number, {192, 80}).view());
  bank_ = test::build_and_wait(trainer, folder_.path() + "/cropped.safetensors").path;

  test::StripedPicture picture(4, {192, 80});
  const Detection usual = detect(picture);
  EXPECT_EQ(usual.input_size, (Size{64, 48}));
  EXPECT_EQ(usual.inspected.x, 32);
  EXPECT_EQ(usual.inspected.y, 16);
  EXPECT_EQ(usual.inspected.width, 128);
  EXPECT_EQ(usual.inspected.height, 48);
  EXPECT_FALSE(usual.anomalous);
  // Beside what the crop keeps, by more than the filter's width.
  picture.add_defect({0, 0, 28, 80});
  picture.add_defect({164, 0, 28, 80});
  picture.add_defect({0, 68, 192, 12});
  EXPECT_EQ(detect(picture).map.values, usual.map.values);

  picture.add_defect({128, 24, 16, 8});
  const Detection detection = detect(picture);
  ASSERT_TRUE(detection.anomalous) << detection.score << " of " << detection.threshold;
  const Region& region = detection.regions.front();
  EXPECT_NEAR(region.peak_x, 136, 16);
  EXPECT_NEAR(region.peak_y, 28, 8);
  EXPECT_LE(region.box.x, 136);
  EXPECT_GE(region.box.x + region.box.width, 136);
  EXPECT_LE(region.box.y, 28);
  EXPECT_GE(region.box.y + region.box.height, 28);
  // Of the grid's cells the one over the defect, or next to it.
  const auto peak = std::max_element(detection.map.values.begin(), detection.map.values.end()) -
                    detection.map.values.begin();
  const double cell = 128.0 / detection.map.width;
  EXPECT_NEAR(32 + (peak % detection.map.width + 0.5) * cell, 136, 1.5 * cell);
  EXPECT_NEAR(16 + (peak / detection.map.width + 0.5) * cell / 2, 28, 1.5 * cell / 2);

  const OverlayPicture heatmap = draw_heatmap(detection, 1);
  ASSERT_GT(heatmap.size.width, 0);
  // Opaque over the defect, in frame pixels.
  const int x = (136 - heatmap.target.x) * heatmap.size.width / heatmap.target.width;
  const int y = (28 - heatmap.target.y) * heatmap.size.height / heatmap.target.height;
  ASSERT_TRUE(x >= 0 && x < heatmap.size.width && y >= 0 && y < heatmap.size.height);
  EXPECT_GT(heatmap.pixels[4 * (y * heatmap.size.width + x) + 3], 200);
  EXPECT_GE(heatmap.target.x, 32);
  EXPECT_LE(heatmap.target.x + heatmap.target.width, 160);
  EXPECT_GE(heatmap.target.y, 16);
  EXPECT_LE(heatmap.target.y + heatmap.target.height, 64);
}

// Exactly the result of that part as a picture of its own.
TEST_F(DetectorTest, InspectsAPartAtFullResolution) {
  const Detector detector(bank_, {});
  const test::StripedPicture picture(4, {128, 96});
  ImageView cropped = picture.view();
  cropped.size = {64, 48};
  cropped.planes[0] += 17 * cropped.strides[0] + 3 * 33;
  const Detection expected = detector.detect(cropped, {}, workspace_);
  PreparationOptions options;
  options.area.region = parse_inspection_region("33,17,64,48");
  PreparedFrame prepared;
  detector.prepare(picture.view(), options, prepared, workspace_);
  EXPECT_EQ(detector.detect(prepared, {}, workspace_).map.values, expected.map.values);

  // What somebody else cut out comes before the region.
  options.area.region = parse_inspection_region("0,0,32,32");
  options.cut_out = Rect{33, 17, 64, 48};
  detector.prepare(picture.view(), options, prepared, workspace_);
  const Detection part = detector.detect(prepared, {}, workspace_);
  EXPECT_EQ(part.map.values, expected.map.values);
  EXPECT_EQ(part.inspected.x, 33);
}

// The other patches keep their scores, bit by bit.
TEST_F(DetectorTest, RaisesNoAlarmWhereTheMaskIsBlack) {
  test::StripedPicture picture(4);
  const Detection usual = detect(picture);
  picture.add_defect({1, 1, 5, 5});
  const Detection seen = detect(picture);
  ASSERT_TRUE(seen.anomalous);
  rewrite_bank([](BankFile& file) {
    std::vector<std::uint8_t> pixels(64 * 48, 255);
    for (int y = 0; y < 36; ++y) std::fill_n(pixels.begin() + 64 * y, 32, std::uint8_t{0});
    file.area.mask = std::make_shared<InspectionMask>(Size{64, 48}, pixels);
  });
  const Detector detector(bank_, {});
  EXPECT_TRUE(detector.bank().has_mask);
  const Detection masked = detector.detect(picture.view(), {}, workspace_);
  EXPECT_FALSE(masked.anomalous) << masked.score << " of " << masked.threshold;
  EXPECT_TRUE(masked.regions.empty());
  ASSERT_EQ(masked.map.values.size(), seen.map.values.size());
  ASSERT_EQ(masked.map.width, 16);
  float largest = 0;
  for (int row = 0; row < 16; ++row) {
    for (int column = 0; column < 16; ++column) {
      const std::size_t i = 16 * row + column;
      const bool ignored = row < 12 && column < 8;
      EXPECT_EQ(masked.map.values[i], ignored ? 0 : seen.map.values[i]);
      if (!ignored) largest = std::max(largest, seen.map.values[i]);
    }
  }
  EXPECT_EQ(static_cast<float>(masked.score), largest);

  // A defect elsewhere is found as before.
  picture.add_defect({48, 16, 9, 9});
  const Detection beside = detector.detect(picture.view(), {}, workspace_);
  EXPECT_TRUE(beside.anomalous);
  EXPECT_GE(beside.regions.front().peak_x, 32);

  // And without the mask the first one, too.
  PreparationOptions options;
  options.area.mask = nullptr;
  PreparedFrame prepared;
  detector.prepare(picture.view(), options, prepared, workspace_);
  EXPECT_EQ(detector.detect(prepared, {}, workspace_).map.values, detect_without_mask(picture));
}

TEST_F(DetectorTest, SaysBeforehandThatTheAreaDoesNotFit) {
  const Detector detector(bank_, {});
  PreparationOptions options;
  options.area.region = parse_inspection_region("32,16,64,48");
  EXPECT_NO_THROW(detector.check_frame_size({96, 64}, options));
  EXPECT_ERROR(detector.check_frame_size({95, 64}, options), unsupported_frame, "does not fit");
  options.area.region = parse_inspection_region("0.0,0.0,0.25,1.0");
  EXPECT_ERROR(detector.check_frame_size({125, 64}, options), unsupported_frame, "too small");

  // A white pixel that is smaller than any patch.
  options.area.region.reset();
  std::vector<std::uint8_t> pixels(640 * 480);
  pixels[1000] = 255;
  options.area.mask = std::make_shared<InspectionMask>(Size{640, 480}, pixels);
  EXPECT_ERROR(detector.check_frame_size({64, 48}, options), unsupported_frame, "leaves nothing");
}

TEST_F(DetectorTest, TellsHowLongEveryStageTook) {
  workspace_.stage_times.fill(-1);
  detect(test::StripedPicture(4));
  for (const double seconds : workspace_.stage_times) EXPECT_GE(seconds, 0);
}

TEST_F(DetectorTest, TakesTheCallersThreshold) {
  DetectionOptions options;
  options.threshold = 0;
  const Detection detection = detect(test::StripedPicture(4), options);
  EXPECT_TRUE(detection.anomalous);
  EXPECT_EQ(detection.threshold, 0);
}

// Which index it is changes the time, never what is found, save that FAISS tells patches at nearly
// the same distance apart with the rounding of |a|^2 + |b|^2 - 2ab.
TEST_F(DetectorTest, FindsTheSameWithEveryIndex) {
  test::StripedPicture picture(4);
  picture.add_defect();
  const Detection expected = detect(picture);
  DetectorOptions options;
  options.index = IndexKind::screened;
  const Detection found = Detector(bank_, options).detect(picture.view(), {}, workspace_);
  EXPECT_EQ(found.score, expected.score);
  EXPECT_EQ(found.map.values, expected.map.values);

  options.index = IndexKind::faiss_flat;
  const Detection faiss = Detector(bank_, options).detect(picture.view(), {}, workspace_);
  EXPECT_NEAR(faiss.score, expected.score, 1e-6);
  ASSERT_EQ(faiss.map.values.size(), expected.map.values.size());
  for (std::size_t i = 0; i < expected.map.values.size(); ++i) {
    const double distance = expected.map.values[i];
    EXPECT_GE(faiss.map.values[i], distance);
    EXPECT_NEAR(std::pow(faiss.map.values[i], 2), distance * distance, 1e-6);
  }
}

TEST_F(DetectorTest, TakesTheIndexThatTheBankAsksFor) {
  EXPECT_EQ(Detector(bank_, {}).index(), IndexKind::automatic);
  EXPECT_EQ(Detector(bank_, {}).bank().index, IndexKind::automatic);
  EXPECT_FALSE(Detector(bank_, {}).bank().recall);
  rewrite_bank([](BankFile& file) {
    file.index = IndexKind::faiss_hnsw;
    file.recall = {0.75, 0.1, 0.2};
  });
  const Detector detector(bank_, {});
  EXPECT_EQ(detector.index(), IndexKind::faiss_hnsw);
  EXPECT_EQ(detector.bank().index, IndexKind::faiss_hnsw);
  ASSERT_TRUE(detector.bank().recall);
  EXPECT_EQ(detector.bank().recall->neighbours, 0.75);
}

TEST_F(DetectorTest, TakesTheCallersIndexBeforeTheBanks) {
  rewrite_bank([](BankFile& file) { file.index = IndexKind::faiss_hnsw; });
  DetectorOptions options;
  options.index = IndexKind::screened;
  const Detector detector(bank_, options);
  EXPECT_EQ(detector.index(), IndexKind::screened);
  EXPECT_EQ(detector.bank().index, IndexKind::faiss_hnsw);
}

// They see farther patches at worst, never nearer ones.
TEST_F(DetectorTest, FindsADefectWithAnApproximateIndex) {
  test::StripedPicture picture(4);
  picture.add_defect();
  const Detection exact = detect(picture);
  for (const IndexKind index : {IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    SCOPED_TRACE(index_name(index));
    DetectorOptions options;
    options.index = index;
    const Detector detector(bank_, options);
    const Detection found = detector.detect(picture.view(), {}, workspace_);
    EXPECT_TRUE(found.anomalous);
    EXPECT_GE(found.score, exact.score);
    EXPECT_LE(found.score, 1.2 * exact.score);
    EXPECT_FALSE(detector.detect(test::StripedPicture(3).view(), {}, workspace_).anomalous);
  }
}

// Its score is that of exact search, so that it tells a wrong machine from a coarse index.
TEST_F(DetectorTest, HoldsApproximateIndicesToTheSelfTest) {
  bank_ = test::write_tiny_bank(folder_.path(), Precision::fp32);
  DetectorOptions options;
  options.index = IndexKind::faiss_ivfpq;
  EXPECT_NO_THROW(Detector(bank_, options));
  rewrite_bank([](BankFile& file) { file.self_test.score *= 1.05; });
  options.precision = Precision::fp32;
  EXPECT_ERROR(Detector(bank_, options), corrupt, "self-test");
}

TEST_F(DetectorTest, SaysThatABankIsTooSmallForAnIndex) {
  rewrite_bank([](BankFile& file) {
    file.bank.rows = 20;
    file.bank.values.resize(20 * file.bank.columns);
  });
  DetectorOptions options;
  options.index = IndexKind::faiss_ivfpq;
  EXPECT_ERROR(Detector(bank_, options), invalid_argument, "this one has 20");
}

// As programs of format version 1.0 wrote it.
TEST_F(DetectorTest, NeedsNoPrincipalDirectionsInTheFile) {
  const test::StripedPicture picture(4);
  const Detection expected = detect(picture);
  rewrite_bank([](BankFile& file) { file.search = {}; });
  EXPECT_EQ(detect(picture).score, expected.score);
}

TEST_F(DetectorTest, GivesTheSameResultInSeveralThreads) {
  const Detector detector(bank_, {});
  const test::StripedPicture picture(3);
  const double expected = detector.detect(picture.view(), {}, workspace_).score;
  std::vector<double> scores(4, -1);
  std::vector<std::thread> threads;
  for (double& score : scores) {
    threads.emplace_back([&] {
      Workspace workspace;
      for (int i = 0; i < 5; ++i) score = detector.detect(picture.view(), {}, workspace).score;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double score : scores) EXPECT_NEAR(score, expected, 1e-4 * expected + 1e-9);
}

TEST_F(DetectorTest, NeedsTheRightWeightsForABankWithoutThem) {
  DetectorOptions options;
  options.weights = folder_ / "resnet18.safetensors";
  rewrite_bank([](BankFile& file) { file.backbone_weights.clear(); });
  EXPECT_NO_THROW(Detector(bank_, options));

  rewrite_bank([](BankFile& file) { file.weights_sha256 = std::string(64, 'a'); });
  EXPECT_THROW(Detector(bank_, options), Error);
}

TEST_F(DetectorTest, TakesABankTrainedWithATorchscriptFile) {
  const std::string module = folder_ / "net.pt";
  test::write_torchscript(module, test::pyramid);
  TrainerOptions training = test::tiny_trainer_options("");
  training.backbone = {module, {}, "", true};
  Trainer trainer(training);
  for (int number = 0; number < 10; ++number) trainer.add(test::StripedPicture(number).view());
  test::build_and_wait(trainer, bank_);
  const BankFile file = read_bank_file(bank_);
  EXPECT_EQ(file.backbone, "net.pt");
  EXPECT_EQ(file.layers, (std::vector<std::string>{"fine", "coarse"}));
  EXPECT_EQ(file.precision, Precision::fp32);
  EXPECT_TRUE(file.backbone_weights.empty());

  DetectorOptions options;
  options.weights = module;
  EXPECT_ERROR(Detector(bank_, options), invalid_argument, "allow-torchscript=true");
  options.allow_torchscript = true;
  const Detector detector(bank_, options);
  test::StripedPicture bad(3);
  bad.add_defect();
  EXPECT_FALSE(detector.detect(test::StripedPicture(3).view(), {}, workspace_).anomalous);
  EXPECT_TRUE(detector.detect(bad.view(), {}, workspace_).anomalous);

  test::write_torchscript(module, std::string("x = torch.neg(x)\n") + test::pyramid);
  EXPECT_ERROR(Detector(bank_, options), invalid_argument, "not those that the bank");
}

TEST_F(DetectorTest, RefusesABankWhoseSelfTestFails) {
  rewrite_bank([](BankFile& file) { file.self_test.score *= 1.5; });
  try {
    Detector detector(bank_, {});
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("self-test"), std::string::npos) << error.what();
  }
}

// Sixteen bits round more than another machine does.
TEST_F(DetectorTest, AllowsMoreOfABankMadeInCoarsePrecision) {
  DetectorOptions options;
  options.precision = Precision::fp32;
  options.device = "cpu";
  rewrite_bank([](BankFile& file) { file.self_test.score *= 1.05; });
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    rewrite_bank([&](BankFile& file) { file.precision = precision; });
    EXPECT_NO_THROW(Detector(bank_, options));
  }
  rewrite_bank([](BankFile& file) { file.precision = Precision::fp32; });
  EXPECT_ERROR(Detector(bank_, options), corrupt, "self-test");
}

TEST_F(DetectorTest, SaysWhereItComputes) {
  DetectorOptions options;
  options.device = "cpu";
  EXPECT_EQ(device_name(Detector(bank_, options).device().device), "cpu");
  const DeviceInUse automatic = Detector(bank_, {}).device();
  EXPECT_EQ(automatic.device, resolve_device("auto", device_support()));
  EXPECT_EQ(automatic.reason, "");
}

TEST_F(DetectorTest, RefusesADeviceThatIsNotThere) {
  DetectorOptions options;
  options.device = "cuda:999";
  EXPECT_ERROR(Detector(bank_, options), not_found, "cuda:999");
  options.device = "gpu";
  EXPECT_ERROR(Detector(bank_, options), invalid_argument, "\"gpu\"");
  options.device = "cpu";
  options.precision = Precision::fp16;
  EXPECT_ERROR(Detector(bank_, options), invalid_argument, "fp16 is for GPUs");
}

TEST_F(DetectorTest, TakesABankWithoutASelfTest) {
  rewrite_bank([](BankFile& file) { file.self_test = {}; });
  EXPECT_NO_THROW(Detector(bank_, {}));
}

TEST_F(DetectorTest, SaysBeforehandThatFramesAreTooSmall) {
  const Detector detector(bank_, {});
  EXPECT_NO_THROW(detector.check_frame_size({64, 48}));
  EXPECT_THROW(detector.check_frame_size({64, 16}), Error);
}

TEST_F(DetectorTest, SaysWhatTheBankIs) {
  const Detector detector(bank_, {});
  EXPECT_EQ(detector.bank().backbone, "resnet18");
  EXPECT_EQ(detector.bank().dimension, 64);
  EXPECT_EQ(detector.bank().frames, 10);
  EXPECT_TRUE(detector.bank().threshold_is_guess);
}

TEST_F(DetectorTest, NamesAMissingBank) {
  try {
    Detector detector(folder_ / "none", {});
    FAIL() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_NE(std::string(error.what()).find("none"), std::string::npos);
  }
}

namespace {

class EnsembleDetectorTest : public DetectorTest {
 protected:
  /// Writes an ensemble of the bank as often as that.
  std::string write_copies(std::size_t members) {
    BankEnsemble ensemble;
    ensemble.members.assign(members, read_bank_file(bank_));
    HeldOutScores scores;
    for (const BankFile& member : ensemble.members) {
      scores.add({0, 1}, member.calibration, rounding_score(member.bank, member.scoring));
    }
    ensemble.calibration = scores.calibrate_ensemble();
    const std::string path = folder_ / "copies.safetensors";
    write_bank_ensemble(path, ensemble);
    return path;
  }

  std::vector<test::StripedPicture> pictures_with_defects() {
    std::vector<test::StripedPicture> pictures;
    for (int number = 0; number < 4; ++number) {
      pictures.emplace_back(number);
      if (number % 2 == 1) pictures.back().add_defect({20 + 8 * number, 20, 8, 8});
    }
    return pictures;
  }
};

}  // namespace

TEST_F(EnsembleDetectorTest, OfOneScoresAsTheBank) {
  const std::string copy = write_copies(1);
  const Detector expected(bank_, {});
  const Detector detector(copy, {});
  EXPECT_EQ(detector.bank().members, 1);
  for (const test::StripedPicture& picture : pictures_with_defects()) {
    const Detection truth = expected.detect(picture.view(), {}, workspace_);
    const Detection found = detector.detect(picture.view(), {}, workspace_);
    EXPECT_EQ(found.score, truth.score);
    EXPECT_EQ(found.threshold, truth.threshold);
    EXPECT_EQ(found.map.values, truth.map.values);
  }
}

// In the relative score, which is what scores mean everywhere.
TEST_F(EnsembleDetectorTest, OfTwoThatAreTheSameAgreesWithTheBank) {
  const std::string copies = write_copies(2);
  const Detector expected(bank_, {});
  const Detector detector(copies, {});
  EXPECT_EQ(detector.bank().members, 2);
  EXPECT_EQ(detector.bank().patches, 2 * expected.bank().patches);
  EXPECT_EQ(detector.bank().dimension, 128);
  EXPECT_EQ(detector.bank().backbone, "resnet18;resnet18");
  for (const test::StripedPicture& picture : pictures_with_defects()) {
    const Detection truth = expected.detect(picture.view(), {}, workspace_);
    const Detection found = detector.detect(picture.view(), {}, workspace_);
    EXPECT_NEAR(
        relative_score(found.score, found.threshold) / relative_score(truth.score, truth.threshold),
        1, 1e-6);
    EXPECT_EQ(found.anomalous, truth.anomalous);
    ASSERT_EQ(found.map.values.size(), truth.map.values.size());
    for (std::size_t i = 0; i < truth.map.values.size(); ++i) {
      const double ratio = truth.map.values[i] / truth.threshold;
      EXPECT_NEAR(found.map.values[i] / found.threshold, ratio, 1e-6 * ratio);
    }
    ASSERT_EQ(found.regions.size(), truth.regions.size());
    for (std::size_t i = 0; i < truth.regions.size(); ++i) {
      EXPECT_EQ(found.regions[i].peak_x, truth.regions[i].peak_x);
    }
  }
}

// Each member apart, by a detector of its own, and the mean of what they say.
TEST_F(EnsembleDetectorTest, CombinesWhatItsMembersFind) {
  const std::string path = test::write_tiny_ensemble(folder_.path());
  const BankEnsemble ensemble = read_bank_ensemble(path);
  ASSERT_EQ(ensemble.members.size(), 2U);
  std::vector<std::unique_ptr<Detector>> members;
  for (const BankFile& member : ensemble.members) {
    write_bank_file(folder_ / "member.safetensors", member);
    members.push_back(
        std::make_unique<Detector>(folder_ / "member.safetensors", DetectorOptions()));
  }
  const Detector detector(path, {});
  EXPECT_EQ(detector.bank().backbone, "resnet18;resnet34");
  DetectionOptions with_members;
  with_members.members = true;
  for (const test::StripedPicture& picture : pictures_with_defects()) {
    const Detection found = detector.detect(picture.view(), with_members, workspace_);
    ASSERT_EQ(found.members.size(), 2U);
    double above = 0;
    double below = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const Detection own = members[i]->detect(picture.view(), {}, workspace_);
      EXPECT_EQ(found.members[i].score, own.score);
      EXPECT_EQ(found.members[i].map.values, own.map.values);
      const Calibration& calibration = ensemble.members[i].calibration;
      const double spread = calibration.threshold - calibration.usual_score;
      above += own.score / spread;
      below += calibration.threshold / spread;
    }
    EXPECT_NEAR(found.score, above / below, 1e-6 * found.score);
    EXPECT_EQ(found.threshold, ensemble.calibration.threshold);
    EXPECT_EQ(found.anomalous, found.score >= found.threshold);
    // resnet18's layer1 has the finer grid.
    EXPECT_EQ(found.map.width, 16);
    EXPECT_EQ(found.members[1].map.width, 8);
    EXPECT_EQ(*std::max_element(found.map.values.begin(), found.map.values.end()),
              static_cast<float>(found.score));
    EXPECT_TRUE(detector.detect(picture.view(), {}, workspace_).members.empty());
  }
}

TEST_F(EnsembleDetectorTest, FindsDefectsAndNoneInGoodFrames) {
  const Detector detector(test::write_tiny_ensemble(folder_.path()), {});
  test::StripedPicture picture(4);
  EXPECT_FALSE(detector.detect(picture.view(), {}, workspace_).anomalous);
  picture.add_defect();
  const Detection detection = detector.detect(picture.view(), {}, workspace_);
  ASSERT_TRUE(detection.anomalous) << detection.score << " of " << detection.threshold;
  ASSERT_FALSE(detection.regions.empty());
  EXPECT_NEAR(detection.regions[0].peak_x, picture.size.width / 2, 14);
  EXPECT_NEAR(detection.regions[0].peak_y, picture.size.height / 2, 14);
}

TEST_F(EnsembleDetectorTest, GivesTheSameBitsForSeveralFramesAtOnce) {
  const Detector detector(test::write_tiny_ensemble(folder_.path()), {});
  const std::vector<test::StripedPicture> pictures = pictures_with_defects();
  std::vector<PreparedFrame> prepared(pictures.size());
  std::vector<DetectionRequest> requests(pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    detector.prepare(pictures[i].view(), {}, prepared[i], workspace_);
    requests[i] = {&prepared[i], {}};
  }
  requests[2].options.threshold = 0;
  const std::vector<Detection> detections = detector.detect(requests, workspace_);
  ASSERT_EQ(detections.size(), pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Detection expected = detector.detect(pictures[i].view(), requests[i].options, workspace_);
    EXPECT_EQ(detections[i].score, expected.score);
    EXPECT_EQ(detections[i].threshold, expected.threshold);
    EXPECT_EQ(detections[i].map.values, expected.map.values);
    EXPECT_EQ(detections[i].regions.size(), expected.regions.size());
  }
}

// On the grid of each member; the defect lies in the black part.
TEST_F(EnsembleDetectorTest, RaisesNoAlarmWhereTheMaskIsBlack) {
  const std::string path = test::write_tiny_ensemble(folder_.path());
  std::vector<std::uint8_t> pixels(64 * 48, 255);
  for (int y = 0; y < 36; ++y) std::fill_n(pixels.begin() + 64 * y, 32, std::uint8_t{0});
  PreparationOptions options;
  options.area.mask = std::make_shared<InspectionMask>(Size{64, 48}, pixels);
  const Detector detector(path, {});
  test::StripedPicture picture(4);
  picture.add_defect({1, 1, 5, 5});
  ASSERT_TRUE(detector.detect(picture.view(), {}, workspace_).anomalous);
  PreparedFrame prepared;
  detector.prepare(picture.view(), options, prepared, workspace_);
  const Detection masked = detector.detect(prepared, {}, workspace_);
  EXPECT_FALSE(masked.anomalous) << masked.score << " of " << masked.threshold;
  for (int row = 0; row < 12; ++row) {
    for (int column = 0; column < 8; ++column) EXPECT_EQ(masked.map.values[16 * row + column], 0);
  }
  picture.add_defect({48, 16, 9, 9});
  detector.prepare(picture.view(), options, prepared, workspace_);
  EXPECT_TRUE(detector.detect(prepared, {}, workspace_).anomalous);
}

TEST_F(EnsembleDetectorTest, RunsTheSelfTestOfEveryMember) {
  const std::string path = test::write_tiny_ensemble(folder_.path());
  for (std::size_t member = 0; member < 2; ++member) {
    BankEnsemble ensemble = read_bank_ensemble(path);
    ensemble.members[member].self_test.score *= 2;
    write_bank_ensemble(folder_ / "wrong.safetensors", ensemble);
    EXPECT_ERROR(Detector(folder_ / "wrong.safetensors", {}), corrupt, "self-test");
  }
}

TEST_F(EnsembleDetectorTest, TakesWeightsForEachMember) {
  TrainerOptions options = test::tiny_ensemble_options(folder_.path());
  options.store_weights = false;
  Trainer trainer(options);
  for (int number = 0; number < 5; ++number) trainer.add(test::StripedPicture(number).view());
  const std::string path = test::build_and_wait(trainer, folder_ / "bare.safetensors").path;
  const std::string first = options.backbone.weights;
  const std::string second = options.further_members[0].weights;
  DetectorOptions detector;
  detector.weights = first + ";" + second;
  EXPECT_NO_THROW(Detector(path, detector));
  detector.weights = second + ";" + first;
  EXPECT_ERROR(Detector(path, detector), corrupt, "safetensors");
  detector.weights = first + ";" + second + ";" + first;
  EXPECT_ERROR(Detector(path, detector), invalid_argument, "for 3 members");
}

}  // namespace patchcore
