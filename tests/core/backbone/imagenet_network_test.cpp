// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the published settings, which whoever compares with the published code relies on.
#include "core/backbone/imagenet_network.h"

#include <gtest/gtest.h>

namespace patchcore {

TEST(ImagenetNetwork, HasThePublishedSettings) {
  const BackboneDescription description =
      describe_imagenet_network("some_net", {"one", "two"}, "somebody's");
  EXPECT_EQ(description.name, "some_net");
  EXPECT_EQ(description.default_layers, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(description.preprocess.mode, ResizeMode::shorter_side);
  EXPECT_EQ(description.preprocess.shorter_side, 256);
  EXPECT_EQ(description.preprocess.crop, (Size{224, 224}));
  EXPECT_EQ(description.embedding.patch_size, 3);
  EXPECT_EQ(description.embedding.pretrain_embed_dimension, 1024);
  EXPECT_EQ(description.embedding.target_embed_dimension, 1024);
  EXPECT_NE(description.how_to_get_weights.find("somebody's some_net"), std::string::npos);
}

}  // namespace patchcore
