// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the border to LibTorch: sizes are checked, memory is shared and outlives its owner.
#include "core/backbone/network_tensors.h"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

InputTensor numbered_input() {
  InputTensor input{2, 4, 5, std::vector<float>(2 * 3 * 4 * 5)};
  std::iota(input.values.begin(), input.values.end(), 0.0F);
  return input;
}

}  // namespace

TEST(NetworkTensors, ViewsPictures) {
  const InputTensor input = numbered_input();
  const at::Tensor second = view_input(input, 1, 1);
  EXPECT_EQ(second.sizes(), (at::IntArrayRef{1, 3, 4, 5}));
  EXPECT_EQ(second.data_ptr<float>(), input.values.data() + 60);
  EXPECT_EQ(view_input(input, 0, 2)[1][2][3][4].item<float>(), 119);
}

TEST(NetworkTensors, RefuseInputOfAnotherSize) {
  InputTensor input = numbered_input();
  EXPECT_NO_THROW(check_input(input, 4));
  EXPECT_ERROR(check_input(input, 5), unsupported_frame, "5x4 pixels");
  input.values.pop_back();
  EXPECT_ERROR(check_input(input, 4), invalid_argument, "119 values");
  input.batch = 0;
  EXPECT_ERROR(check_input(input, 4), unsupported_frame, "");
}

TEST(NetworkTensors, PutTheChannelsOfAPositionTogether) {
  FeatureMap map;
  {
    const at::Tensor tensor = at::arange(24, at::kFloat).view({1, 2, 3, 4});
    map = share_feature_map("name", tensor);
  }
  EXPECT_EQ(map.layer, "name");
  EXPECT_EQ(map.batch, 1);
  EXPECT_EQ(map.channels, 2);
  EXPECT_EQ(map.height, 3);
  EXPECT_EQ(map.width, 4);
  EXPECT_EQ(map.values.get()[0], 0);
  EXPECT_EQ(map.values.get()[1], 12);
  EXPECT_EQ(map.values.get()[2], 1);
  EXPECT_EQ(map.values.get()[23], 23);
}

TEST(NetworkTensors, ShareMemoryThatIsInPlace) {
  const at::Tensor tensor =
      at::arange(24, at::kFloat).view({1, 2, 3, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(share_feature_map("", tensor).values.get(), tensor.data_ptr<float>());
}

}  // namespace patchcore
