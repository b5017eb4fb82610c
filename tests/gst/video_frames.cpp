// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Video frames in every format, made for tests of the elements.
#include "tests/gst/video_frames.h"

#include <algorithm>

#include "gst/gstpatchcoreframe.h"
#include "tests/support/tiny_bank.h"

namespace patchcore::test {

GstVideoInfo make_info(GstVideoFormat format, Size size) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, static_cast<guint>(size.width),
                            static_cast<guint>(size.height));
  GST_VIDEO_INFO_FPS_N(&info) = 25;
  return info;
}

Bytes bytes_of(GstBuffer* buffer) {
  Bytes bytes(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
  return bytes;
}

Buffer make_frame(const GstVideoInfo& info, bool defect, guint frame, bool padded) {
  StripedPicture picture(4, {GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)});
  if (defect) picture.add_defect();
  const GstVideoInfo rgb_info = make_info(GST_VIDEO_FORMAT_RGB, picture.size);
  Buffer rgb(gst_buffer_new_allocate(nullptr, rgb_info.size, nullptr));
  GstVideoFrame from;
  gst_video_frame_map(&from, &rgb_info, rgb.get(), GST_MAP_WRITE);
  for (int row = 0; row < picture.size.height; ++row) {
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(picture.size.width);
    std::copy_n(&picture.rgb[row * row_bytes], row_bytes,
                static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&from, 0)) +
                    row * GST_VIDEO_FRAME_PLANE_STRIDE(&from, 0));
  }
  gst_video_frame_unmap(&from);

  GstVideoInfo layout = info;
  if (padded) {
    GstVideoAlignment alignment;
    gst_video_alignment_reset(&alignment);
    alignment.padding_left = 16;
    alignment.padding_right = 34;
    alignment.padding_top = 2;
    gst_video_info_align(&layout, &alignment);
  }
  Buffer buffer(gst_buffer_new_allocate(nullptr, layout.size, nullptr));
  gst_buffer_memset(buffer.get(), 0, 0, layout.size);
  gst_buffer_add_video_meta_full(buffer.get(), GST_VIDEO_FRAME_FLAG_NONE,
                                 GST_VIDEO_INFO_FORMAT(&info),
                                 static_cast<guint>(GST_VIDEO_INFO_WIDTH(&info)),
                                 static_cast<guint>(GST_VIDEO_INFO_HEIGHT(&info)),
                                 GST_VIDEO_INFO_N_PLANES(&info), layout.offset, layout.stride);
  GstVideoFrame to;
  gst_video_frame_map(&from, &rgb_info, rgb.get(), GST_MAP_READ);
  gst_video_frame_map(&to, &info, buffer.get(), GST_MAP_WRITE);
  GstVideoConverter* converter = gst_video_converter_new(&rgb_info, &info, nullptr);
  gst_video_converter_frame(converter, &from, &to);
  gst_video_converter_free(converter);
  gst_video_frame_unmap(&to);
  gst_video_frame_unmap(&from);
  GST_BUFFER_PTS(buffer.get()) = frame * 40 * GST_MSECOND;
  GST_BUFFER_DURATION(buffer.get()) = 40 * GST_MSECOND;
  return buffer;
}

std::vector<GstVideoFormat> all_formats() {
  std::vector<GstVideoFormat> formats;
  GstCaps* caps = gst_caps_from_string(GST_VIDEO_CAPS_MAKE(GST_PATCH_CORE_VIDEO_FORMATS));
  const GValue* list = gst_structure_get_value(gst_caps_get_structure(caps, 0), "format");
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    formats.push_back(
        gst_video_format_from_string(g_value_get_string(gst_value_list_get_value(list, i))));
  }
  gst_caps_unref(caps);
  return formats;
}

}  // namespace patchcore::test
