// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether downstream draws overlay compositions itself, negotiated in caps and asked for in
// allocation queries.
#include "gst/gstpatchcoreoverlaynegotiation.h"

#include <gst/video/video.h>

namespace {

constexpr const char* composition_feature = GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION;

bool has_feature(const GstCaps* caps, guint index) {
  return gst_caps_features_contains(gst_caps_get_features(caps, index), composition_feature) !=
         FALSE;
}

/// Appends structure @p index of @p caps to @p result, with the feature or without.
void append(GstCaps* result, const GstCaps* caps, guint index, bool with_feature) {
  GstCapsFeatures* features = gst_caps_features_copy(gst_caps_get_features(caps, index));
  if (!with_feature) {
    gst_caps_features_remove(features, composition_feature);
  } else if (!gst_caps_features_contains(features, composition_feature)) {
    gst_caps_features_add(features, composition_feature);
  }
  gst_caps_append_structure_full(result, gst_structure_copy(gst_caps_get_structure(caps, index)),
                                 features);
}

}  // namespace

GstCaps* gst_patch_core_composition_transform_caps(GstPadDirection direction, const GstCaps* caps,
                                                   GstCaps* filter) {
  if (gst_caps_is_any(caps)) return filter != nullptr ? gst_caps_ref(filter) : gst_caps_new_any();

  GstCaps* result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    const bool there = has_feature(caps, i);
    // Downstream of a pad without compositions there may be some, upstream of one with some none.
    if (there || direction == GST_PAD_SINK) append(result, caps, i, true);
    if (!there || direction == GST_PAD_SRC) append(result, caps, i, false);
  }
  if (filter != nullptr) {
    GstCaps* filtered = gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(result);
    result = filtered;
  }
  return result;
}

GstCaps* gst_patch_core_composition_fixate_caps(GstCaps* caps, bool prefer) {
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    if (has_feature(caps, i) != prefer) continue;
    GstCaps* chosen = gst_caps_copy_nth(caps, i);
    gst_caps_unref(caps);
    return gst_caps_fixate(chosen);
  }
  return gst_caps_fixate(caps);
}

bool gst_patch_core_composition_in_caps(const GstCaps* caps) {
  return !gst_caps_is_any(caps) && gst_caps_get_size(caps) > 0 && has_feature(caps, 0);
}

void GstPatchCoreOverlayNegotiation::start() {
  GST_OBJECT_LOCK(element_);
  plain_caps_ = false;
  undecided_ = true;
  GST_OBJECT_UNLOCK(element_);
  attaches_ = false;
}

void GstPatchCoreOverlayNegotiation::set_caps() {
  attaches_ = false;
  GST_OBJECT_LOCK(element_);
  undecided_ = true;
  GST_OBJECT_UNLOCK(element_);
}

GstCaps* GstPatchCoreOverlayNegotiation::fixate_caps(GstPadDirection direction, const GstCaps* caps,
                                                     GstCaps* other_caps) const {
  GST_OBJECT_LOCK(element_);
  const bool plain_caps = plain_caps_;
  GST_OBJECT_UNLOCK(element_);
  const bool prefer =
      direction == GST_PAD_SINK ? !plain_caps : gst_patch_core_composition_in_caps(caps);
  return gst_patch_core_composition_fixate_caps(other_caps, prefer);
}

void GstPatchCoreOverlayNegotiation::submit_input_buffer() {
  // Transforms in place are not asked to decide an allocation. What fails here fails again, and is
  // returned, in the parent's function.
  gst_base_transform_reconfigure(element_);
  GST_OBJECT_LOCK(element_);
  const bool undecided = undecided_;
  GST_OBJECT_UNLOCK(element_);
  if (undecided) decide();
}

/// Asks downstream whether overlays are handed over or blended; the caps must have been sent.
void GstPatchCoreOverlayNegotiation::decide() {
  GST_OBJECT_LOCK(element_);
  undecided_ = false;
  GST_OBJECT_UNLOCK(element_);

  GstPad* pad = GST_BASE_TRANSFORM_SRC_PAD(element_);
  GstCaps* caps = gst_pad_get_current_caps(pad);
  const bool in_caps = caps != nullptr && gst_patch_core_composition_in_caps(caps);
  bool taken = false;
  if (in_caps) {
    GstQuery* query = gst_query_new_allocation(caps, FALSE);
    taken =
        gst_pad_peer_query(pad, query) &&
        gst_query_find_allocation_meta(query, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
    gst_query_unref(query);
  }
  gst_clear_caps(&caps);
  attaches_ = taken;
  GST_DEBUG_OBJECT(element_, "overlays are %s", taken ? "attached" : "blended");

  if (in_caps && !taken) {
    // Elements such as fakesink take any caps, but nobody there draws compositions.
    GST_OBJECT_LOCK(element_);
    // A reconfiguration that came meanwhile asks for an answer of its own, with the next buffer.
    const bool first_time = !plain_caps_ && !undecided_;
    if (first_time) plain_caps_ = true;
    GST_OBJECT_UNLOCK(element_);
    // Once: upstream may leave no choice.
    if (first_time) {
      gst_base_transform_reconfigure_src(element_);
      gst_base_transform_reconfigure(element_);
    }
  }
}

void GstPatchCoreOverlayNegotiation::src_event(GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_RECONFIGURE) return;
  // There may be another sink now.
  GST_OBJECT_LOCK(element_);
  plain_caps_ = false;
  undecided_ = true;
  GST_OBJECT_UNLOCK(element_);
}
