// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What patchcoredetect tells the application: messages on the bus and the signal "anomaly".
#include "gst/gstpatchcoredetectreports.h"

#include "gst/gstpatchcoreresult.h"

namespace {

constexpr const char* signal_name = "anomaly";

bool wants_message(GstPatchCorePostMessages mode, const GstPatchCoreMeta* meta, bool is_new,
                   GstPatchCoreVerdict last_verdict) {
  switch (mode) {
    case GST_PATCH_CORE_POST_MESSAGES_NONE:
      return false;
    case GST_PATCH_CORE_POST_MESSAGES_CHANGES:
      return meta->verdict != last_verdict;
    case GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS:
      return is_new && meta->verdict == GST_PATCH_CORE_VERDICT_ANOMALOUS;
    case GST_PATCH_CORE_POST_MESSAGES_ALL:
      return true;
  }
  return false;
}

}  // namespace

void gst_patch_core_detect_install_signals(GObjectClass* object_class) {
  /**
   * GstPatchCoreDetect::anomaly:
   * @element: the element
   * @sample: the frame, with all that was attached to it and drawn over it, its caps and segment;
   *   its info is the structure of the message `patchcore-result`
   *
   * A frame was scored and is anomalous. In mode `newest` @sample is the first frame that carries
   * that result, which its metadata says of itself; of a result that no frame carries, since a
   * newer one came before the next frame or the stream ended, there is a message alone. Emitted in
   * the streaming thread before the frame goes on: a handler that takes long delays it. Whoever
   * wants the frame afterwards takes a reference to
   * @sample.
   *
   * Since: 0.1
   */
  g_signal_new(signal_name, G_OBJECT_CLASS_TYPE(object_class), G_SIGNAL_RUN_LAST, 0, nullptr,
               nullptr, nullptr, G_TYPE_NONE, 1, GST_TYPE_SAMPLE);
}

void GstPatchCoreDetectReports::start() {
  started_ = gst_util_get_timestamp();
  stats_began_ = started_;
}

void GstPatchCoreDetectReports::emit_anomaly(GstBuffer* buffer, const GstPatchCoreMeta* meta,
                                             const GstSegment* segment) {
  const guint signal = g_signal_lookup(signal_name, G_OBJECT_TYPE(element_));
  if (g_signal_has_handler_pending(element_, signal, 0, FALSE) == FALSE) return;

  GstPad* pad = gst_element_get_static_pad(element_, "src");
  GstCaps* caps = gst_pad_get_current_caps(pad);
  gst_object_unref(pad);
  GstSample* sample =
      gst_sample_new(buffer, caps, segment, gst_patch_core_result_structure(buffer, meta, segment));
  gst_clear_caps(&caps);
  g_signal_emit(element_, signal, 0, sample);
  gst_sample_unref(sample);
}

void GstPatchCoreDetectReports::post(GstBuffer* buffer, const GstPatchCoreMeta* meta, bool is_new,
                                     const GstSegment* segment, GstPatchCorePostMessages mode) {
  if (wants_message(mode, meta, is_new, last_verdict_)) {
    gst_element_post_message(
        element_, gst_message_new_element(GST_OBJECT(element_),
                                          gst_patch_core_result_structure(buffer, meta, segment)));
  }
  last_verdict_ = meta->verdict;
}

void GstPatchCoreDetectReports::report(GstBuffer* buffer, const GstPatchCoreMeta* meta, bool is_new,
                                       const GstSegment* segment, GstPatchCorePostMessages mode) {
  post(buffer, meta, is_new, segment, mode);
  if (is_new && meta->verdict == GST_PATCH_CORE_VERDICT_ANOMALOUS) {
    emit_anomaly(buffer, meta, segment);
  }
}

bool GstPatchCoreDetectReports::is_stats_time(guint interval) {
  if (interval == 0) return false;
  const GstClockTime now = gst_util_get_timestamp();
  if (now - stats_began_ < static_cast<GstClockTime>(interval) * GST_MSECOND) return false;
  stats_began_ = now;
  return true;
}

void GstPatchCoreDetectReports::post_stats(GstStructure* stats) const {
  gst_structure_set(stats, "elapsed", G_TYPE_UINT64, gst_util_get_timestamp() - started_, nullptr);
  gst_element_post_message(element_, gst_message_new_element(GST_OBJECT(element_), stats));
}
