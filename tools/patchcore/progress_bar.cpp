// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far something has come, and how long it will take.
#include "tools/patchcore/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace patchcore {
namespace {

constexpr std::size_t bar_length = 24;
constexpr std::chrono::milliseconds drawing_interval(100);

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  const std::int64_t hours = whole / 3600;
  const std::int64_t minutes = whole / 60 % 60;
  if (hours == 0) return std::to_string(minutes) + ":" + two_digits(whole % 60);
  return std::to_string(hours) + ":" + two_digits(minutes) + ":" + two_digits(whole % 60);
}

std::string format_progress(const std::string& label, std::size_t done, std::size_t all,
                            double seconds) {
  const std::size_t filled = all == 0 ? bar_length : bar_length * std::min(done, all) / all;
  std::string line = label + " [" + std::string(filled, '#') +
                     std::string(bar_length - filled, ' ') + "] " + std::to_string(done) + "/" +
                     std::to_string(all);
  if (done > 0 && done < all) {
    const double left = seconds * static_cast<double>(all - done) / static_cast<double>(done);
    line += ", " + format_duration(left) + " left";
  }
  return line;
}

ProgressBar::ProgressBar() : ProgressBar(stderr, isatty(fileno(stderr)) == 1) {}

double ProgressBar::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void ProgressBar::erase() {
  if (drawn_ > 0) std::fprintf(output_, "\r%*s\r", static_cast<int>(drawn_), "");
  drawn_ = 0;
}

void ProgressBar::begin(const std::string& label, std::size_t all) {
  label_ = label;
  all_ = all;
  done_ = 0;
  begin_ = Clock::now();
  last_drawn_ = {};
  update(0);
}

void ProgressBar::update(std::size_t done) {
  done_ = done;
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_drawn_ < drawing_interval) return;
  last_drawn_ = now;
  const std::string line = format_progress(label_, done, all_, seconds());
  erase();
  std::fputs(line.c_str(), output_);
  std::fflush(output_);
  drawn_ = line.size();
}

void ProgressBar::end() {
  erase();
  std::fprintf(output_, "%s: %zu in %s\n", label_.c_str(), done_,
               format_duration(seconds()).c_str());
  std::fflush(output_);
}

void ProgressBar::say(const std::string& line) {
  erase();
  std::fprintf(output_, "%s\n", line.c_str());
  std::fflush(output_);
}

}  // namespace patchcore
