// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether other programs want the processors that a thread computes on.
#include "core/processor_contention.h"

namespace patchcore {
namespace {

constexpr double counted_seconds = 0.1;
/// Kernel threads take a processor some ten times a second on any machine.
constexpr double preemptions_a_second = 100;

}  // namespace

bool ProcessorContention::update(double seconds, long preemptions) {
  const double counted = seconds - began_;
  if (began_ >= 0 && counted < counted_seconds) return contended_;
  if (began_ >= 0) {
    const auto since = static_cast<double>(preemptions - preemptions_);
    contended_ = since > preemptions_a_second * counted;
  }
  began_ = seconds;
  preemptions_ = preemptions;
  return contended_;
}

}  // namespace patchcore
