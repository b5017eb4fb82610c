// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How long each stage of a frame's detection took.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace patchcore {

/// The stages that a frame passes, in this order. Conversion to RGB and resizing are one: the frame
/// is read once.
enum class Stage { preprocess, backbone, embedding, search, scoring, regions };

constexpr std::size_t stage_count = 6;

/// Seconds, by Stage.
using StageTimes = std::array<double, stage_count>;

/// Gives the time since the stage before to each stage.
class StageClock {
 public:
  /// @param times  added to; outlives the clock
  explicit StageClock(StageTimes& times) : times_(times), last_(Clock::now()) {}

  /// Adds, for a frame's tiles and an ensemble's members pass their stages one after the other.
  void add(Stage stage) {
    const Clock::time_point now = Clock::now();
    times_[static_cast<std::size_t>(stage)] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;

  StageTimes& times_;
  Clock::time_point last_;
};

}  // namespace patchcore
