// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every row convolution kernel. Includes nothing that other files share, for they would
// be compiled for an instruction set that not all machines have.
#pragma once

#include "core/kernels/row_convolution.h"

namespace patchcore {
namespace {

/// Register has the type Vector, of float32 values and as many bytes as a register, that may lie
/// anywhere, and for float, and Bfloat16Bits where results are rounded,
///   static Vector load(const Result*)
///   static void store(Vector, Result*)
template <typename Register>
struct RowConvolutionLoops {
  using Vector = typename Register::Vector;

  static constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
  static constexpr std::size_t vectors = channels_per_block / lanes;  ///< of a block
  static_assert(channels_per_block % lanes == 0, "a block is a whole number of registers");

  /// Weights are fetched this far ahead: processors stop of themselves where a page ends.
  static constexpr std::size_t page_bytes = 4096;

  static Vector load(const float* values) { return Register::load(values); }

  static Vector limited(Vector value, float least, float largest) {
    const Vector lower = Vector{} + least;
    const Vector upper = Vector{} + largest;
    // In this order what is not a number stays so.
    value = lower > value ? lower : value;
    return upper < value ? upper : value;
  }

  /// Products of float32.
  struct Floats {
    using Value = float;
    using Operand = float;
    using Weights = Vector;
    static constexpr std::size_t values_at_a_time = 1;
    static float load_operand(const float* values) { return *values; }
    static Weights load_weights(const float* values) { return load(values); }
    static Vector multiply_add(Vector sum, float operand, Weights weights) {
      return sum + operand * weights;
    }
  };

  /// Some positions and some blocks of output channels, all in registers.
  /// @tparam Products  Floats, or another type with the same members
  template <typename Products, std::size_t positions, std::size_t blocks, typename Result>
  static void pointwise_tile(const PointwiseRow<typename Products::Value, Result>& row,
                             std::size_t first_position, std::size_t first_block) {
    constexpr std::size_t columns = blocks * vectors;
    constexpr std::size_t step = Products::values_at_a_time;
    const std::size_t block_size = row.parts * row.length * channels_per_block;
    const auto* weights = row.weights + first_block * block_size;
    Vector sums[positions][columns] = {};
    for (std::size_t part = 0; part < row.parts; ++part) {
      const auto* inputs = row.inputs[part] + first_position * row.input_stride;
      for (std::size_t i = 0; i < row.length; i += step) {
        typename Products::Weights loaded[columns];
#pragma GCC unroll 8
        for (std::size_t b = 0; b < blocks; ++b) {
          __builtin_prefetch(reinterpret_cast<const char*>(weights + b * block_size) + page_bytes);
        }
#pragma GCC unroll 8
        for (std::size_t c = 0; c < columns; ++c) {
          loaded[c] = Products::load_weights(weights + c / vectors * block_size +
                                             c % vectors * lanes * step);
        }
#pragma GCC unroll 8
        for (std::size_t m = 0; m < positions; ++m) {
          const typename Products::Operand operand =
              Products::load_operand(inputs + m * row.input_stride + i);
#pragma GCC unroll 8
          for (std::size_t c = 0; c < columns; ++c) {
            sums[m][c] = Products::multiply_add(sums[m][c], operand, loaded[c]);
          }
        }
        weights += channels_per_block * step;
      }
    }
#pragma GCC unroll 8
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t block = first_block + c / vectors;
      const std::size_t lane = c % vectors * lanes;
      const Vector bias = load(row.bias + block * channels_per_block + lane);
#pragma GCC unroll 8
      for (std::size_t m = 0; m < positions; ++m) {
        const std::size_t at =
            block * row.block_stride + (first_position + m) * row.position_stride + lane;
        Vector value = sums[m][c] + bias;
        if (row.shortcut != nullptr) value += Register::load(row.shortcut + at);
        Register::store(limited(value, row.least, row.largest), row.outputs + at);
      }
    }
  }

  /// A tile of so many positions: of one, or of half of the most to the most.
  template <typename Products, std::size_t most, std::size_t blocks, std::size_t size = most,
            typename Result>
  static void pointwise_tile_of(const PointwiseRow<typename Products::Value, Result>& row,
                                std::size_t first_position, std::size_t count,
                                std::size_t first_block) {
    if constexpr (size >= most / 2) {
      if (count == size) {
        pointwise_tile<Products, size, blocks>(row, first_position, first_block);
      } else {
        pointwise_tile_of<Products, most, blocks, size - 1>(row, first_position, count,
                                                            first_block);
      }
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        pointwise_tile<Products, 1, blocks>(row, first_position + i, first_block);
      }
    }
  }

  /// All positions, in tiles as equal as can be.
  template <typename Products, std::size_t positions, std::size_t blocks, typename Result>
  static void pointwise_blocks(const PointwiseRow<typename Products::Value, Result>& row,
                               std::size_t first_block) {
    const std::size_t tiles = (row.positions + positions - 1) / positions;
    for (std::size_t tile = 0; tile < tiles; ++tile) {
      const std::size_t begin = row.positions * tile / tiles;
      const std::size_t end = row.positions * (tile + 1) / tiles;
      pointwise_tile_of<Products, positions, blocks>(row, begin, end - begin, first_block);
    }
  }

  /// @tparam positions  of a tile
  /// @tparam blocks     of output channels in a tile, 1 or 3
  template <typename Products, std::size_t positions, std::size_t blocks, typename Result>
  static void pointwise(const PointwiseRow<typename Products::Value, Result>& row) {
    std::size_t block = 0;
    if constexpr (blocks == 3) {
      // Four are two and two: a tile of one block would have too few sums to be worth its inputs.
      for (; block + 3 <= row.blocks && block + 4 != row.blocks; block += 3) {
        pointwise_blocks<Products, positions, 3>(row, block);
      }
      for (; block + 2 <= row.blocks; block += 2) {
        pointwise_blocks<Products, positions, 2>(row, block);
      }
    }
    for (; block < row.blocks; ++block) pointwise_blocks<Products, positions, 1>(row, block);
  }

  template <std::size_t kernel, std::size_t stride, std::size_t positions, typename Value>
  static void depthwise_tile(const DepthwiseRow<Value>& row, std::size_t first_position) {
    constexpr std::size_t columns = (positions - 1) * stride + kernel;
    for (std::size_t lane = 0; lane < channels_per_block; lane += lanes) {
      Vector sums[positions] = {};
#pragma GCC unroll 5
      for (std::size_t y = 0; y < kernel; ++y) {
        const float* inputs = row.inputs[y] + first_position * stride * channels_per_block + lane;
        Vector weights[kernel];
#pragma GCC unroll 5
        for (std::size_t x = 0; x < kernel; ++x) {
          weights[x] = load(row.weights + (y * kernel + x) * channels_per_block + lane);
        }
#pragma GCC unroll 32
        for (std::size_t column = 0; column < columns; ++column) {
          const Vector value = load(inputs + column * channels_per_block);
#pragma GCC unroll 5
          for (std::size_t x = 0; x < kernel; ++x) {
            if (column < x || (column - x) % stride != 0) continue;
            const std::size_t position = (column - x) / stride;
            if (position < positions) sums[position] += value * weights[x];
          }
        }
      }
      const Vector bias = load(row.bias + lane);
#pragma GCC unroll 8
      for (std::size_t m = 0; m < positions; ++m) {
        Register::store(limited(sums[m] + bias, row.least, row.largest),
                        row.outputs + (first_position + m) * row.output_stride + lane);
      }
    }
  }

  template <std::size_t kernel, std::size_t stride, typename Value>
  static void depthwise_positions(const DepthwiseRow<Value>& row) {
    constexpr std::size_t positions = 8;
    std::size_t done = 0;
    for (; done + positions <= row.positions; done += positions) {
      depthwise_tile<kernel, stride, positions>(row, done);
    }
    if (done == row.positions) return;
    if (row.positions >= positions) {
      depthwise_tile<kernel, stride, positions>(row, row.positions - positions);
    } else {
      for (; done < row.positions; ++done) depthwise_tile<kernel, stride, 1>(row, done);
    }
  }

  template <typename Value>
  static void depthwise(const DepthwiseRow<Value>& row) {
    if (row.kernel == 3) {
      row.stride == 1 ? depthwise_positions<3, 1>(row) : depthwise_positions<3, 2>(row);
    } else {
      row.stride == 1 ? depthwise_positions<5, 1>(row) : depthwise_positions<5, 2>(row);
    }
  }
};

}  // namespace
}  // namespace patchcore
