// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the convolution finish kernels: all of them give the bits of the plain arithmetic.
#include "core/kernels/convolution_finish.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/patch_matrices.h"

namespace patchcore {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

float float_of(Bfloat16Bits bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value = 0;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}

/// The bfloat16 nearest to a finite value: of its two neighbours, by their distances.
Bfloat16Bits nearest_bfloat16(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  const auto below = static_cast<Bfloat16Bits>(bits >> 16);
  const auto above = static_cast<Bfloat16Bits>(below + 1);
  const double to_below = std::abs(static_cast<double>(value) - float_of(below));
  const double to_above = std::abs(static_cast<double>(value) - float_of(above));
  if (to_below != to_above) return to_below < to_above ? below : above;
  return below % 2 == 0 ? below : above;
}

float within(float value, float least, float largest) {
  return std::fmin(std::fmax(value, least), largest);
}

std::vector<float> some_values(std::size_t count, std::uint64_t seed) {
  std::vector<float> values = test::random_patches(1, count, seed).values;
  for (float& value : values) value *= 5;
  return values;
}

std::vector<Bfloat16Bits> rounded(const std::vector<float>& values) {
  std::vector<Bfloat16Bits> result;
  for (const float value : values) result.push_back(nearest_bfloat16(value));
  return result;
}

struct Limits {
  float least;
  float largest;
};

class ConvolutionFinish : public testing::TestWithParam<Limits> {};

}  // namespace

TEST_P(ConvolutionFinish, AddsAndLimitsFloat32) {
  const auto [least, largest] = GetParam();
  for (const ConvolutionFinishKernels& kernels : convolution_finish_kernels()) {
    for (const std::size_t channels : {1U, 7U, 16U, 33U}) {
      for (const bool with_shortcut : {false, true}) {
        SCOPED_TRACE(testing::Message() << kernels.instruction_set << ", " << channels);
        constexpr std::size_t positions = 3;
        std::vector<float> values = some_values(positions * channels, 1);
        const std::vector<float> shortcut = some_values(positions * channels, 2);
        const std::vector<float> bias = some_values(channels, 3);
        std::vector<float> expected;
        for (std::size_t i = 0; i < values.size(); ++i) {
          const float sum = values[i] + bias[i % channels];
          expected.push_back(within(with_shortcut ? sum + shortcut[i] : sum, least, largest));
        }
        kernels.float32({values.data(), with_shortcut ? shortcut.data() : nullptr, bias.data(),
                         positions, channels, least, largest});
        EXPECT_EQ(values, expected);
      }
    }
  }
}

TEST_P(ConvolutionFinish, RoundsToTheNearestBfloat16) {
  const auto [least, largest] = GetParam();
  for (const ConvolutionFinishKernels& kernels : convolution_finish_kernels()) {
    for (const std::size_t channels : {1U, 7U, 16U, 33U}) {
      for (const bool with_shortcut : {false, true}) {
        SCOPED_TRACE(testing::Message() << kernels.instruction_set << ", " << channels);
        constexpr std::size_t positions = 3;
        std::vector<Bfloat16Bits> values = rounded(some_values(positions * channels, 1));
        const std::vector<Bfloat16Bits> shortcut = rounded(some_values(positions * channels, 2));
        const std::vector<float> bias = some_values(channels, 3);
        std::vector<Bfloat16Bits> expected;
        for (std::size_t i = 0; i < values.size(); ++i) {
          float sum = float_of(values[i]) + bias[i % channels];
          if (with_shortcut) sum += float_of(shortcut[i]);
          expected.push_back(nearest_bfloat16(within(sum, least, largest)));
        }
        kernels.bfloat16({values.data(), with_shortcut ? shortcut.data() : nullptr, bias.data(),
                          positions, channels, least, largest});
        EXPECT_EQ(values, expected);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, ConvolutionFinish,
                         testing::Values(Limits{-infinity, infinity}, Limits{0, infinity},
                                         Limits{0, 6}));

// Two neighbours at the same distance: the even one, whether that is up or down.
TEST(ConvolutionFinishRounding, TakesTheEvenOfTwo) {
  const std::vector<float> bias = {1.00390625F, 1.01171875F};
  for (const ConvolutionFinishKernels& kernels : convolution_finish_kernels()) {
    std::vector<Bfloat16Bits> values = {0, 0};
    kernels.bfloat16({values.data(), nullptr, bias.data(), 1, 2, -infinity, infinity});
    EXPECT_EQ(float_of(values[0]), 1.0F) << kernels.instruction_set;
    EXPECT_EQ(float_of(values[1]), 1.015625F) << kernels.instruction_set;
  }
}

// A broken network must not look like a sound one.
TEST(ConvolutionFinishRounding, KeepsWhatIsNotANumber) {
  std::uint32_t bits = 0x7fffffff;  // that rounding would carry over into minus zero
  float not_a_number = 0;
  std::memcpy(&not_a_number, &bits, sizeof(bits));
  for (const ConvolutionFinishKernels& kernels : convolution_finish_kernels()) {
    const std::vector<float> bias = {not_a_number};
    std::vector<Bfloat16Bits> rounded_values = {0};
    kernels.bfloat16({rounded_values.data(), nullptr, bias.data(), 1, 1, 0, 6});
    EXPECT_TRUE(std::isnan(float_of(rounded_values[0]))) << kernels.instruction_set;
    std::vector<float> values = {0};
    kernels.float32({values.data(), nullptr, bias.data(), 1, 1, 0, 6});
    EXPECT_TRUE(std::isnan(values[0])) << kernels.instruction_set;
  }
}

}  // namespace patchcore
