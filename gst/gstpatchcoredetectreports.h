// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What patchcoredetect tells the application: messages on the bus and the signal "anomaly".
#pragma once

#include <gst/gst.h>

#include "gst/gstpatchcoreproperties.h"
#include "gst/patchcore/patchcore.h"

/// Adds the signal to the element's class.
void gst_patch_core_detect_install_signals(GObjectClass* object_class);

/// For one thread, the streaming thread, and never under the object lock: whoever is told may call
/// the element back.
class GstPatchCoreDetectReports {
 public:
  /// @param element  of a class that has the signal; its owner
  explicit GstPatchCoreDetectReports(GstElement* element) : element_(element) {}

  /// Begins the first interval between two messages of statistics.
  void start();

  /// The next verdict is a change, whatever it is.
  void forget_stream() { last_verdict_ = GST_PATCH_CORE_VERDICT_UNKNOWN; }

  /// Posts the result if @p mode wants it.
  /// @param is_new  whether no frame carried this result before
  void post(GstBuffer* buffer, const GstPatchCoreMeta* meta, bool is_new, const GstSegment* segment,
            GstPatchCorePostMessages mode);

  /// Also emits the signal, with the frame, for a new result that is anomalous. Without a handler
  /// nothing is made for that.
  void report(GstBuffer* buffer, const GstPatchCoreMeta* meta, bool is_new,
              const GstSegment* segment, GstPatchCorePostMessages mode);

  /// Whether an interval is over; begins the next one if so.
  /// @param interval  milliseconds; 0: never
  bool is_stats_time(guint interval);

  /// @param stats  (transfer full); gets the field "elapsed"
  void post_stats(GstStructure* stats) const;

 private:
  void emit_anomaly(GstBuffer* buffer, const GstPatchCoreMeta* meta, const GstSegment* segment);

  GstElement* element_;
  GstPatchCoreVerdict last_verdict_ = GST_PATCH_CORE_VERDICT_UNKNOWN;
  GstClockTime started_ = 0;
  GstClockTime stats_began_ = 0;
};
