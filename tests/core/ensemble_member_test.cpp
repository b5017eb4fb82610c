// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects one loaded bank: the index that is used, loading again, and scores of masked frames.
#include "core/ensemble_member.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {
namespace {

class EnsembleMemberTest : public ::testing::Test {
 protected:
  /// Of the tiny bank, changed before it is loaded.
  template <typename Change>
  std::unique_ptr<EnsembleMember> load(IndexKind index, Change&& change) {
    BankFile file = read_bank_file(path_);
    change(file);
    source_ = find_bank_backbone(
        {file.backbone, file.layers, std::move(file.backbone_weights), file.weights_sha256}, path_,
        "", false);
    auto member = std::make_unique<EnsembleMember>(std::move(file), index);
    member->load(*source_, {}, Precision::fp32);
    return member;
  }

  FrameScore score(const EnsembleMember& member, const IgnoredPatches& ignored) {
    const PatchGrid grid = member.embedding().embed(test::StripedPicture(3).view(), workspace_);
    return member.score(ignored, workspace_.patches, grid, workspace_);
  }

  test::TemporaryFolder folder_;
  const std::string path_ = test::write_tiny_bank(folder_.path());
  std::unique_ptr<BackboneSource> source_;
  Workspace workspace_;
};

void leave(BankFile&) {}

}  // namespace

TEST_F(EnsembleMemberTest, UsesTheIndexThatIsAskedForOrTheBanksOwn) {
  const auto hnsw = [](BankFile& file) { file.index = IndexKind::faiss_hnsw; };
  EXPECT_EQ(load(IndexKind::automatic, hnsw)->index(), IndexKind::faiss_hnsw);
  EXPECT_EQ(load(IndexKind::faiss_flat, hnsw)->index(), IndexKind::faiss_flat);
}

TEST_F(EnsembleMemberTest, ScoresTheSameWhenLoadedAgain) {
  const auto member = load(IndexKind::automatic, leave);
  const FrameScore before = score(*member, {});
  member->load(*source_, {}, Precision::fp32);
  const FrameScore after = score(*member, {});
  EXPECT_EQ(after.score, before.score);
  EXPECT_EQ(after.map.values, before.map.values);
  EXPECT_EQ(after.map.width, 16);
}

TEST_F(EnsembleMemberTest, LeavesOutWhatIsIgnored) {
  const auto member = load(IndexKind::automatic, leave);
  const FrameScore whole = score(*member, {});
  IgnoredPatches ignored(256);
  const auto peak = std::max_element(whole.map.values.begin(), whole.map.values.end());
  ignored[static_cast<std::size_t>(peak - whole.map.values.begin())] = 1;
  const FrameScore masked = score(*member, ignored);
  EXPECT_LT(masked.score, whole.score);
  for (std::size_t i = 0; i < 256; ++i) {
    EXPECT_EQ(masked.map.values[i], ignored[i] != 0 ? 0 : whole.map.values[i]);
  }
}

TEST_F(EnsembleMemberTest, NoticesThatItComputesSomethingElse) {
  for (const IndexKind index : {IndexKind::automatic, IndexKind::faiss_hnsw}) {
    EXPECT_NO_THROW(load(index, leave)->run_self_test(path_));
    const auto wrong = load(index, [](BankFile& file) { file.self_test.score *= 1.1; });
    EXPECT_ERROR(wrong->run_self_test("the file"), corrupt, "the file");
    const auto without = load(index, [](BankFile& file) { file.self_test = {}; });
    EXPECT_NO_THROW(without->run_self_test(path_));
  }
}

}  // namespace patchcore
