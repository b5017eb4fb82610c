// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether downstream draws overlay compositions itself, negotiated in caps and asked for in
// allocation queries.
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>

/// Raw video of the formats, with the caps feature of overlay compositions or without, for pad
/// templates.
#define GST_PATCH_CORE_OVERLAY_CAPS(formats)                                                      \
  GST_VIDEO_CAPS_MAKE(formats)                                                                    \
  ";" GST_VIDEO_CAPS_MAKE_WITH_FEATURES(GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY                     \
                                        ", " GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION, \
                                        formats)

/// What caps the other pad can have if one has @p caps: the sink pad's caps, with overlay
/// compositions or without; the compositions of upstream are never taken away.
/// @param filter  may be null
/// @return (transfer full)
GstCaps* gst_patch_core_composition_transform_caps(GstPadDirection direction, const GstCaps* caps,
                                                   GstCaps* filter);

/// Chooses from @p caps and fixates.
/// @param caps    (transfer full)
/// @param prefer  whether caps with overlay compositions are better than those without
/// @return (transfer full)
GstCaps* gst_patch_core_composition_fixate_caps(GstCaps* caps, bool prefer);

/// Whether buffers of these caps may carry overlay compositions instead of changed pixels.
bool gst_patch_core_composition_in_caps(const GstCaps* caps);

/// The negotiation of one element, a filter in place whose virtual functions call those of their
/// names here. Takes the element's object lock: never call with it held.
class GstPatchCoreOverlayNegotiation {
 public:
  /// @param element  owns this
  explicit GstPatchCoreOverlayNegotiation(GstBaseTransform* element) : element_(element) {}
  GstPatchCoreOverlayNegotiation(const GstPatchCoreOverlayNegotiation&) = delete;
  GstPatchCoreOverlayNegotiation& operator=(const GstPatchCoreOverlayNegotiation&) = delete;

  void start();

  /// New caps: downstream is asked anew, before the next buffer.
  void set_caps();

  /// @param other_caps  (transfer full)
  /// @return (transfer full)
  GstCaps* fixate_caps(GstPadDirection direction, const GstCaps* caps, GstCaps* other_caps) const;

  /// Before the parent's function: asks downstream if that is due.
  void submit_input_buffer();

  /// Before the parent's function.
  void src_event(GstEvent* event);

  /// Whether overlays are handed over, and pixels stay as they are. Of the streaming thread.
  bool attaches() const { return attaches_; }

 private:
  void decide();

  GstBaseTransform* element_;
  bool attaches_ = false;  ///< of the streaming thread

  // Guarded by the element's object lock.
  bool plain_caps_ = false;  ///< downstream takes overlay compositions in caps, not in buffers
  bool undecided_ = true;    ///< whether to attach overlays
};
