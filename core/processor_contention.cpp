// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether other programs want the processors that a thread computes on.
#include "core/processor_contention.h"

namespace patchcore {
namespace {

constexpr double counted_seconds = 0.2;
/// Of the time. Other threads of a pipeline take processors for a moment, too.
constexpr double contended_share = 0.25;

}  // namespace

bool ProcessorContention::update(double ran, double waited) {
  const double counted = ran - ran_ + waited - waited_;
  if (ran_ >= 0 && counted < counted_seconds) return contended_;
  if (ran_ >= 0) contended_ = waited - waited_ > contended_share * counted;
  ran_ = ran;
  waited_ = waited;
  return contended_;
}

}  // namespace patchcore
