// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The stages of EfficientNet (Tan and Le 2019), which its variants scale.
#pragma once

#include <array>

namespace patchcore {

/// A row of inverted residual blocks.
struct EfficientnetStage {
  int blocks;
  int kernel;
  int stride;     ///< of its first block
  int expansion;  ///< factor of the channels inside a block
  int channels;
};

constexpr std::array<EfficientnetStage, 7> efficientnet_stages = {{
    {1, 3, 1, 1, 16},
    {2, 3, 2, 6, 24},
    {2, 5, 2, 6, 40},
    {3, 3, 2, 6, 80},
    {3, 5, 1, 6, 112},
    {4, 5, 2, 6, 192},
    {1, 3, 1, 6, 320},
}};

constexpr int efficientnet_stem_channels = 32;

/// The nearest multiple of 8 that takes away no more than a tenth.
int scaled_channels(int channels, double width);

/// Rounded up.
int scaled_blocks(int blocks, double depth);

}  // namespace patchcore
