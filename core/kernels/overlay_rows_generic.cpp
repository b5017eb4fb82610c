// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The overlay kernels for every machine's instructions.
#include "core/kernels/overlay_rows-inl.h"

namespace patchcore {
namespace {

void stretch(const StretchedBlock* blocks, std::size_t count, const std::uint8_t* row,
             std::uint16_t* target) {
  const auto sample = [&](const StretchedBlock& block, std::uint8_t index) {
    return index == no_overlay_sample ? std::uint16_t{0} : std::uint16_t{row[block.base + index]};
  };
  for (std::size_t i = 0; i < count; ++i) {
    const StretchedBlock& block = blocks[i];
    for (std::size_t lane = 0; lane < stretched_per_block; ++lane) {
      target[static_cast<std::size_t>(block.target) + lane] = mixed(
          sample(block, block.first[lane]), sample(block, block.second[lane]), block.weight[lane]);
    }
  }
}

}  // namespace

OverlayKernels overlay_kernels_generic() {
  return {"generic", weigh, stretch, blend};
}

}  // namespace patchcore
