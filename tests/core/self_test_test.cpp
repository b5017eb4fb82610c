// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the self-test of a bank: it passes where it was made and notices what changes scores.
#include "core/self_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <set>

#include "core/backbone/backbone.h"
#include "core/number_text.h"
#include "core/patch_matrix.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

/// Finds everything at one distance, as a faulty library might.
class FaultyIndex : public NearestNeighbours {
 public:
  explicit FaultyIndex(float distance) : distance_(distance) {}

  void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const override {
    result.queries = queries.rows;
    result.k = k;
    result.distances.assign(queries.rows * k, distance_);
    result.indices.assign(queries.rows * k, 0);
  }

 private:
  float distance_;
};

class SelfTestTest : public ::testing::Test {
 protected:
  static FrameEmbedding embedding_of(const TensorTable& weights, int side = 64) {
    PreprocessOptions preprocess;
    preprocess.mode = ResizeMode::exact;
    preprocess.exact = {side, side};
    return FrameEmbedding(preprocess, make_backbone("resnet18", {"layer1"}, weights, "formula"),
                          PatchEmbeddingOptions());
  }

  /// The patches of a few pictures.
  PatchMatrix make_bank() {
    PatchMatrix bank;
    for (int number = 0; number < 3; ++number) {
      embedding_.embed(test::StripedPicture(number).view(), workspace_);
      bank.columns = workspace_.patches.columns;
      append_rows(bank, workspace_.patches);
    }
    return bank;
  }

  void check(const SelfTest& test, bool exact = true) {
    check_self_test(test, embedding_, scoring_, exact, "the file");
  }

  /// The self-test with another score than it has.
  SelfTest with_score(double score) const {
    SelfTest changed = test_;
    changed.score = score;
    return changed;
  }

  const TensorTable weights_ = test::formula_weights("resnet18", {"layer1"});
  const FrameEmbedding embedding_ = embedding_of(weights_);
  Workspace workspace_;
  const PatchMatrix bank_ = make_bank();
  const std::unique_ptr<NearestNeighbours> index_ =
      make_nearest_neighbours(bank_, IndexKind::faiss_flat);
  const Scoring scoring_{ScoringOptions(), bank_, *index_};
  const SelfTest test_ = make_self_test(embedding_, scoring_);
};

}  // namespace

// Whoever reads the message must learn of which file, and how far it is off.
TEST_F(SelfTestTest, RefusesAnotherScore) {
  const double score = test_.score;
  for (const double stored : {0.0, 0.5 * score, 0.98 * score, 1.02 * score, 2 * score,
                              std::numeric_limits<double>::quiet_NaN()}) {
    SCOPED_TRACE(stored);
    EXPECT_ERROR(check(with_score(stored)), corrupt, "the self-test of the bank the file gave");
    EXPECT_ERROR(check(with_score(stored)), corrupt,
                 "a score of " + number_text(score) + " and not of " + number_text(stored));
  }
}

// One part in a hundred of the score in the file, up or down, and ten with fewer bits.
TEST_F(SelfTestTest, AllowsMoreWhereNotAllIsExact) {
  struct Case {
    double factor;
    bool passes_exact;
    bool passes_inexact;
  };
  for (const Case& item :
       {Case{0.89, false, false}, Case{0.92, false, true}, Case{0.985, false, true},
        Case{0.992, true, true}, Case{1, true, true}, Case{1.008, true, true},
        Case{1.015, false, true}, Case{1.1, false, true}, Case{1.13, false, false}}) {
    SCOPED_TRACE(item.factor);
    const SelfTest changed = with_score(item.factor * test_.score);
    if (item.passes_exact) {
      EXPECT_NO_THROW(check(changed, true));
    } else {
      EXPECT_ERROR(check(changed, true), corrupt, "the file");
    }
    if (item.passes_inexact) {
      EXPECT_NO_THROW(check(changed, false));
    } else {
      EXPECT_ERROR(check(changed, false), corrupt, "the file");
    }
  }
}

// Weights of each colour, the input's size, the bank.
TEST_F(SelfTestTest, NoticesWhatChangesScores) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    SCOPED_TRACE(channel);
    TensorTable weights = weights_;
    StoredTensor& first = weights.at("conv1.weight");
    const auto size = static_cast<std::size_t>(first.shape[2] * first.shape[3]) * sizeof(float);
    for (std::size_t i = channel * size; i < first.bytes.size(); i += 3 * size) {
      std::memset(first.bytes.data() + i, 0, size);
    }
    EXPECT_ERROR(check_self_test(test_, embedding_of(weights), scoring_, true, "the file"), corrupt,
                 "the file");
  }
  EXPECT_ERROR(check_self_test(test_, embedding_of(weights_, 96), scoring_, true, "the file"),
               corrupt, "the file");
  PatchMatrix half = bank_;
  for (float& value : half.values) value *= 0.5F;
  const auto index = make_nearest_neighbours(half, IndexKind::faiss_flat);
  const Scoring scoring(ScoringOptions(), half, *index);
  EXPECT_ERROR(check_self_test(test_, embedding_, scoring, true, "the file"), corrupt, "the file");
}

// A comparison with what is not a number must not pass for a small difference.
TEST_F(SelfTestTest, RefusesScoresThatAreNoFiniteNumbers) {
  for (const float distance :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    SCOPED_TRACE(distance);
    const FaultyIndex index(distance);
    const Scoring scoring(ScoringOptions(), bank_, index);
    for (const bool exact : {true, false}) {
      EXPECT_ERROR(check_self_test(test_, embedding_, scoring, exact, "the file"), corrupt,
                   "gave a score of " + number_text(distance));
    }
  }
}

TEST_F(SelfTestTest, PassesOnItself) {
  EXPECT_EQ(test_.rgb.size(), 3U * test_.width * test_.height);
  EXPECT_TRUE(std::isfinite(test_.score));
  EXPECT_GT(test_.score, 0);
  EXPECT_NO_THROW(check(test_, true));
  EXPECT_NO_THROW(check(test_, false));
  // Another exact index finds the same.
  const auto screened = make_nearest_neighbours(bank_, IndexKind::screened);
  const Scoring scoring(ScoringOptions(), bank_, *screened);
  EXPECT_NO_THROW(check_self_test(test_, embedding_, scoring, true, "the file"));

  const SelfTest again = make_self_test(embedding_, scoring_);
  EXPECT_EQ(again.rgb, test_.rgb);
  EXPECT_EQ(again.score, test_.score);
}

// A network that mixes them up would pass with a gray picture.
TEST_F(SelfTestTest, ShowsEveryColourDarkAndBright) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    SCOPED_TRACE(channel);
    std::set<int> values;
    for (std::size_t i = channel; i < test_.rgb.size(); i += 3) values.insert(test_.rgb[i]);
    ASSERT_FALSE(values.empty());
    EXPECT_LT(*values.begin(), 32);
    EXPECT_GT(*values.rbegin(), 200);
  }
}

// Other programs may store another picture than ours, wider than high.
// A file that others wrote may hold such a one.
TEST_F(SelfTestTest, RefusesAPictureThatIsTooSmall) {
  SelfTest small;
  small.width = 2;
  small.height = 3;
  small.rgb.assign(18, 0);
  EXPECT_ERROR(check(small), corrupt, "the self-test of the bank the file cannot be made");
}

TEST_F(SelfTestTest, TakesPicturesOfEverySize) {
  for (const Size size : {Size{70, 40}, Size{33, 65}, Size{32, 32}}) {
    SCOPED_TRACE(size.width);
    const test::StripedPicture picture(9, size);
    SelfTest test{size.height, size.width, picture.rgb, 0};
    const PatchGrid grid = embedding_.embed(picture.view(), workspace_);
    test.score = scoring_.score(workspace_.patches, grid, workspace_.neighbours).score;
    EXPECT_NO_THROW(check(test));
    test.score *= 1.02;
    EXPECT_ERROR(check(test), corrupt, "the file");
  }
}

}  // namespace patchcore
