// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Video frames as the engine sees them.
#pragma once

#include <gst/video/video.h>

#include "core/types.h"

/// The raw formats of all elements, for pad templates.
#define GST_PATCH_CORE_VIDEO_FORMATS "{ RGB, BGR, RGBx, BGRx, RGBA, BGRA, GRAY8, I420, NV12, YUY2 }"

/// A buffer mapped as a video frame for as long as this lives.
class GstPatchCoreMappedFrame {
 public:
  GstPatchCoreMappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags)
      : mapped_(gst_video_frame_map(&frame_, &info, buffer, flags) != FALSE) {}
  ~GstPatchCoreMappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
  }
  GstPatchCoreMappedFrame(const GstPatchCoreMappedFrame&) = delete;
  GstPatchCoreMappedFrame& operator=(const GstPatchCoreMappedFrame&) = delete;

  /// False if the buffer does not hold such a frame.
  explicit operator bool() const { return mapped_; }
  GstVideoFrame* get() { return &frame_; }

 private:
  GstVideoFrame frame_{};
  bool mapped_;
};

/// Whether the buffer says that there is nothing to see.
bool gst_patch_core_is_gap(GstBuffer* buffer);

/// Posts the error that @p buffer cannot be mapped as a frame of @p info.
void gst_patch_core_post_map_error(GstElement* element, const GstVideoInfo& info,
                                   GstBuffer* buffer);

/// A view of a mapped frame, valid while it stays mapped.
patchcore::ImageView gst_patch_core_image_view(const GstVideoFrame* frame);

/// The same of a frame that was mapped for writing.
patchcore::WritableImageView gst_patch_core_writable_image_view(const GstVideoFrame* frame);
