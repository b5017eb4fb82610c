// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects tiles from training to detection: small defects of large pictures are found where they
// are, seams show nothing, and what works with whole frames works with tiles.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/detector.h"
#include "core/frame_embedding.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

constexpr Size large = {220, 160};

class TiledDetection : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    usual_folder_ = std::make_unique<test::TemporaryFolder>();
    usual_ = train_in(*usual_folder_, test::write_tiny_weights(usual_folder_->path()), {}, large);
  }
  static void TearDownTestSuite() { usual_folder_.reset(); }

  std::string train(const std::function<void(TrainerOptions&)>& change = {}, Size size = large) {
    return train_in(folder_, weights_, change, size);
  }

  /// Of ten pictures, in tiles of 64 pixels that are seen at their own resolution.
  static std::string train_in(const test::TemporaryFolder& folder, const std::string& weights,
                              const std::function<void(TrainerOptions&)>& change, Size size) {
    TrainerOptions options = test::tiny_trainer_options(weights);
    options.tile_size = 64;
    if (change) change(options);
    Trainer trainer(options);
    for (int number = 0; number < 10; ++number) {
      trainer.add(test::StripedPicture(number, size).view());
    }
    return test::build_and_wait(trainer, folder / "tiled.bank").path;
  }

  Detection detect(const Detector& detector, const test::StripedPicture& picture,
                   const PreparationOptions& options = {}) {
    PreparedFrame prepared;
    detector.prepare(picture.view(), options, prepared, workspace_);
    return detector.detect(prepared, {}, workspace_);
  }

  static std::unique_ptr<test::TemporaryFolder> usual_folder_;
  static std::string usual_;  ///< a bank for the tests that need no other
  const test::TemporaryFolder folder_;
  const std::string weights_ = test::write_tiny_weights(folder_.path());
  Workspace workspace_;
};

std::unique_ptr<test::TemporaryFolder> TiledDetection::usual_folder_;
std::string TiledDetection::usual_;

float largest(const ScoreMap& map) {
  return *std::max_element(map.values.begin(), map.values.end());
}

}  // namespace

TEST_F(TiledDetection, FindsASmallDefectWhereItIs) {
  const Detector detector(usual_, {});
  const Detection good = detect(detector, test::StripedPicture(4, large));
  EXPECT_FALSE(good.anomalous) << good.score << " of " << good.threshold;
  EXPECT_EQ(good.inspected, (Rect{0, 0, 220, 160}));
  EXPECT_EQ(good.seen_at_once, (Size{64, 64}));
  EXPECT_EQ(good.input_size, (Size{220, 160}));
  EXPECT_EQ(good.map.width, 55);
  EXPECT_EQ(good.map.height, 40);
  for (const Rect& defect : {Rect{10, 10, 6, 6}, Rect{120, 100, 6, 6}, Rect{210, 150, 6, 6}}) {
    SCOPED_TRACE(defect.x);
    test::StripedPicture picture(4, large);
    picture.add_defect(defect);
    const Detection detection = detect(detector, picture);
    ASSERT_TRUE(detection.anomalous) << detection.score << " of " << detection.threshold;
    EXPECT_EQ(static_cast<float>(detection.score), largest(detection.map));
    ASSERT_EQ(detection.regions.size(), 1U);
    const Region& region = detection.regions.front();
    EXPECT_EQ(static_cast<float>(region.peak), static_cast<float>(detection.score));
    EXPECT_NEAR(region.peak_x, defect.x + 3, 12);
    EXPECT_NEAR(region.peak_y, defect.y + 3, 12);
  }
}

// Tiles of 64 begin at 0, 52, 104, 156 across: the seam between the first two is around 58.
TEST_F(TiledDetection, FindsADefectAcrossASeamAsOneRegion) {
  const Detector detector(usual_, {});
  test::StripedPicture picture(4, large);
  picture.add_defect({30, 50, 50, 6});
  const Detection detection = detect(detector, picture);
  ASSERT_TRUE(detection.anomalous);
  ASSERT_EQ(detection.regions.size(), 1U);
  const Rect& box = detection.regions.front().box;
  EXPECT_LE(box.x, 34);
  EXPECT_GE(box.x + box.width, 76);
}

TEST_F(TiledDetection, ShowsNoSeams) {
  const Detector detector(usual_, {});
  const ScoreMap map = detect(detector, test::StripedPicture(4, large)).map;
  // The stripes run from top to bottom: rows differ by what tiles make of them alone.
  std::vector<double> rows;
  for (int row = 0; row < map.height; ++row) {
    double sum = 0;
    for (int column = 0; column < map.width; ++column) {
      sum += map.values[static_cast<std::size_t>(row) * map.width + column];
    }
    rows.push_back(sum / map.width);
  }
  double usual = 0;
  for (const double row : rows) usual += row / static_cast<double>(rows.size());
  double largest_step = 0;
  for (std::size_t row = 1; row < rows.size(); ++row) {
    largest_step = std::max(largest_step, std::abs(rows[row] - rows[row - 1]));
  }
  EXPECT_LT(largest_step, 0.5 * usual);
}

// To the bit, with the bank of the same patches.
TEST_F(TiledDetection, OfASingleTileIsThatOfTheWholeFrame) {
  const std::string tiled = train([](TrainerOptions& options) { options.tile_size = 220; });
  const BankFile of_tiles = read_bank_file(tiled);
  EXPECT_EQ(of_tiles.preprocess.tile_size, 220);
  test::StripedPicture picture(4, large);
  picture.add_defect({100, 100, 20, 20});
  const Detection found = detect(Detector(tiled, {}), picture);
  const std::string whole = train([](TrainerOptions& options) { options.tile_size = 0; });
  const BankFile of_frames = read_bank_file(whole);
  const Detection expected = detect(Detector(whole, {}), picture);
  EXPECT_EQ(of_tiles.bank.values, of_frames.bank.values);
  EXPECT_EQ(of_tiles.calibration.threshold, of_frames.calibration.threshold);
  EXPECT_EQ(found.score, expected.score);
  EXPECT_EQ(found.map.values, expected.map.values);
  EXPECT_EQ(found.input_size, expected.input_size);
  EXPECT_EQ(found.inspected, expected.inspected);
  EXPECT_EQ(found.regions.size(), expected.regions.size());
}

// The threshold is made of scores as detection makes them.
TEST_F(TiledDetection, IsCalibratedWithTheScoresOfDetection) {
  constexpr Size size = {100, 80};
  DetectorOptions as_trained;
  as_trained.precision = Precision::fp32;
  for (const bool paper : {false, true}) {
    const std::string path = train(
        [&](TrainerOptions& options) {
          options.coreset.sampler = SamplerKind::identity;
          options.coreset.max_patches = 0;
          options.scoring.image_score = ImageScore::top;
          if (paper) {
            options.scoring.mode = ScoreMode::paper;
            options.scoring.neighbours = 3;
          }
        },
        size);
    BankFile file = read_bank_file(path);
    ASSERT_FALSE(file.calibration.scores.empty());
    // The bank before the held-out frames' patches joined it.
    const auto held_out = file.calibration.scores.size();
    const std::size_t rows = file.bank.rows / 10 * (10 - held_out);
    file.bank.rows = rows;
    file.bank.values.resize(rows * file.bank.columns);
    file.search = {};
    file.self_test = {};
    write_bank_file(path, file);
    const Detector detector(path, as_trained);
    std::vector<float> scores;
    for (int number = 0; number < 10; ++number) {
      scores.push_back(
          static_cast<float>(detect(detector, test::StripedPicture(number, size)).score));
    }
    for (const float score : file.calibration.scores) {
      const auto near = [&](float other) { return std::abs(other - score) < 1e-4F * score; };
      EXPECT_TRUE(std::any_of(scores.begin(), scores.end(), near))
          << score << " is not among " << testing::PrintToString(scores);
    }
  }
}

TEST_F(TiledDetection, RaisesNoAlarmWhereTheMaskIsBlack) {
  const Detector detector(usual_, {});
  test::StripedPicture picture(4, large);
  const Detection usual = detect(detector, picture);
  picture.add_defect({40, 90, 20, 20});
  ASSERT_TRUE(detect(detector, picture).anomalous);
  PreparationOptions options;
  // Black from 10,60 to 90,140.
  std::vector<std::uint8_t> pixels(22 * 16, 255);
  for (int y = 6; y < 14; ++y) {
    for (int x = 1; x < 9; ++x) pixels[22 * y + x] = 0;
  }
  options.area.mask = std::make_shared<InspectionMask>(Size{22, 16}, pixels);
  const Detection masked = detect(detector, picture, options);
  EXPECT_FALSE(masked.anomalous);
  ASSERT_EQ(masked.map.values.size(), usual.map.values.size());
  for (int row = 0; row < masked.map.height; ++row) {
    for (int column = 0; column < masked.map.width; ++column) {
      const float value =
          masked.map.values[static_cast<std::size_t>(row) * masked.map.width + column];
      const bool black = row >= 15 && row < 35 && column >= 3 && column < 22;
      const bool near_black = row >= 14 && row < 36 && column >= 2 && column < 23;
      if (black) {
        EXPECT_EQ(value, 0) << row << " " << column;
      } else if (!near_black) {
        EXPECT_GT(value, 0) << row << " " << column;
      }
    }
  }
}

TEST_F(TiledDetection, CutsUpARegionAndPartsThatWereCutOut) {
  const Detector detector(train([](TrainerOptions& options) { options.region = "40,20,160,130"; }),
                          {});
  test::StripedPicture picture(4, large);
  const Detection usual = detect(detector, picture);
  EXPECT_EQ(usual.inspected, (Rect{40, 20, 160, 130}));
  EXPECT_EQ(usual.map.width, 40);
  picture.add_defect({0, 0, 30, 160});
  EXPECT_EQ(detect(detector, picture).score, usual.score);
  picture.add_defect({170, 120, 6, 6});
  const Detection found = detect(detector, picture);
  ASSERT_EQ(found.regions.size(), 1U);
  EXPECT_NEAR(found.regions.front().peak_x, 173, 12);
  EXPECT_NEAR(found.regions.front().peak_y, 123, 12);

  PreparationOptions options;
  options.cut_out = Rect{120, 60, 100, 100};
  const Detection part = detect(detector, picture, options);
  EXPECT_EQ(part.inspected, (Rect{120, 60, 100, 100}));
  ASSERT_FALSE(part.regions.empty());
  EXPECT_NEAR(part.regions.front().peak_x, 173, 12);
  // One that is smaller than a tile.
  options.cut_out = Rect{150, 100, 60, 50};
  const Detection small = detect(detector, picture, options);
  EXPECT_EQ(small.seen_at_once, (Size{60, 50}));
  EXPECT_TRUE(small.anomalous);
}

// Whatever their size, with tiles that stay as large as they are.
TEST_F(TiledDetection, TakesFramesOfAnySize) {
  const Detector detector(usual_, {});
  for (const Size size : {Size{64, 64}, Size{65, 64}, Size{200, 48}, Size{65, 150}}) {
    SCOPED_TRACE(size_text(size));
    test::StripedPicture picture(4, size);
    const Detection good = detect(detector, picture);
    EXPECT_LE(good.seen_at_once.width, 64);
    EXPECT_EQ(good.map.width, std::max(16, static_cast<int>(std::lround(size.width / 4.0))));
    picture.add_defect({size.width - 30, size.height - 20, 8, 8});
    const Detection found = detect(detector, picture);
    EXPECT_GT(found.score, good.score);
  }
  EXPECT_ERROR(detector.check_frame_size({300, 31}), unsupported_frame, "too small");
  EXPECT_NO_THROW(detector.check_frame_size({300, 32}));
}

// Frames of both kinds in one call, as streams of different sizes may bring them.
TEST_F(TiledDetection, GivesTheSameBitsForSeveralFramesAtOnce) {
  const Detector detector(usual_, {});
  std::vector<PreparedFrame> prepared(3);
  std::vector<DetectionRequest> requests(3);
  const std::vector<test::StripedPicture> pictures = {test::StripedPicture(1, large),
                                                      test::StripedPicture(2, {64, 48}),
                                                      test::StripedPicture(3, {100, 160})};
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    detector.prepare(pictures[i].view(), {}, prepared[i], workspace_);
    requests[i].frame = &prepared[i];
  }
  const std::vector<Detection> found = detector.detect(requests, workspace_);
  ASSERT_EQ(found.size(), 3U);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_EQ(found[i].map.values, detect(detector, pictures[i]).map.values);
  }
}

TEST_F(TiledDetection, ContinuesABankOfTheSameTilesOnly) {
  const std::string bank = train();
  const auto continue_with = [&](int tile_size, double overlap) {
    return train([&](TrainerOptions& options) {
      options.append_to = bank;
      options.tile_size = tile_size;
      options.tile_overlap = overlap;
    });
  };
  EXPECT_ERROR(continue_with(0, 0.125), invalid_argument, "tile size: 64 there, 0 here");
  EXPECT_ERROR(continue_with(64, 0.25), invalid_argument, "tile overlap: 0.125 there, 0.25 here");
  EXPECT_EQ(read_bank_file(continue_with(64, 0.125)).frames, 20);
}

TEST_F(TiledDetection, RefusesTilesThatCannotBe) {
  const auto refused = [&](const char* part, const std::function<void(TrainerOptions&)>& change) {
    EXPECT_ERROR(train(change), invalid_argument, part);
  };
  refused("tile size is 16", [](TrainerOptions& options) { options.tile_size = 16; });
  refused("tile size is -64", [](TrainerOptions& options) { options.tile_size = -64; });
  refused("from 0 to 0.5", [](TrainerOptions& options) { options.tile_overlap = 0.75; });
  refused("set the crop to none", [](TrainerOptions& options) {
    options.input_size = "64";
    options.crop = "56";
  });
}

// The network's own crop would leave gaps between the tiles.
TEST_F(TiledDetection, SeesTilesWithoutTheDefaultCrop) {
  const BankFile file =
      read_bank_file(train([](TrainerOptions& options) { options.input_size = "64"; }));
  EXPECT_EQ(file.preprocess.mode, ResizeMode::area);
  EXPECT_EQ(file.preprocess.area_side, 64);
}

// What a frame takes beside its copy does not grow with it but by its scores.
TEST_F(TiledDetection, HoldsFewTilesAtOnce) {
  const Detector detector(usual_, {});
  const test::StripedPicture picture(4, {600, 500});
  PreparedFrame prepared;
  detector.prepare(picture.view(), {}, prepared, workspace_);
  EXPECT_GT(prepared.tiles->tiles.size(), 80U);
  EXPECT_TRUE(prepared.input.values.empty());
  EXPECT_EQ(prepared.picture.bytes(), picture.rgb.size());
  detector.detect(prepared, {}, workspace_);
  constexpr std::size_t at_once = FrameEmbedding::tiles_at_once;
  EXPECT_EQ(workspace_.tile_inputs.size(), at_once);
  EXPECT_LE(workspace_.joined.values.capacity(), at_once * 3 * 64 * 64);
  EXPECT_LE(workspace_.patches.values.capacity(), at_once * 256 * 64);
  EXPECT_EQ(workspace_.frame_patches.values.capacity(), 0U);
}

}  // namespace patchcore
