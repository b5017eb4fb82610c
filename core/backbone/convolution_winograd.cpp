// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// 3x3 convolutions by Winograd's F(2x2, 3x3), with kernels of our own.
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>
#include <omp.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "core/backbone/convolution_method.h"
#include "core/backbone/convolution_shares.h"
#include "core/backbone/kernel_tensors.h"
#include "core/backbone/row_convolutions.h"
#include "core/backbone/thread_scratch.h"
#include "core/kernels/row_convolution.h"
#include "core/kernels/winograd.h"

namespace patchcore {
namespace {

/// Tiles and output channels that are computed together, so that what is in between stays in a
/// core's own cache: fewer tiles where many channels make many transformed values.
constexpr std::size_t most_tiles = 64;
constexpr std::size_t least_tiles = 16;
constexpr std::size_t transformed_values = std::size_t{1} << 18;
constexpr std::size_t blocks_at_a_time = 8;

/// Fewer are not worth a thread of their own: it would read weights more than compute.
constexpr std::size_t least_tiles_of_thread = 48;

constexpr std::size_t largest_width = blocks_at_a_time * channels_per_block;

/// Keeps the elements of a tile, which are written together, off addresses that share a cache
/// line's place.
constexpr std::size_t stride_padding_bytes = 64;

static_assert(winograd_channels == channels_per_block);

/// G g G' of every filter, as the row convolution kernels want their weights:
/// [elements, blocks, inputs / together, channels_per_block, together].
/// @param weight  [outputs, inputs, 3, 3]
template <typename Value>
at::Tensor transform_weights(const at::Tensor& weight) {
  const at::Tensor g = at::zeros({4, 3}, at::kDouble);
  double* row = g.data_ptr<double>();
  for (const double value : {1.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.0, 0.0, 1.0})
    *row++ = value;
  const at::Tensor elements = at::matmul(at::matmul(g, weight.to(at::kDouble)), g.t());
  constexpr std::int64_t lanes = channels_per_block;
  constexpr std::int64_t together = KernelTensor<Value>::values_together;
  return elements.permute({2, 3, 0, 1})
      .reshape({std::int64_t{winograd_elements}, weight.size(0) / lanes, lanes,
                weight.size(1) / together, together})
      .permute({0, 1, 3, 2, 4})
      .to(KernelTensor<Value>::type)
      .contiguous();
}

template <typename Value>
class WinogradConvolution : public ConvolutionOperator {
 public:
  WinogradConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded)
      : products_(row_convolution_kernels<Value>().back()),
        transforms_(winograd_kernels<Value>().back()),
        inputs_(static_cast<std::size_t>(description.input_channels)),
        blocks_(static_cast<std::size_t>(description.output_channels) / channels_per_block),
        weights_(transform_weights<Value>(folded.weight)),
        bias_(folded.bias.contiguous()),
        zeros_(inputs_),
        no_bias_(largest_width),
        least_(least_result(description.activation)),
        largest_(largest_result(description.activation)) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    const std::int64_t channels = static_cast<std::int64_t>(blocks_ * channels_per_block);
    const at::Tensor output = at::empty({input.size(0), channels, input.size(2), input.size(3)},
                                        input.options(), at::MemoryFormat::ChannelsLast);
    WinogradGrid grid;
    grid.height = static_cast<std::size_t>(input.size(2));
    grid.width = static_cast<std::size_t>(input.size(3));
    const std::size_t pixels = grid.height * grid.width;
    for (std::int64_t picture = 0; picture < input.size(0); ++picture) {
      const std::size_t first = static_cast<std::size_t>(picture) * pixels;
      const std::size_t first_output = first * blocks_ * channels_per_block;
      convolve({grid, KernelTensor<Value>::values(input) + first * inputs_,
                shortcut.defined() ? KernelTensor<Value>::values(shortcut) + first_output : nullptr,
                KernelTensor<Value>::values(output) + first_output});
    }
    return output;
  }

 private:
  static constexpr float unlimited = std::numeric_limits<float>::infinity();

  struct Picture {
    WinogradGrid grid;
    const Value* input;
    const Value* shortcut;
    Value* output;
  };

  /// B' d B of some tiles, as WinogradInputs has them.
  struct Transformed {
    std::size_t first_tile;
    std::size_t tiles;
    Value* values;
    std::size_t element_stride;

    static std::size_t stride(std::size_t tiles, std::size_t channels) {
      return tiles * channels + stride_padding_bytes / sizeof(Value);
    }
  };

  /// In every convolution a thread takes the same part of the picture, if it can: what it reads it
  /// wrote itself, most of it, for what another core wrote can be far away.
  void convolve(const Picture& picture) const {
    const std::size_t tiles = picture.grid.tiles();
    const std::size_t most =
        std::clamp(transformed_values / (winograd_elements * inputs_), least_tiles, most_tiles);
    const ConvolutionShares shares =
        convolution_shares(static_cast<std::size_t>(omp_get_max_threads()),
                           std::max<std::size_t>(1, tiles / least_tiles_of_thread), blocks_);
    const std::size_t parts =
        shares.abreast * ((tiles + shares.abreast * most - 1) / (shares.abreast * most));
    const bool has_memory = shares.groups == 1 ? convolve_apart(picture, parts)
                                               : convolve_together(picture, parts, shares.groups);
    if (!has_memory) throw std::bad_alloc();
  }

  /// Each thread transforms its own tiles, for all channels.
  /// @return whether there was memory for what lies in between
  bool convolve_apart(const Picture& picture, std::size_t parts) const {
    const std::size_t tiles = picture.grid.tiles();
    bool has_memory = true;
#pragma omp parallel for schedule(static) reduction(&& : has_memory)
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t begin = tiles * part / parts;
      const std::size_t count = tiles * (part + 1) / parts - begin;
      const std::size_t stride = Transformed::stride(count, inputs_);
      const std::size_t products = products_size(count);
      auto* scratch = static_cast<float*>(
          thread_scratch(products * sizeof(float) + winograd_elements * stride * sizeof(Value)));
      if (scratch == nullptr) {
        has_memory = false;
        continue;
      }
      const Transformed transformed = {begin, count, reinterpret_cast<Value*>(scratch + products),
                                       stride};
      transform(picture, transformed);
      multiply(picture, transformed, 0, blocks_, scratch);
    }
    return has_memory;
  }

  /// All threads transform, then each multiplies for channels of its own: what several threads need
  /// is not transformed several times.
  /// @return whether there was memory for what lies in between
  bool convolve_together(const Picture& picture, std::size_t parts, std::size_t groups) const {
    const std::size_t tiles = picture.grid.tiles();
    const std::size_t stride = Transformed::stride(tiles, inputs_);
    const at::Tensor memory = at::empty({static_cast<std::int64_t>(winograd_elements * stride)},
                                        KernelTensor<Value>::type);
    Value* values = KernelTensor<Value>::values(memory);
    bool has_memory = true;
#pragma omp parallel reduction(&& : has_memory)
    {
#pragma omp for schedule(static)
      for (std::size_t tile = 0; tile < tiles; ++tile)
        transform(picture, {tile, 1, values + tile * inputs_, stride});
#pragma omp for schedule(static)
      for (std::size_t item = 0; item < parts * groups; ++item) {
        const std::size_t part = item / groups;
        const std::size_t group = item % groups;
        const std::size_t begin = tiles * part / parts;
        const std::size_t count = tiles * (part + 1) / parts - begin;
        auto* scratch = static_cast<float*>(thread_scratch(products_size(count) * sizeof(float)));
        if (scratch == nullptr) {
          has_memory = false;
          continue;
        }
        multiply(picture, {begin, count, values + begin * inputs_, stride},
                 blocks_ * group / groups, blocks_ * (group + 1) / groups, scratch);
      }
    }
    return has_memory;
  }

  void transform(const Picture& picture, const Transformed& transformed) const {
    WinogradInputs<Value> inputs;
    inputs.grid = picture.grid;
    inputs.inputs = picture.input;
    inputs.channels = inputs_;
    inputs.zeros = zeros_.data();
    inputs.first_tile = transformed.first_tile;
    inputs.tiles = transformed.tiles;
    inputs.transformed = transformed.values;
    inputs.element_stride = transformed.element_stride;
    transforms_.transform_inputs(inputs);
  }

  static std::size_t product_stride(std::size_t tiles) {
    return tiles * largest_width + stride_padding_bytes / sizeof(float);
  }

  static std::size_t products_size(std::size_t tiles) {
    return winograd_elements * product_stride(tiles);
  }

  /// @param products  memory for products_size() of them
  void multiply(const Picture& picture, const Transformed& transformed, std::size_t first_block,
                std::size_t end_block, float* products) const {
    for (std::size_t block = first_block; block < end_block; block += blocks_at_a_time)
      multiply_blocks(picture, transformed, block, std::min(blocks_at_a_time, end_block - block),
                      products);
  }

  void multiply_blocks(const Picture& picture, const Transformed& transformed,
                       std::size_t first_block, std::size_t blocks, float* products) const {
    const std::size_t stride = product_stride(transformed.tiles);
    const std::size_t width = blocks * channels_per_block;
    const std::size_t block_size = inputs_ * channels_per_block;
    PointwiseRow<Value> row;
    row.length = inputs_;
    row.input_stride = inputs_;
    row.positions = transformed.tiles;
    row.bias = no_bias_.data();
    row.blocks = blocks;
    row.block_stride = channels_per_block;
    row.position_stride = width;
    row.least = -unlimited;
    row.largest = unlimited;
    for (std::size_t element = 0; element < winograd_elements; ++element) {
      row.inputs[0] = transformed.values + element * transformed.element_stride;
      row.weights =
          KernelTensor<Value>::values(weights_) + (element * blocks_ + first_block) * block_size;
      row.outputs = products + element * stride;
      products_.pointwise(row);
    }

    WinogradOutputs<Value> outputs;
    outputs.grid = picture.grid;
    outputs.first_tile = transformed.first_tile;
    outputs.tiles = transformed.tiles;
    outputs.products = products;
    outputs.element_stride = stride;
    outputs.channels = width;
    const std::size_t first_channel = first_block * channels_per_block;
    outputs.bias = bias_.data_ptr<float>() + first_channel;
    outputs.shortcut = picture.shortcut == nullptr ? nullptr : picture.shortcut + first_channel;
    outputs.outputs = picture.output + first_channel;
    outputs.output_channels = blocks_ * channels_per_block;
    outputs.least = least_;
    outputs.largest = largest_;
    transforms_.transform_outputs(outputs);
  }

  RowConvolutionKernels<Value> products_;
  WinogradKernels<Value> transforms_;
  std::size_t inputs_;
  std::size_t blocks_;  ///< of output channels
  at::Tensor weights_;
  at::Tensor bias_;
  std::vector<Value> zeros_;
  std::vector<float> no_bias_;
  float least_;
  float largest_;
};

}  // namespace

bool suits_convolution_winograd(const ConvolutionDescription& description) {
  return description.kernel == 3 && description.stride == 1 && description.groups == 1 &&
         description.input_channels % winograd_channels == 0 &&
         description.output_channels % winograd_channels == 0 && is_limit(description.activation);
}

std::unique_ptr<const ConvolutionOperator> make_convolution_winograd(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  if (type == at::kBFloat16)
    return std::make_unique<WinogradConvolution<Bfloat16Bits>>(description, folded);
  return std::make_unique<WinogradConvolution<float>>(description, folded);
}

}  // namespace patchcore
