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
