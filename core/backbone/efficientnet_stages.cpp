// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The stages of EfficientNet (Tan and Le 2019), which its variants scale.
#include "core/backbone/efficientnet_stages.h"

#include <algorithm>
#include <cmath>

namespace patchcore {

int scaled_channels(int channels, double width) {
  const double wanted = channels * width;
  const int nearest = std::max(8, static_cast<int>(wanted + 4) / 8 * 8);
  return nearest < 0.9 * wanted ? nearest + 8 : nearest;
}

int scaled_blocks(int blocks, double depth) {
  return static_cast<int>(std::ceil(blocks * depth));
}

}  // namespace patchcore
