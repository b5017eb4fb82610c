// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects collecting beside the stream: the patches are those of one frame after the other, no
// frame is lost or kept, waiting ends when it should, and a failure is heard of.
#include "core/frame_collector.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/backbone/precision.h"
#include "core/threads.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

constexpr std::int64_t most_on_their_way = FrameCollector::batch_size + FrameCollector::queue_size;

FrameEmbedding make_embedding(const std::string& name, Precision precision, int tile_size = 0) {
  const BackboneDescription description = describe_backbone(name);
  PreprocessOptions preprocess = description.preprocess;
  preprocess.mode = ResizeMode::area;
  preprocess.area_side = 64;
  preprocess.tile_size = tile_size;
  return FrameEmbedding(
      preprocess,
      make_backbone(name, description.default_layers,
                    test::formula_weights(name, description.default_layers), "formula", precision),
      description.embedding);
}

CoresetOptions keep_all() {
  CoresetOptions options;
  options.sampler = SamplerKind::identity;
  return options;
}

FrameCollector::Options one_thread() {
  FrameCollector::Options options;
  options.threads = 1;
  return options;
}

/// Lets the collector's thread wait after its first frame.
class Gate {
 public:
  CollectedCallback callback() {
    return [this](const CollectedSoFar&) {
      if (reached_once_) return;
      reached_once_ = true;
      reached_.set_value();
      opened_.get_future().wait();
    };
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  bool reached_once_ = false;
  std::promise<void> reached_;
  std::promise<void> opened_;
};

class FrameCollectorTest : public ::testing::Test {
 protected:
  /// Adds frames until they wait, and one more, which does.
  std::future<bool> fill(FrameCollector& collector) {
    EXPECT_TRUE(collector.add(test::StripedPicture(0).view()));
    gate_.wait_until_reached();
    for (std::size_t i = 0; i < FrameCollector::queue_size; ++i) {
      EXPECT_TRUE(collector.add(test::StripedPicture(static_cast<int>(i)).view()));
    }
    std::future<bool> one_more = std::async(
        std::launch::async, [&collector] { return collector.add(test::StripedPicture(0).view()); });
    EXPECT_EQ(one_more.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    return one_more;
  }

  FrameEmbedding embedding_ = make_embedding("efficientnet_lite0", Precision::fp32);
  PatchCollections collection_{1, keep_all(), 0};
  Gate gate_;
};

}  // namespace

TEST(FrameCollector, CollectsTheSamePatchesAsOneByOne) {
  use_threads(0);
  std::vector<Precision> precisions = {Precision::fp32};
  if (precision_support().bf16_convolutions) precisions.push_back(Precision::bf16);
  for (const char* name : {"efficientnet_lite0", "resnet18"}) {
    for (const Precision precision : precisions) {
      SCOPED_TRACE(std::string(name) + (precision == Precision::bf16 ? " bf16" : " fp32"));
      const FrameEmbedding embedding = make_embedding(name, precision);
      // Runs of equal size, of any length.
      std::vector<test::StripedPicture> pictures;
      for (int number = 0; number < 23; ++number) {
        const bool wide = number % 9 == 5 || number > 20;
        pictures.emplace_back(number, wide ? Size{128, 40} : Size{64, 48});
      }
      PatchCollection expected(keep_all(), 0);
      Workspace workspace;
      for (const test::StripedPicture& picture : pictures) {
        const PatchGrid grid = embedding.embed(picture.view(), workspace);
        expected.add(workspace.patches, grid);
      }

      PatchCollections collection(1, keep_all(), 0);
      FrameCollector collector({&embedding}, collection, Novelty(0), {}, {});
      for (const test::StripedPicture& picture : pictures) {
        // Gone when add() returns.
        const auto frame = std::make_unique<test::StripedPicture>(picture);
        EXPECT_TRUE(collector.add(frame->view()));
      }
      collector.finish();
      EXPECT_EQ(collector.collected().frames, 23);
      const TrainingPatches found = collection.take(0);
      const TrainingPatches truth = expected.take();
      EXPECT_EQ(collector.collected().patches, truth.patches);
      EXPECT_TRUE(found.training.features().values == truth.training.features().values);
      EXPECT_TRUE(found.held_out.patches.features().values ==
                  truth.held_out.patches.features().values);
      ASSERT_EQ(found.held_out.layouts.size(), truth.held_out.layouts.size());
    }
  }
}

TEST_F(FrameCollectorTest, WaitsForAPlaceAndLosesNothing) {
  FrameCollector collector({&embedding_}, collection_, Novelty(0), one_thread(), gate_.callback());
  std::future<bool> one_more = fill(collector);
  EXPECT_LE(collector.added(), most_on_their_way);
  EXPECT_EQ(collector.collected().frames, 1);
  gate_.open();
  EXPECT_TRUE(one_more.get());
  collector.finish();
  EXPECT_EQ(collector.collected().frames, collector.added());
  EXPECT_EQ(collector.collected().frames,
            static_cast<std::int64_t>(FrameCollector::queue_size) + 2);
}

TEST_F(FrameCollectorTest, TakesNothingWhileFlushing) {
  FrameCollector collector({&embedding_}, collection_, Novelty(0), one_thread(), gate_.callback());
  std::future<bool> one_more = fill(collector);
  collector.set_flushing(true);
  EXPECT_FALSE(one_more.get());
  gate_.open();
  EXPECT_FALSE(collector.add(test::StripedPicture(0).view()));
  collector.set_flushing(false);
  EXPECT_TRUE(collector.add(test::StripedPicture(0).view()));
  collector.finish();
  EXPECT_EQ(collector.collected().frames,
            static_cast<std::int64_t>(FrameCollector::queue_size) + 2);
}

TEST_F(FrameCollectorTest, CancellingEndsTheWaitAndDropsWhatWaits) {
  FrameCollector collector({&embedding_}, collection_, Novelty(0), one_thread(), gate_.callback());
  std::future<bool> one_more = fill(collector);
  collector.cancel();
  EXPECT_ERROR(one_more.get(), cancelled, "cancelled");
  gate_.open();
  EXPECT_ERROR(collector.finish(), cancelled, "cancelled");
  EXPECT_ERROR(collector.add(test::StripedPicture(0).view()), cancelled, "cancelled");
  EXPECT_EQ(collector.collected().frames, 1);
}

TEST_F(FrameCollectorTest, AFailureReachesTheNextFrameAndTheEnd) {
  PatchCollections too_small(1, keep_all(), 1000);
  FrameCollector collector({&embedding_}, too_small, Novelty(0), one_thread(), {});
  EXPECT_TRUE(collector.add(test::StripedPicture(0).view()));
  collector.wait();
  EXPECT_ERROR(collector.add(test::StripedPicture(0).view()), invalid_argument, "memory limit");
  EXPECT_ERROR(collector.finish(), invalid_argument, "memory limit");
  EXPECT_EQ(collector.collected().frames, 0);
}

TEST_F(FrameCollectorTest, AFailureEndsTheWaitForAPlace) {
  FrameCollector collector({&embedding_}, collection_, Novelty(0), one_thread(),
                           [this](const CollectedSoFar& so_far) {
                             gate_.callback()(so_far);
                             throw Error(ErrorCode::internal, "told nobody");
                           });
  std::future<bool> one_more = fill(collector);
  gate_.open();
  EXPECT_ERROR(one_more.get(), internal, "told nobody");
}

TEST_F(FrameCollectorTest, SkipsWhatIsNotNovelAndCountsIt) {
  FrameCollector::Options options = one_thread();
  options.min_novelty = 0.5;
  std::vector<CollectedSoFar> told;
  FrameCollector collector({&embedding_}, collection_, Novelty(0), options,
                           [&](const CollectedSoFar& so_far) { told.push_back(so_far); });
  for (int number = 0; number < 12; ++number) {
    EXPECT_TRUE(collector.add(test::StripedPicture(number < 10 ? 0 : 40).view()));
  }
  collector.finish();
  ASSERT_EQ(told.size(), 12U);
  const CollectedSoFar& last = told.back();
  // A quarter of the first picture is looked at each time.
  EXPECT_GE(last.frames, 2);
  EXPECT_LE(last.frames, 6);
  EXPECT_EQ(last.frames + last.skipped, 12);
  EXPECT_EQ(told[9].skipped - told[5].skipped, 4);
  EXPECT_GT(told[10].frames, told[9].frames);
  EXPECT_EQ(told[0].coverage, 0);
  EXPECT_GT(last.coverage, 0.3);
  EXPECT_LT(last.coverage, 1);
  EXPECT_EQ(last.patches, last.frames * 64);
  EXPECT_EQ(collection_.take(0).patches, last.patches);
}

TEST_F(FrameCollectorTest, CollectsNoMoreThanItShould) {
  for (const double min_novelty : {0.0, 1e-9}) {
    PatchCollections collection(1, keep_all(), 0);
    FrameCollector::Options options = one_thread();
    options.max_frames = 3;
    options.min_novelty = min_novelty;
    FrameCollector collector({&embedding_}, collection, Novelty(0), options, {});
    for (int number = 0; number < 3; ++number) {
      EXPECT_FALSE(collector.complete());
      collector.add(test::StripedPicture(10 * number).view());
    }
    // Those that were added may or may not be collected by now.
    if (min_novelty == 0) {
      EXPECT_TRUE(collector.complete());
    }
    for (int number = 3; number < 9; ++number) {
      collector.add(test::StripedPicture(10 * number).view());
    }
    collector.finish();
    EXPECT_TRUE(collector.complete());
    EXPECT_EQ(collector.collected().frames, 3);
  }
}

TEST_F(FrameCollectorTest, AFrameThatIsTooSmallHarmsNoOther) {
  FrameCollector collector({&embedding_}, collection_, Novelty(0), one_thread(), {});
  EXPECT_TRUE(collector.add(test::StripedPicture(0).view()));
  EXPECT_ERROR(collector.add(test::StripedPicture(0, {16, 16}).view()), unsupported_frame, "16x16");
  EXPECT_TRUE(collector.add(test::StripedPicture(0).view()));
  collector.finish();
  EXPECT_EQ(collector.collected().frames, 2);
}

// A frame counts as one, with the patches of all its tiles and how they lie.
TEST_F(FrameCollectorTest, CollectsTheTilesOfAFrameTogether) {
  const FrameEmbedding embedding = make_embedding("efficientnet_lite0", Precision::fp32, 64);
  FrameCollector collector({&embedding}, collection_, Novelty(0), one_thread(), {});
  for (int number = 0; number < 10; ++number) {
    // Every third one is a tile itself.
    const Size size = number % 3 == 0 ? Size{64, 48} : Size{100, 90};
    EXPECT_TRUE(collector.add(test::StripedPicture(number, size).view()));
  }
  collector.finish();
  EXPECT_EQ(collector.collected().frames, 10);
  EXPECT_EQ(collector.collected().patches, 4 * 64 + 6 * 4 * 64);
  const TrainingPatches found = collection_.take(0);
  std::size_t rows = 0;
  std::size_t tiled = 0;
  for (const PatchLayout& layout : found.held_out.layouts) {
    const auto own = static_cast<std::size_t>(layout.grid.height) * layout.grid.width;
    EXPECT_EQ(layout.blending != nullptr, own == 4U * 64);
    if (layout.blending) {
      ++tiled;
      EXPECT_EQ(layout.blending->position.size(), own);
    }
    rows += own;
  }
  EXPECT_GE(tiled, 1U);
  EXPECT_EQ(rows, found.held_out.patches.rows());
}

// Copies of large frames are large.
TEST_F(FrameCollectorTest, LetsOneFrameWaitThatMayBeCutUp) {
  const FrameEmbedding embedding = make_embedding("efficientnet_lite0", Precision::fp32, 64);
  FrameCollector collector({&embedding}, collection_, Novelty(0), one_thread(), gate_.callback());
  const test::StripedPicture picture(0, {100, 90});
  EXPECT_TRUE(collector.add(picture.view()));
  gate_.wait_until_reached();
  EXPECT_TRUE(collector.add(picture.view()));
  std::future<bool> one_more =
      std::async(std::launch::async, [&] { return collector.add(picture.view()); });
  EXPECT_EQ(one_more.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  gate_.open();
  EXPECT_TRUE(one_more.get());
  collector.finish();
  EXPECT_EQ(collector.collected().frames, 3);
}

}  // namespace patchcore
