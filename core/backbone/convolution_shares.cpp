// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How threads share out a convolution.
#include "core/backbone/convolution_shares.h"

#include <algorithm>

namespace patchcore {

ConvolutionShares convolution_shares(std::size_t threads, std::size_t parts, std::size_t blocks) {
  ConvolutionShares shares;
  shares.abreast = std::min(threads, parts);
  while (threads % shares.abreast != 0) --shares.abreast;
  shares.groups = std::min(blocks, threads / shares.abreast);
  return shares;
}

}  // namespace patchcore
