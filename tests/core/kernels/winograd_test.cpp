// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the Winograd kernels: all of them compute the transforms' definition, and nothing beside
// it.
#include "core/kernels/winograd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

namespace patchcore {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float untouched = -12345;

/// Small whole numbers: sums of them are exact in any order, and they are bfloat16, too.
std::vector<float> whole_numbers(std::size_t count, std::uint32_t seed) {
  std::vector<float> values(count);
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = std::floor(static_cast<float>(seed >> 24) / 32) - 4;
  }
  return values;
}

float float_of(Bfloat16Bits bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

float float_of(float value) {
  return value;
}

template <typename Value>
Value value_of(float value) {
  if constexpr (std::is_same_v<Value, float>) {
    return value;
  } else {
    // Rounded to the nearest, even where two are.
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    return static_cast<Bfloat16Bits>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }
}

template <typename Value>
std::vector<Value> converted(const std::vector<float>& values) {
  std::vector<Value> result;
  for (const float value : values) result.push_back(value_of<Value>(value));
  return result;
}

using Tile = std::array<std::array<float, 4>, 4>;
using Outputs = std::array<std::array<float, 2>, 2>;

constexpr float b_transposed[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}};
constexpr float a_transposed[2][4] = {{1, 1, 1, 0}, {0, 1, -1, -1}};

/// B' d B
Tile transformed_inputs(const Tile& tile) {
  Tile result = {};
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x)
          result[i][j] += b_transposed[i][y] * tile[y][x] * b_transposed[j][x];
      }
    }
  }
  return result;
}

/// A' m A
Outputs transformed_outputs(const Tile& tile) {
  Outputs result = {};
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 4; ++x)
          result[i][j] += a_transposed[i][y] * tile[y][x] * a_transposed[j][x];
      }
    }
  }
  return result;
}

WinogradGrid grid_of(std::size_t height, std::size_t width) {
  WinogradGrid grid;
  grid.height = height;
  grid.width = width;
  return grid;
}

const WinogradGrid grids[] = {grid_of(1, 1), grid_of(2, 5), grid_of(5, 2), grid_of(7, 8)};

template <typename Value>
void expect_input_transform(const WinogradKernels<Value>& kernels, const WinogradGrid& grid,
                            std::size_t channels) {
  const std::vector<float> picture = whole_numbers(grid.height * grid.width * channels, 1);
  const std::vector<Value> inputs = converted<Value>(picture);
  const std::vector<Value> zeros(channels);
  WinogradInputs<Value> job;
  job.grid = grid;
  job.inputs = inputs.data();
  job.channels = channels;
  job.zeros = zeros.data();
  // Not from the first tile on, where there are several.
  job.first_tile = grid.tiles() > 2 ? 1 : 0;
  job.tiles = grid.tiles() - job.first_tile;
  job.element_stride = job.tiles * channels + 8;
  std::vector<Value> results(winograd_elements * job.element_stride, value_of<Value>(untouched));
  job.transformed = results.data();
  kernels.transform_inputs(job);

  for (std::size_t t = 0; t < job.tiles; ++t) {
    const int top = static_cast<int>((job.first_tile + t) / grid.tile_columns()) * 2 - 1;
    const int left = static_cast<int>((job.first_tile + t) % grid.tile_columns()) * 2 - 1;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      Tile tile = {};
      for (int y = std::max(0, -top); y < std::min<int>(4, grid.height - top); ++y) {
        for (int x = std::max(0, -left); x < std::min<int>(4, grid.width - left); ++x)
          tile[y][x] = picture[((top + y) * grid.width + left + x) * channels + channel];
      }
      const Tile expected = transformed_inputs(tile);
      for (std::size_t i = 0; i < winograd_elements; ++i)
        ASSERT_EQ(float_of(results[i * job.element_stride + t * channels + channel]),
                  expected[i / 4][i % 4])
            << "tile " << t << ", channel " << channel << ", element " << i;
    }
  }
  for (std::size_t i = 0; i < winograd_elements; ++i) {
    for (std::size_t after = job.tiles * channels; after < job.element_stride; ++after)
      ASSERT_EQ(results[i * job.element_stride + after], value_of<Value>(untouched));
  }
}

struct Limits {
  float least;
  float largest;
};

/// The channels lie in the midst of more of them, which stay as they are.
template <typename Value>
void expect_output_transform(const WinogradKernels<Value>& kernels, const WinogradGrid& grid,
                             std::size_t channels, bool with_shortcut, const Limits& limits) {
  const std::size_t first_channel = 16;
  const std::size_t all_channels = channels + 32;
  const std::size_t pixels = grid.height * grid.width;
  WinogradOutputs<Value> job;
  job.grid = grid;
  job.first_tile = grid.tiles() > 2 ? 1 : 0;
  job.tiles = grid.tiles() - job.first_tile;
  job.element_stride = job.tiles * channels + 8;
  const std::vector<float> products = whole_numbers(winograd_elements * job.element_stride, 2);
  const std::vector<float> bias = whole_numbers(channels, 3);
  const std::vector<float> added = whole_numbers(pixels * all_channels, 4);
  const std::vector<Value> shortcut = converted<Value>(added);
  std::vector<Value> outputs(pixels * all_channels, value_of<Value>(untouched));
  job.products = products.data();
  job.channels = channels;
  job.bias = bias.data();
  job.shortcut = with_shortcut ? shortcut.data() + first_channel : nullptr;
  job.outputs = outputs.data() + first_channel;
  job.output_channels = all_channels;
  job.least = limits.least;
  job.largest = limits.largest;
  kernels.transform_outputs(job);

  for (std::size_t y = 0; y < grid.height; ++y) {
    for (std::size_t x = 0; x < grid.width; ++x) {
      const std::size_t tile = y / 2 * grid.tile_columns() + x / 2;
      for (std::size_t channel = 0; channel < all_channels; ++channel) {
        const std::size_t at = (y * grid.width + x) * all_channels + channel;
        float expected = untouched;
        if (tile >= job.first_tile && channel >= first_channel &&
            channel < first_channel + channels) {
          Tile m = {};
          for (std::size_t i = 0; i < winograd_elements; ++i)
            m[i / 4][i % 4] = products[i * job.element_stride + (tile - job.first_tile) * channels +
                                       channel - first_channel];
          expected = transformed_outputs(m)[y % 2][x % 2] + bias[channel - first_channel];
          if (with_shortcut) expected += added[at];
          expected = std::min(std::max(expected, limits.least), limits.largest);
        }
        ASSERT_EQ(float_of(outputs[at]), float_of(value_of<Value>(expected)))
            << "row " << y << ", column " << x << ", channel " << channel;
      }
    }
  }
}

template <typename Value>
void expect_definition() {
  for (const WinogradKernels<Value>& kernels : winograd_kernels<Value>()) {
    SCOPED_TRACE(kernels.instruction_set);
    for (const WinogradGrid& grid : grids) {
      SCOPED_TRACE(testing::Message() << grid.height << " x " << grid.width);
      for (const std::size_t channels : {16, 48}) {
        expect_input_transform(kernels, grid, channels);
        for (const bool with_shortcut : {false, true}) {
          for (const Limits& limits :
               {Limits{-infinity, infinity}, Limits{0, infinity}, Limits{0, 6}})
            expect_output_transform(kernels, grid, channels, with_shortcut, limits);
        }
      }
    }
  }
}

}  // namespace

TEST(Winograd, FloatKernelsComputeTheDefinition) {
  expect_definition<float>();
}

TEST(Winograd, Bfloat16KernelsComputeTheDefinition) {
  expect_definition<Bfloat16Bits>();
}

// Halves are exact only where the sums stay small: the results are rounded once, not cut.
TEST(Winograd, Bfloat16KernelsRoundToTheNearest) {
  for (const WinogradKernels<Bfloat16Bits>& kernels : winograd_kernels<Bfloat16Bits>()) {
    SCOPED_TRACE(kernels.instruction_set);
    std::vector<float> products(winograd_elements * 16);
    const float values[] = {257, 258, 259, 263, -257, -259};
    std::copy(std::begin(values), std::end(values), products.begin());
    const std::vector<float> bias(16);
    std::vector<Bfloat16Bits> outputs(16);
    WinogradOutputs<Bfloat16Bits> job;
    job.grid = grid_of(1, 1);
    job.tiles = 1;
    job.products = products.data();
    job.element_stride = 16;
    job.channels = 16;
    job.bias = bias.data();
    job.outputs = outputs.data();
    job.output_channels = 16;
    job.least = -infinity;
    job.largest = infinity;
    kernels.transform_outputs(job);
    const float expected[] = {256, 258, 260, 264, -256, -260};
    for (std::size_t i = 0; i < std::size(expected); ++i)
      EXPECT_EQ(float_of(outputs[i]), expected[i]);
  }
}

TEST(Winograd, KernelsKeepWhatIsNoNumber) {
  for (const WinogradKernels<float>& kernels : winograd_kernels<float>()) {
    SCOPED_TRACE(kernels.instruction_set);
    std::vector<float> products(winograd_elements * 16);
    products[3] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> bias(16);
    std::vector<float> outputs(16);
    WinogradOutputs<float> job;
    job.grid = grid_of(1, 1);
    job.tiles = 1;
    job.products = products.data();
    job.element_stride = 16;
    job.channels = 16;
    job.bias = bias.data();
    job.outputs = outputs.data();
    job.output_channels = 16;
    job.least = 0;
    job.largest = 6;
    kernels.transform_outputs(job);
    for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(std::isnan(outputs[i]), i == 3);
  }
}

}  // namespace patchcore
