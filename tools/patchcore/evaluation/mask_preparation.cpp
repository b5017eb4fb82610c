// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Masks at the resolution at which maps are evaluated.
#include "tools/patchcore/evaluation/mask_preparation.h"

#include <cstddef>

#include "core/preprocess.h"

namespace patchcore {
namespace {

// Of values that the published code rounds to whole 255ths: what becomes 255 and what more than 0.
constexpr float whole = 254.5F / 255;
constexpr float some = 0.5F / 255;

}  // namespace

Mask mask_at_input(const LoadedMask& mask, PreprocessOptions options, Rect part, Size seen) {
  if (options.tile_size > 0) {
    options.mode = ResizeMode::exact;
    options.exact = seen;
  }
  options.mean = {0, 0, 0};
  options.deviation = {1, 1, 1};
  InputTensor input;
  Workspace workspace;
  Preprocess(options).run(mask.view(), part, input, workspace);
  Mask prepared;
  prepared.size = {input.width, input.height};
  // One channel; all are the same.
  const std::size_t pixels =
      static_cast<std::size_t>(input.width) * static_cast<std::size_t>(input.height);
  prepared.anomalous.resize(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    prepared.anomalous[i] = input.values[i] >= whole;
    if (input.values[i] >= some) prepared.of_anomalous_picture = true;
  }
  return prepared;
}

Mask mask_at_picture(const LoadedMask& mask, Rect inspected) {
  Mask prepared;
  prepared.size = {inspected.width, inspected.height};
  prepared.anomalous.reserve(static_cast<std::size_t>(inspected.width) *
                             static_cast<std::size_t>(inspected.height));
  for (int y = inspected.y; y < inspected.y + inspected.height; ++y) {
    const std::uint8_t* row = mask.values.data() + static_cast<std::size_t>(y) *
                                                       static_cast<std::size_t>(mask.size.width);
    for (int x = inspected.x; x < inspected.x + inspected.width; ++x) {
      prepared.anomalous.push_back(row[x] != 0);
      if (row[x] != 0) prepared.of_anomalous_picture = true;
    }
  }
  return prepared;
}

}  // namespace patchcore
