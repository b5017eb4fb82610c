// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether other programs want the processors that a thread computes on.
#pragma once

namespace patchcore {

/// Tells from how often the system has taken the processor away from a thread. A thread that is
/// alone keeps it; one that has to share loses it at the end of each time slice, some hundred times
/// a second of its own.
class ProcessorContention {
 public:
  /// @param seconds      of processor time that the thread has had since it began
  /// @param preemptions  how often the processor was taken away from it since then
  /// @return whether it has to share; known anew after each tenth of a second of its own
  bool update(double seconds, long preemptions);

 private:
  double began_ = -1;  ///< of what is being counted; none yet
  long preemptions_ = 0;
  bool contended_ = false;
};

}  // namespace patchcore
