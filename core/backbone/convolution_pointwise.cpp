// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// 1x1 convolutions with all that follows them in one pass, by kernels of our own.
#include <ATen/ops/empty.h>
#include <omp.h>

#include <algorithm>

#include "core/backbone/convolution_method.h"
#include "core/backbone/convolution_shares.h"
#include "core/backbone/kernel_tensors.h"
#include "core/backbone/row_convolutions.h"

namespace patchcore {
namespace {

/// Positions and output channels that are computed together: as many as a core's own cache has room
/// for their inputs and weights.
constexpr std::size_t positions_at_a_time = 64;
constexpr std::size_t blocks_at_a_time = 8;

/// Fewer are not worth a thread of their own: it would read weights more than compute.
constexpr std::size_t least_positions = 32;

template <typename Value>
class PointwiseConvolution : public ConvolutionOperator {
 public:
  PointwiseConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded)
      : rows_({description, folded}) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    const ConvolutionDescription& description = rows_.description();
    const std::int64_t height = (input.size(2) - 1) / description.stride + 1;
    const std::int64_t width = (input.size(3) - 1) / description.stride + 1;
    const at::Tensor output = at::empty({input.size(0), description.output_channels, height, width},
                                        input.options(), at::MemoryFormat::ChannelsLast);
    Lines lines = {};
    lines.input = KernelTensor<Value>::values(input);
    lines.shortcut = shortcut.defined() ? KernelTensor<Value>::values(shortcut) : nullptr;
    lines.output = KernelTensor<Value>::values(output);
    if (description.stride == 1) {
      // All positions follow each other.
      lines.count = 1;
      lines.positions = static_cast<std::size_t>(input.size(0) * height * width);
    } else {
      lines.count = static_cast<std::size_t>(input.size(0) * height);
      lines.positions = static_cast<std::size_t>(width);
      lines.of_picture = static_cast<std::size_t>(height);
      lines.input_height = static_cast<std::size_t>(input.size(2));
      lines.input_width = static_cast<std::size_t>(input.size(3));
    }
    convolve(lines);
    return output;
  }

 private:
  /// Outputs that follow each other and whose inputs are equally far from each other.
  struct Lines {
    const Value* input;
    const Value* shortcut;
    Value* output;
    std::size_t count;
    std::size_t positions;   ///< of a line
    std::size_t of_picture;  ///< lines; this and the next ones for a stride alone
    std::size_t input_height;
    std::size_t input_width;
  };

  /// Each thread takes positions that lie together, in every convolution the same part of the
  /// pictures: what it reads it wrote itself, most of it, for what another core wrote can be far
  /// away.
  void convolve(const Lines& lines) const {
    const std::size_t positions = lines.count * lines.positions;
    const ConvolutionShares shares =
        convolution_shares(static_cast<std::size_t>(omp_get_max_threads()),
                           std::max<std::size_t>(1, positions / least_positions), rows_.blocks());
#pragma omp parallel for schedule(static)
    for (std::size_t item = 0; item < shares.abreast * shares.groups; ++item) {
      const std::size_t part = item / shares.groups;
      const std::size_t group = item % shares.groups;
      compute_part(lines, positions * part / shares.abreast,
                   positions * (part + 1) / shares.abreast, rows_.blocks() * group / shares.groups,
                   rows_.blocks() * (group + 1) / shares.groups);
    }
  }

  /// Computes the positions [begin, end), counted through all lines.
  void compute_part(const Lines& lines, std::size_t begin, std::size_t end, std::size_t first_block,
                    std::size_t end_block) const {
    for (std::size_t block = first_block; block < end_block; block += blocks_at_a_time) {
      const std::size_t blocks = std::min(blocks_at_a_time, end_block - block);
      for (std::size_t done = begin; done < end;) {
        const std::size_t line = done / lines.positions;
        const std::size_t first = done % lines.positions;
        const std::size_t left = std::min(lines.positions - first, end - done);
        const std::size_t pieces = (left + positions_at_a_time - 1) / positions_at_a_time;
        const std::size_t count = (left + pieces - 1) / pieces;
        compute(lines, line, first, first + count, block, blocks);
        done += count;
      }
    }
  }

  void compute(const Lines& lines, std::size_t line, std::size_t begin, std::size_t end,
               std::size_t first_block, std::size_t blocks) const {
    const auto inputs = static_cast<std::size_t>(rows_.description().input_channels);
    const auto outputs = static_cast<std::size_t>(rows_.description().output_channels);
    const auto stride = static_cast<std::size_t>(rows_.description().stride);
    auto row = rows_.template row<Value>(first_block, blocks);
    row.inputs[0] = lines.input + (first_input(lines, line) + begin * stride) * inputs;
    row.input_stride = stride * inputs;
    row.positions = end - begin;
    row.block_stride = channels_per_block;
    row.position_stride = outputs;
    const std::size_t first =
        (line * lines.positions + begin) * outputs + first_block * channels_per_block;
    row.outputs = lines.output + first;
    row.shortcut = lines.shortcut == nullptr ? nullptr : lines.shortcut + first;
    rows_.compute_rounded(row);
  }

  /// The position of a line's first input.
  std::size_t first_input(const Lines& lines, std::size_t line) const {
    if (lines.count == 1) return 0;
    const auto stride = static_cast<std::size_t>(rows_.description().stride);
    const std::size_t picture = line / lines.of_picture;
    return (picture * lines.input_height + line % lines.of_picture * stride) * lines.input_width;
  }

  SummingRows<Value> rows_;
};

}  // namespace

bool suits_convolution_pointwise(const ConvolutionDescription& description) {
  return description.kernel == 1 && description.groups == 1 &&
         description.input_channels % 2 == 0 &&
         description.output_channels % channels_per_block == 0 && is_limit(description.activation);
}

std::unique_ptr<const ConvolutionOperator> make_convolution_pointwise(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  if (type == at::kBFloat16)
    return std::make_unique<PointwiseConvolution<Bfloat16Bits>>(description, folded);
  return std::make_unique<PointwiseConvolution<float>>(description, folded);
}

}  // namespace patchcore
