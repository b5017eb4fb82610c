// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An inverted residual block in one go, a few rows at a time: what it widens stays in the cache.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "core/backbone/row_convolutions.h"

namespace patchcore {

/// The features of one picture between blocks, [height, width, stride]: the channels of a position
/// lie together, zeros fill their last block.
/// @tparam Value  what the convolutions across channels take, float or Bfloat16Bits
template <typename Value>
struct BlockFeatures {
  int height = 0;
  int width = 0;
  std::size_t stride = 0;
  std::vector<float> values;   ///< at least so many
  std::vector<Value> rounded;  ///< the same for the next convolution; unused where it takes float
};

/// One picture, [3, height, width].
struct BlockPicture {
  int height = 0;
  int width = 0;
  const float* values = nullptr;
};

/// Scratch memory for one picture at a time, which all blocks of a network may share.
template <typename Value>
struct BlockWorkspace {
  /// Of those who work on some of the rows.
  struct Part {
    std::vector<float> widened;
    std::vector<Value> convolved;
  };

  std::vector<float> picture;  ///< the stem's: channels together, zeros around
  std::vector<float> widened;  ///< rows for all parts
  std::vector<float> zeros;    ///< a row outside of the picture
  std::vector<Part> parts;
};

/// Widens, convolves each channel by itself, narrows, and adds its input where stride and channels
/// allow it. Immutable after construction: may be called from any thread.
/// @tparam Value  what the convolutions across channels multiply. Sums, the depthwise convolution
///                and the features between blocks are float32, the stem is as a whole.
template <typename Value>
class InvertedResidual {
 public:
  virtual ~InvertedResidual() = default;

  /// Computes the block on as many threads as OpenMP may use.
  /// @param picture  what a block takes that widens by a stem
  /// @param input    what the others take; another object than the output
  virtual void run(const BlockPicture& picture, const BlockFeatures<Value>& input,
                   BlockFeatures<Value>& output, BlockWorkspace<Value>& workspace) const = 0;
};

/// @param widening   kernel 1; or a network's stem, which takes three channels with a kernel of 3
/// @param depthwise  kernel 3 or 5
/// @param narrowing  kernel 1
template <typename Value>
std::unique_ptr<const InvertedResidual<Value>> make_inverted_residual(
    const WeightedConvolution& widening, const WeightedConvolution& depthwise,
    const WeightedConvolution& narrowing);

}  // namespace patchcore
