// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the overlay kernels: all of them give the bytes of the plain definitions below.
#include "core/kernels/overlay_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace patchcore {
namespace {

std::vector<std::uint8_t> random_bytes(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

std::vector<std::uint16_t> random_values(std::size_t count, unsigned seed) {
  const std::vector<std::uint8_t> bytes = random_bytes(count, seed);
  return {bytes.begin(), bytes.end()};
}

int mixed(int first, int second, int weight) {
  return (first * (overlay_weight_one - weight) + second * weight + overlay_weight_one / 2) /
         overlay_weight_one;
}

class OverlayRows : public testing::TestWithParam<std::size_t> {
 protected:
  const OverlayKernels& kernels() const { return overlay_kernels()[GetParam()]; }
};

}  // namespace

TEST_P(OverlayRows, WeighsColoursByAlpha) {
  const ColourComponent components[] = {
      {0, 1, 0, 0}, {16, 0.257F, 0.504F, 0.098F}, {128, -0.148F, -0.291F, 0.439F}, {-300, 2, 2, 2}};
  for (const std::size_t pixels : {0U, 1U, 63U, 64U, 65U, 200U}) {
    std::vector<std::uint8_t> bgra = random_bytes(4 * pixels, 1);
    for (std::size_t i = 3; i < bgra.size(); i += 12) bgra[i] = i % 8 == 3 ? 0 : 255;
    for (const ColourComponent& component : components) {
      std::vector<std::uint8_t> weighted(pixels + 1, 99);
      kernels().weigh(bgra.data(), pixels, component, weighted.data());
      for (std::size_t i = 0; i < pixels; ++i) {
        const std::uint8_t* pixel = bgra.data() + 4 * i;
        const double value = (component.offset + component.red * pixel[2] +
                              component.green * pixel[1] + component.blue * pixel[0]) *
                             pixel[3] / 255;
        EXPECT_NEAR(weighted[i], std::clamp(value, 0.0, 255.0), 0.5001);
      }
      EXPECT_EQ(weighted[pixels], 99);
    }
  }
}

TEST_P(OverlayRows, WeighsToTheSameBytesAsTheFirst) {
  const std::vector<std::uint8_t> bgra = random_bytes(40000, 2);
  const ColourComponent component = {16, 0.2567882F, 0.5041294F, 0.09790588F};
  std::vector<std::uint8_t> expected(10000);
  std::vector<std::uint8_t> found(10000);
  overlay_kernels().front().weigh(bgra.data(), 10000, component, expected.data());
  kernels().weigh(bgra.data(), 10000, component, found.data());
  EXPECT_EQ(found, expected);
}

TEST_P(OverlayRows, MixesTheBytesThatBlocksName) {
  const std::vector<std::uint8_t> row = random_bytes(64, 3);
  const std::vector<std::uint8_t> random = random_bytes(48 * 40, 4);
  std::vector<StretchedBlock> blocks;
  std::vector<std::uint16_t> expected(40 * 13 + 3, 7);
  for (std::int32_t i = 0; i < 40; ++i) {
    StretchedBlock block;
    block.base = i;
    // The last values of each are replaced by the next one's.
    block.target = 13 * i;
    for (std::size_t lane = 0; lane < stretched_per_block; ++lane) {
      const std::uint8_t* bytes = random.data() + 48 * i + 3 * lane;
      const bool none = bytes[0] % 5 == 0;
      block.first[lane] = none ? no_overlay_sample : bytes[0] % 16;
      block.second[lane] = none ? no_overlay_sample : bytes[1] % 16;
      block.weight[lane] = bytes[2] % (overlay_weight_one + 1);
      expected[static_cast<std::size_t>(block.target) + lane] = static_cast<std::uint16_t>(
          none ? 0
               : mixed(row[static_cast<std::size_t>(i) + block.first[lane]],
                       row[static_cast<std::size_t>(i) + block.second[lane]], block.weight[lane]));
    }
    blocks.push_back(block);
  }
  std::vector<std::uint16_t> target(expected.size(), 7);
  kernels().stretch(blocks.data(), blocks.size(), row.data(), target.data());
  EXPECT_EQ(target, expected);
}

TEST_P(OverlayRows, BlendsTwoRowsIntoPixels) {
  for (const std::size_t bytes : {0U, 1U, 15U, 33U, 500U}) {
    const auto weighted_above = random_values(bytes, 5);
    const auto weighted_below = random_values(bytes, 6);
    auto alpha_above = random_values(bytes, 7);
    auto alpha_below = random_values(bytes, 8);
    for (std::size_t i = 0; i < bytes; i += 7) alpha_above[i] = alpha_below[i] = i % 2 * 255;
    for (const int weight : {0, 1, 77, 127, 128}) {
      SCOPED_TRACE(testing::Message() << bytes << " bytes, weight " << weight);
      const std::vector<std::uint8_t> before = random_bytes(bytes + 1, 9);
      std::vector<std::uint8_t> pixels = before;
      kernels().blend({weighted_above.data(), weighted_below.data(), alpha_above.data(),
                       alpha_below.data(), weight},
                      bytes, pixels.data());
      for (std::size_t i = 0; i < bytes; ++i) {
        const int weighted = mixed(weighted_above[i], weighted_below[i], weight);
        const int alpha = mixed(alpha_above[i], alpha_below[i], weight);
        const auto kept = static_cast<int>(std::lround(before[i] * (255 - alpha) / 255.0));
        EXPECT_EQ(pixels[i], std::min(255, kept + weighted)) << i;
      }
      EXPECT_EQ(pixels[bytes], before[bytes]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, OverlayRows,
                         testing::Range(std::size_t{0}, overlay_kernels().size()),
                         [](const auto& kernel) {
                           return overlay_kernels()[kernel.param].instruction_set;
                         });

}  // namespace patchcore
