// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of antialiased bilinear resizing along one axis.
#pragma once

#include <vector>

namespace patchcore {

/// For each output position the input positions that it is a weighted mean of. The triangle has its
/// centre at (x + 0.5) * input / output and a half width of one input pixel, or of one output pixel
/// where the axis shrinks, as Pillow and torchvision (antialias=True) do it.
class TriangleFilter {
 public:
  /// Computes the weights of the output positions @p begin to @p end (exclusive) of a resize from
  /// @p input_length to @p output_length pixels, all positive.
  TriangleFilter(int input_length, int output_length, int begin, int end);

  /// The weights of an output position; index 0 is the position `begin`.
  struct Taps {
    int first;             ///< input position of the first weight
    int count;             ///< at least 1
    const float* weights;  ///< their sum is 1
  };
  Taps taps(int index) const {
    return {first_[index], count_[index],
            weights_.data() + static_cast<std::size_t>(index) * longest_};
  }

  /// All of them for a kernel.
  /// @{
  const std::vector<int>& first() const { return first_; }        ///< [size()]
  const std::vector<float>& weights() const { return weights_; }  ///< [size(), padded_taps()]
  int padded_taps() const { return longest_; }  ///< a multiple of 8; weights behind the last are 0
  /// @}

  /// The most output positions that one input position belongs to.
  int overlap() const { return overlap_; }

  int size() const { return static_cast<int>(first_.size()); }
  /// All input positions that are used: input_begin() to input_end(), exclusive.
  int input_begin() const { return first_.front(); }
  int input_end() const { return first_.back() + count_.back(); }

 private:
  int longest_;
  int overlap_ = 1;
  std::vector<int> first_;
  std::vector<int> count_;
  std::vector<float> weights_;
};

}  // namespace patchcore
