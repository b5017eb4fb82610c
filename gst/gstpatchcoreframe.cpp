// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Video frames as the engine sees them.
#include "gst/gstpatchcoreframe.h"

#include <string>

#include "core/error.h"

namespace {

patchcore::PixelFormat pixel_format(GstVideoFormat format) {
  using patchcore::PixelFormat;
  switch (format) {
    case GST_VIDEO_FORMAT_RGB:
      return PixelFormat::rgb;
    case GST_VIDEO_FORMAT_BGR:
      return PixelFormat::bgr;
    case GST_VIDEO_FORMAT_RGBx:
      return PixelFormat::rgbx;
    case GST_VIDEO_FORMAT_BGRx:
      return PixelFormat::bgrx;
    case GST_VIDEO_FORMAT_RGBA:
      return PixelFormat::rgba;
    case GST_VIDEO_FORMAT_BGRA:
      return PixelFormat::bgra;
    case GST_VIDEO_FORMAT_GRAY8:
      return PixelFormat::gray8;
    case GST_VIDEO_FORMAT_I420:
      return PixelFormat::i420;
    case GST_VIDEO_FORMAT_NV12:
      return PixelFormat::nv12;
    case GST_VIDEO_FORMAT_YUY2:
      return PixelFormat::yuy2;
    default:
      throw patchcore::Error(patchcore::ErrorCode::unsupported_frame,
                             std::string("Video format ") + gst_video_format_to_string(format) +
                                 " cannot be inspected; put videoconvert before this element");
  }
}

patchcore::YuvMatrix yuv_matrix(GstVideoColorMatrix matrix) {
  switch (matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:  // its luma weights differ from BT.709's by 0.014 at
                                            // most
      return patchcore::YuvMatrix::bt709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
      return patchcore::YuvMatrix::bt2020;
    default:
      return patchcore::YuvMatrix::bt601;
  }
}

}  // namespace

bool gst_patch_core_is_gap(GstBuffer* buffer) {
  return GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP) || gst_buffer_get_size(buffer) == 0;
}

void gst_patch_core_post_map_error(GstElement* element, const GstVideoInfo& info,
                                   GstBuffer* buffer) {
  GST_ELEMENT_ERROR(
      element, STREAM, FORMAT,
      ("A buffer of %" G_GSIZE_FORMAT " bytes is no %s frame of %dx%d: upstream's caps are wrong",
       gst_buffer_get_size(buffer), gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)),
       GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)),
      (nullptr));
}

patchcore::ImageView gst_patch_core_image_view(const GstVideoFrame* frame) {
  return gst_patch_core_writable_image_view(frame);
}

patchcore::WritableImageView gst_patch_core_writable_image_view(const GstVideoFrame* frame) {
  patchcore::WritableImageView view;
  view.format = pixel_format(GST_VIDEO_FRAME_FORMAT(frame));
  view.size = {GST_VIDEO_FRAME_WIDTH(frame), GST_VIDEO_FRAME_HEIGHT(frame)};
  for (guint plane = 0; plane < GST_VIDEO_FRAME_N_PLANES(frame); ++plane) {
    view.planes[plane] = static_cast<std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(frame, plane));
    view.strides[plane] = GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane);
  }
  const GstVideoColorimetry& colorimetry = frame->info.colorimetry;
  view.yuv_matrix = yuv_matrix(colorimetry.matrix);
  view.full_range = colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  return view;
}
