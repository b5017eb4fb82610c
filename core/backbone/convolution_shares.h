// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How threads share out a convolution.
#pragma once

#include <cstddef>

namespace patchcore {

/// Parts of a convolution, one for each thread.
struct ConvolutionShares {
  std::size_t abreast = 1;  ///< parts of the positions that are computed at the same time
  std::size_t groups = 1;   ///< of the output channels, of each part: there are threads for all
};

/// Threads share positions as far as there are enough of them, and channels beyond that; none is
/// left out, unless there are more than channels.
/// @param parts   that are worth a thread of their own, 1 or more
/// @param blocks  of output channels
ConvolutionShares convolution_shares(std::size_t threads, std::size_t parts, std::size_t blocks);

}  // namespace patchcore
