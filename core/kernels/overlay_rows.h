// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The loops over the rows of overlay pictures and frames, written for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchcore {

/// Of weights between two samples: they fit, times a byte, 16 bits.
constexpr int overlay_weight_one = 128;

/// Bytes of the target of a stretch that are computed together.
constexpr std::size_t stretched_per_block = 16;
/// In place of an index: the result is zero.
constexpr std::uint8_t no_overlay_sample = 0x80;

/// Some of the bytes of a stretched row: each one mixes two of the 16 bytes of the row that begin
/// at `base`.
struct StretchedBlock {
  std::int32_t base = 0;    ///< in the row
  std::int32_t target = 0;  ///< of the first result; those of a later block replace these
  std::uint8_t first[stretched_per_block];
  std::uint8_t second[stretched_per_block];
  std::uint8_t weight[stretched_per_block];  ///< of the second, of overlay_weight_one
};

/// A frame's component as a sum: offset + the factors times red, green and blue.
struct ColourComponent {
  float offset = 0;
  float red = 0;
  float green = 0;
  float blue = 0;
};

/// Two rows of a picture, stretched to the bytes of a plane: colours times alpha, and alpha.
struct StretchedRows {
  const std::uint16_t* weighted_above;
  const std::uint16_t* weighted_below;
  const std::uint16_t* alpha_above;
  const std::uint16_t* alpha_below;
  int weight_below;  ///< of overlay_weight_one
};

/// The same for every instruction set, to the last bit.
struct OverlayKernels {
  const char* instruction_set;
  /// weighted[i] = component of pixel i times its alpha, 0 to 255, rounded
  /// @param bgra  [pixels, 4]
  void (*weigh)(const std::uint8_t* bgra, std::size_t pixels, const ColourComponent& component,
                std::uint8_t* weighted);
  /// @param row     readable for 16 bytes from the base of each block on
  /// @param target  writable for 16 values from the target of each block on
  void (*stretch)(const StretchedBlock* blocks, std::size_t count, const std::uint8_t* row,
                  std::uint16_t* target);
  /// pixels = pixels * (1 - alpha) + weighted, at most 255
  void (*blend)(const StretchedRows& rows, std::size_t bytes, std::uint8_t* pixels);
};

/// Those that this machine can run, the slowest first.
const std::vector<OverlayKernels>& overlay_kernels();

// For the dispatch alone; which of them exist depends on the architecture.
OverlayKernels overlay_kernels_generic();
OverlayKernels overlay_kernels_avx2();

}  // namespace patchcore
