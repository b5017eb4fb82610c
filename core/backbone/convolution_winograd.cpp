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
#include <vector>

#include "core/backbone/convolution_method.h"
#include "core/backbone/kernel_tensors.h"
#include "core/backbone/row_convolutions.h"
#include "core/kernels/row_convolution.h"
#include "core/kernels/winograd.h"

namespace patchcore {
namespace {

/// Values of transformed inputs that are made before they are used: few enough to be in the caches
/// still, enough that weights are not fetched often.
constexpr std::size_t band_values = std::size_t{1} << 19;

/// Tiles and output channels whose products are computed, and transformed, while they lie in a
/// core's own cache.
constexpr std::size_t tiles_at_a_time = 64;
constexpr std::size_t blocks_at_a_time = 8;
constexpr std::size_t largest_width = blocks_at_a_time * channels_per_block;

/// Parts of a band for each thread, if there are so many: no thread waits long for the last one.
constexpr std::size_t parts_per_thread = 2;

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
    const Workspace workspace(grid, inputs_);
    for (std::int64_t picture = 0; picture < input.size(0); ++picture) {
      const std::size_t first = static_cast<std::size_t>(picture) * pixels;
      const std::size_t first_output = first * blocks_ * channels_per_block;
      const Picture job = {
          grid, KernelTensor<Value>::values(input) + first * inputs_,
          shortcut.defined() ? KernelTensor<Value>::values(shortcut) + first_output : nullptr,
          KernelTensor<Value>::values(output) + first_output};
      for (std::size_t tile = 0; tile < grid.tiles(); tile += workspace.band)
        convolve(job, tile, std::min(workspace.band, grid.tiles() - tile), workspace);
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

  struct Workspace {
    Workspace(const WinogradGrid& grid, std::size_t channels)
        : band(tiles_in_band(grid.tiles(), channels)),
          element_stride(band * channels + stride_padding_bytes / sizeof(Value)),
          transformed(at::empty({static_cast<std::int64_t>(winograd_elements * element_stride)},
                                KernelTensor<Value>::type)),
          products(at::empty({omp_get_max_threads(), std::int64_t{products_size}}, at::kFloat)) {}

    std::size_t band;  ///< tiles
    std::size_t element_stride;
    at::Tensor transformed;
    at::Tensor products;
  };

  /// Equal bands, as few as there can be.
  static std::size_t tiles_in_band(std::size_t tiles, std::size_t channels) {
    const std::size_t most = std::max<std::size_t>(1, band_values / (winograd_elements * channels));
    const std::size_t bands = (tiles + most - 1) / most;
    return (tiles + bands - 1) / bands;
  }

  static constexpr std::size_t product_stride =
      tiles_at_a_time * largest_width + stride_padding_bytes / sizeof(float);
  static constexpr std::size_t products_size = winograd_elements * product_stride;

  void convolve(const Picture& picture, std::size_t first_tile, std::size_t tiles,
                const Workspace& workspace) const {
    const std::size_t parts = (tiles + tiles_at_a_time - 1) / tiles_at_a_time;
    const std::size_t wanted = parts_per_thread * static_cast<std::size_t>(omp_get_max_threads());
    const std::size_t groups = std::clamp(
        (wanted + parts - 1) / parts, (blocks_ + blocks_at_a_time - 1) / blocks_at_a_time, blocks_);
#pragma omp parallel
    {
#pragma omp for schedule(static)
      for (std::size_t tile = 0; tile < tiles; ++tile)
        transform_tile(picture, first_tile, tile, workspace);
#pragma omp for schedule(dynamic)
      for (std::size_t item = 0; item < groups * parts; ++item) {
        const std::size_t group = item / parts;
        const std::size_t part = item % parts;
        const std::size_t begin = tiles * part / parts;
        multiply(picture, first_tile, begin, tiles * (part + 1) / parts - begin,
                 blocks_ * group / groups, blocks_ * (group + 1) / groups, workspace);
      }
    }
  }

  void transform_tile(const Picture& picture, std::size_t first_tile, std::size_t tile,
                      const Workspace& workspace) const {
    WinogradInputs<Value> inputs;
    inputs.grid = picture.grid;
    inputs.inputs = picture.input;
    inputs.channels = inputs_;
    inputs.zeros = zeros_.data();
    inputs.first_tile = first_tile + tile;
    inputs.tiles = 1;
    inputs.transformed = KernelTensor<Value>::values(workspace.transformed) + tile * inputs_;
    inputs.element_stride = workspace.element_stride;
    transforms_.transform_inputs(inputs);
  }

  /// @param begin  of the tiles, counted from the first of the band
  void multiply(const Picture& picture, std::size_t first_tile, std::size_t begin,
                std::size_t tiles, std::size_t first_block, std::size_t end_block,
                const Workspace& workspace) const {
    const std::size_t blocks = end_block - first_block;
    const std::size_t width = blocks * channels_per_block;
    float* products =
        KernelTensor<float>::values(workspace.products) + omp_get_thread_num() * products_size;
    const std::size_t block_size = inputs_ * channels_per_block;
    PointwiseRow<Value> row;
    row.length = inputs_;
    row.input_stride = inputs_;
    row.positions = tiles;
    row.bias = no_bias_.data();
    row.blocks = blocks;
    row.block_stride = channels_per_block;
    row.position_stride = width;
    row.least = -unlimited;
    row.largest = unlimited;
    for (std::size_t element = 0; element < winograd_elements; ++element) {
      row.inputs[0] = KernelTensor<Value>::values(workspace.transformed) +
                      element * workspace.element_stride + begin * inputs_;
      row.weights =
          KernelTensor<Value>::values(weights_) + (element * blocks_ + first_block) * block_size;
      row.outputs = products + element * product_stride;
      products_.pointwise(row);
    }

    WinogradOutputs<Value> outputs;
    outputs.grid = picture.grid;
    outputs.first_tile = first_tile + begin;
    outputs.tiles = tiles;
    outputs.products = products;
    outputs.element_stride = product_stride;
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
