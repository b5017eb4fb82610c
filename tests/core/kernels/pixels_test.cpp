// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the pixel kernels: right, and the same bits whatever the machine has.
#include "core/kernels/pixels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace patchcore {
namespace {

std::vector<std::uint8_t> random_bytes(std::size_t count) {
  std::mt19937 random(static_cast<unsigned>(count));
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

std::vector<float> random_values(std::size_t count) {
  std::mt19937 random(static_cast<unsigned>(count));
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

constexpr YuvToRgb matrix = {16, 1.164F, 1.596F, -0.392F, -0.813F, 2.017F};

struct Steps {
  int luma;
  int chroma;
};

std::vector<float> converted(const PixelKernels& kernels, Steps steps, int columns,
                             const std::vector<std::uint8_t>& bytes) {
  const YuvRow row = {bytes.data(), bytes.data() + 1, bytes.data() + 3, steps.luma, steps.chroma};
  const int plane = columns + 1;
  std::vector<float> rgb(3 * static_cast<std::size_t>(plane), -1.0F);
  kernels.convert_yuv(row, matrix, columns, rgb.data(), plane);
  return rgb;
}

std::vector<float> resized(const PixelKernels& kernels, int taps, int length) {
  const std::vector<float> weights = random_values(static_cast<std::size_t>(taps) * length);
  const std::vector<float> row = random_values(static_cast<std::size_t>(3 * length + taps));
  std::vector<int> first;
  for (int x = 0; x < length; ++x) first.push_back(3 * x);
  std::vector<float> output(length);
  kernels.resize_row({first.data(), weights.data(), taps, length, 2, -1}, row.data(),
                     output.data());
  return output;
}

}  // namespace

TEST(Pixels, YuvBecomesClampedRgb) {
  const int columns = 131;
  for (const Steps steps : {Steps{1, 1}, Steps{1, 2}, Steps{2, 4}}) {
    const std::vector<std::uint8_t> bytes = random_bytes(4 * columns);
    for (const PixelKernels& kernels : pixel_kernels()) {
      const std::vector<float> rgb = converted(kernels, steps, columns, bytes);
      for (int x = 0; x < columns; ++x) {
        const float luma = matrix.luma_scale * (bytes[x * steps.luma] - matrix.luma_offset);
        const float u = bytes[1 + x / 2 * steps.chroma] - 128.0F;
        const float v = bytes[3 + x / 2 * steps.chroma] - 128.0F;
        const float expected[] = {luma + matrix.v_to_red * v,
                                  luma + matrix.u_to_green * u + matrix.v_to_green * v,
                                  luma + matrix.u_to_blue * u};
        for (int colour = 0; colour < 3; ++colour)
          ASSERT_NEAR(rgb[colour * (columns + 1) + x], std::clamp(expected[colour], 0.0F, 255.0F),
                      1e-3)
              << kernels.instruction_set << " " << steps.luma << " at " << x;
      }
      for (int colour = 0; colour < 3; ++colour)
        EXPECT_EQ(rgb[colour * (columns + 1) + columns], -1) << "wrote beyond the row";
    }
  }
}

TEST(Pixels, ResizedRowsAreWeightedMeans) {
  const int taps = 16;
  const int length = 5;
  const std::vector<float> weights = random_values(taps * length);
  const std::vector<float> row = random_values(3 * length + taps);
  for (const PixelKernels& kernels : pixel_kernels()) {
    const std::vector<float> output = resized(kernels, taps, length);
    for (int x = 0; x < length; ++x) {
      double expected = 0;
      for (int i = 0; i < taps; ++i)
        expected += static_cast<double>(weights[x * taps + i]) * row[3 * x + i];
      EXPECT_NEAR(output[x], 2 * expected - 1, 1e-5) << kernels.instruction_set;
    }
  }
}

TEST(Pixels, AreTheSameToTheLastBitForEveryInstructionSet) {
  const PixelKernels& plain = pixel_kernels().front();
  for (const PixelKernels& kernels : pixel_kernels()) {
    SCOPED_TRACE(kernels.instruction_set);
    for (int length = 1; length < 150; length += 3) {
      const std::vector<std::uint8_t> bytes = random_bytes(4 * length);
      for (const Steps steps : {Steps{1, 1}, Steps{1, 2}, Steps{2, 4}})
        EXPECT_EQ(converted(kernels, steps, length, bytes), converted(plain, steps, length, bytes));
      EXPECT_EQ(resized(kernels, 8 + length / 8 * 8, length),
                resized(plain, 8 + length / 8 * 8, length));
      const auto sums_by = [&](const PixelKernels& adding) {
        std::vector<float> row(length);
        adding.convert_bytes(bytes.data(), length, row.data());
        std::vector<float> sums = random_values(length);
        adding.add_row(row.data(), 0.3F, length, sums.data());
        return sums;
      };
      EXPECT_EQ(sums_by(kernels), sums_by(plain));
    }
  }
}

}  // namespace patchcore
