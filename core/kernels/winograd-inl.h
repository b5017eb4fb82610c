// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The body of every Winograd kernel. Includes nothing that other files share, for they would be
// compiled for an instruction set that not all machines have.
#pragma once

#include "core/kernels/winograd.h"

namespace patchcore {
namespace {

/// Register has the type Vector, of float32 values and as many bytes as a register, that may lie
/// anywhere, and for Value
///   static Vector load(const Value*)
///   static void store(Vector, Value*)  rounds
///   static Vector load(const float*)
template <typename Register>
struct WinogradLoops {
  using Vector = typename Register::Vector;

  static constexpr std::size_t lanes = sizeof(Vector) / sizeof(float);
  static_assert(winograd_channels % lanes == 0, "channels fill whole registers");

  static Vector limited(Vector value, float least, float largest) {
    const Vector lower = Vector{} + least;
    const Vector upper = Vector{} + largest;
    // In this order what is not a number stays so.
    value = lower > value ? lower : value;
    return upper < value ? upper : value;
  }

  /// The pixels of one tile, in rows; outside of the picture lie zeros.
  template <typename Value>
  static void find_pixels(const WinogradInputs<Value>& job, std::size_t tile,
                          const Value* pixels[winograd_elements]) {
    const std::size_t columns = job.grid.tile_columns();
    // One less in each direction than the tile's first output; what lies outside wraps to beyond
    // every picture.
    const std::size_t top = tile / columns * winograd_outputs - 1;
    const std::size_t left = tile % columns * winograd_outputs - 1;
    for (std::size_t y = 0; y < winograd_inputs; ++y) {
      for (std::size_t x = 0; x < winograd_inputs; ++x) {
        const bool inside = top + y < job.grid.height && left + x < job.grid.width;
        pixels[y * winograd_inputs + x] =
            inside ? job.inputs + ((top + y) * job.grid.width + left + x) * job.channels
                   : job.zeros;
      }
    }
  }

  template <typename Value>
  static void transform_inputs(const WinogradInputs<Value>& job) {
    for (std::size_t t = 0; t < job.tiles; ++t) {
      const Value* pixels[winograd_elements];
      find_pixels(job, job.first_tile + t, pixels);
      Value* transformed = job.transformed + t * job.channels;
      for (std::size_t channel = 0; channel < job.channels; channel += lanes) {
        // B' d, a column of d at a time.
        Vector half[winograd_inputs][winograd_inputs];
#pragma GCC unroll 4
        for (std::size_t x = 0; x < winograd_inputs; ++x) {
          const Vector d0 = Register::load(pixels[x] + channel);
          const Vector d1 = Register::load(pixels[winograd_inputs + x] + channel);
          const Vector d2 = Register::load(pixels[2 * winograd_inputs + x] + channel);
          const Vector d3 = Register::load(pixels[3 * winograd_inputs + x] + channel);
          half[0][x] = d0 - d2;
          half[1][x] = d1 + d2;
          half[2][x] = d2 - d1;
          half[3][x] = d1 - d3;
        }
        // (B' d) B, a row at a time.
        Value* element = transformed + channel;
#pragma GCC unroll 4
        for (std::size_t y = 0; y < winograd_inputs; ++y) {
          Register::store(half[y][0] - half[y][2], element);
          Register::store(half[y][1] + half[y][2], element + job.element_stride);
          Register::store(half[y][2] - half[y][1], element + 2 * job.element_stride);
          Register::store(half[y][1] - half[y][3], element + 3 * job.element_stride);
          element += winograd_inputs * job.element_stride;
        }
      }
    }
  }

  template <typename Value>
  static void finish(const WinogradOutputs<Value>& job, Vector value, std::size_t at) {
    if (job.shortcut != nullptr) value += Register::load(job.shortcut + at);
    Register::store(limited(value, job.least, job.largest), job.outputs + at);
  }

  template <typename Value>
  static void transform_outputs(const WinogradOutputs<Value>& job) {
    const std::size_t columns = job.grid.tile_columns();
    for (std::size_t t = 0; t < job.tiles; ++t) {
      const std::size_t tile = job.first_tile + t;
      const std::size_t top = tile / columns * winograd_outputs;
      const std::size_t left = tile % columns * winograd_outputs;
      const bool has_second_row = top + 1 < job.grid.height;
      const bool has_second_column = left + 1 < job.grid.width;
      const std::size_t first = (top * job.grid.width + left) * job.output_channels;
      const std::size_t row = job.grid.width * job.output_channels;
      const float* products = job.products + t * job.channels;
      for (std::size_t channel = 0; channel < job.channels; channel += lanes) {
        // A' m, a column of m at a time.
        Vector half[winograd_outputs][winograd_inputs];
        const float* element = products + channel;
#pragma GCC unroll 4
        for (std::size_t x = 0; x < winograd_inputs; ++x) {
          const Vector m0 = Register::load(element);
          const Vector m1 = Register::load(element + 4 * job.element_stride);
          const Vector m2 = Register::load(element + 8 * job.element_stride);
          const Vector m3 = Register::load(element + 12 * job.element_stride);
          half[0][x] = m0 + m1 + m2;
          half[1][x] = m1 - m2 - m3;
          element += job.element_stride;
        }
        // (A' m) A, a row at a time.
        const Vector bias = Register::load(job.bias + channel);
        std::size_t at = first + channel;
        finish(job, half[0][0] + half[0][1] + half[0][2] + bias, at);
        if (has_second_column) {
          finish(job, half[0][1] - half[0][2] - half[0][3] + bias, at + job.output_channels);
        }
        if (!has_second_row) continue;
        at += row;
        finish(job, half[1][0] + half[1][1] + half[1][2] + bias, at);
        if (has_second_column) {
          finish(job, half[1][1] - half[1][2] - half[1][3] + bias, at + job.output_channels);
        }
      }
    }
  }
};

}  // namespace
}  // namespace patchcore
