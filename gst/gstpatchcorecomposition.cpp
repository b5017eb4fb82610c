// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Pictures over frames: handed downstream as an overlay composition, or blended into the pixels.
#include "gst/gstpatchcorecomposition.h"

#include <cstdint>
#include <memory>

#include "core/overlay_blending.h"
#include "gst/gstpatchcoreframe.h"

static_assert(G_BYTE_ORDER == G_LITTLE_ENDIAN,
              "overlay pictures are BGRA; compositions want ARGB on big-endian machines");

namespace {

using Pixels = std::vector<std::uint8_t>;

constexpr const char* composition_feature = GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION;

void delete_pixels(gpointer pixels) {
  delete static_cast<Pixels*>(pixels);
}

GstVideoOverlayRectangle* make_rectangle(const patchcore::OverlayPicture& picture) {
  auto pixels = std::make_unique<Pixels>(picture.pixels);
  const gsize bytes = pixels->size();
  guint8* data = pixels->data();
  GstBuffer* buffer = gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, data, bytes, 0, bytes,
                                                  pixels.release(), delete_pixels);
  gst_buffer_add_video_meta(
      buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB,
      static_cast<guint>(picture.size.width), static_cast<guint>(picture.size.height));
  GstVideoOverlayRectangle* rectangle = gst_video_overlay_rectangle_new_raw(
      buffer, picture.target.x, picture.target.y, static_cast<guint>(picture.target.width),
      static_cast<guint>(picture.target.height), GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
  gst_buffer_unref(buffer);
  return rectangle;
}

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

GstVideoOverlayComposition* gst_patch_core_composition_new(
    const std::vector<patchcore::OverlayPicture>& pictures) {
  GstVideoOverlayComposition* composition = nullptr;
  for (const patchcore::OverlayPicture& picture : pictures) {
    if (picture.pixels.empty() || picture.target.width <= 0 || picture.target.height <= 0) continue;
    GstVideoOverlayRectangle* rectangle = make_rectangle(picture);
    if (composition == nullptr) {
      composition = gst_video_overlay_composition_new(rectangle);
    } else {
      gst_video_overlay_composition_add_rectangle(composition, rectangle);
    }
    gst_video_overlay_rectangle_unref(rectangle);
  }
  return composition;
}

bool gst_patch_core_composition_blend(const std::vector<patchcore::OverlayPicture>& pictures,
                                      GstVideoFrame* frame) {
  const patchcore::WritableImageView view = gst_patch_core_writable_image_view(frame);
  if (patchcore::can_blend_overlay(view.format)) {
    for (const patchcore::OverlayPicture& picture : pictures) blend_overlay(picture, view);
    return true;
  }
  GstVideoOverlayComposition* composition = gst_patch_core_composition_new(pictures);
  if (composition == nullptr) return true;
  const bool blended = gst_video_overlay_composition_blend(composition, frame) != FALSE;
  gst_video_overlay_composition_unref(composition);
  return blended;
}

void gst_patch_core_composition_attach(GstBuffer* buffer, GstVideoOverlayComposition* composition) {
  GstVideoOverlayCompositionMeta* upstream = gst_buffer_get_video_overlay_composition_meta(buffer);
  if (upstream == nullptr) {
    gst_buffer_add_video_overlay_composition_meta(buffer, composition);
    return;
  }
  GstVideoOverlayComposition* joined = gst_video_overlay_composition_copy(upstream->overlay);
  for (guint i = 0; i < gst_video_overlay_composition_n_rectangles(composition); ++i) {
    gst_video_overlay_composition_add_rectangle(
        joined, gst_video_overlay_composition_get_rectangle(composition, i));
  }
  gst_buffer_remove_video_overlay_composition_meta(buffer, upstream);
  gst_buffer_add_video_overlay_composition_meta(buffer, joined);
  gst_video_overlay_composition_unref(joined);
}

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
