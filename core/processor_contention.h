// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether other programs want the processors that a thread computes on.
#pragma once

namespace patchcore {

/// Tells from how long a thread that could go on had to wait for a processor. One that is alone
/// waits for a few hundredths of the time, one that has to share for about half of it.
class ProcessorContention {
 public:
  /// @param ran     seconds that the thread has had a processor since it began
  /// @param waited  seconds that it has waited for one since then
  /// @return whether it has to share; known anew after each fifth of a second of both together
  bool update(double ran, double waited);

 private:
  double ran_ = -1;  ///< when counting began; not yet
  double waited_ = 0;
  bool contended_ = false;
};

}  // namespace patchcore
