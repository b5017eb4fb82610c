// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far something has come, and how long it will take.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace patchcore {

/// "1:05" or "2:00:09".
std::string format_duration(double seconds);

/// One line: the label, a bar, the count and, as soon as some are done, the time that is left if
/// the others take as long.
std::string format_progress(const std::string& label, std::size_t done, std::size_t all,
                            double seconds);

/// A line that is drawn anew as work goes on, on a terminal; anywhere else, one line when a step
/// ends.
class ProgressBar {
 public:
  /// @param output    where to
  /// @param terminal  whether lines can be drawn anew there
  ProgressBar(std::FILE* output, bool terminal) : output_(output), terminal_(terminal) {}
  /// On stderr, as it is.
  ProgressBar();

  /// Begins a step.
  void begin(const std::string& label, std::size_t all);
  /// At most some ten times a second does it draw.
  void update(std::size_t done);
  /// Ends the step.
  void end();
  /// Writes a line that stays, above the bar.
  void say(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;

  double seconds() const;
  void erase();

  std::FILE* output_;
  bool terminal_;
  std::string label_;
  std::size_t all_ = 0;
  std::size_t done_ = 0;
  std::size_t drawn_ = 0;  ///< length of what stands in the line
  Clock::time_point begin_;
  Clock::time_point last_drawn_;
};

}  // namespace patchcore
