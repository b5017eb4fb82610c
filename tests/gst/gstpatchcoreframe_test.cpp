// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that the engine sees the very bytes, strides and colour matrix of a mapped frame.
#include "gst/gstpatchcoreframe.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace {

using patchcore::ImageView;
using patchcore::PixelFormat;
using patchcore::YuvMatrix;

/// A mapped frame that lives as long as this.
class MappedFrame {
 public:
  explicit MappedFrame(const GstVideoInfo& info)
      : buffer_(gst_buffer_new_allocate(nullptr, info.size, nullptr)) {
    mapped_ = gst_video_frame_map(&frame_, &info, buffer_, GST_MAP_READ) != FALSE;
  }
  ~MappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
    gst_buffer_unref(buffer_);
  }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  const GstVideoFrame* get() const { return &frame_; }

 private:
  GstBuffer* buffer_;
  GstVideoFrame frame_{};
  bool mapped_ = false;
};

GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_init(&info);
  gst_video_info_set_format(&info, format, width, height);
  return info;
}

class PatchCoreFrame : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }
};

TEST_F(PatchCoreFrame, EveryAdvertisedFormatIsKnown) {
  const std::vector<std::pair<GstVideoFormat, PixelFormat>> known = {
      {GST_VIDEO_FORMAT_RGB, PixelFormat::rgb},     {GST_VIDEO_FORMAT_BGR, PixelFormat::bgr},
      {GST_VIDEO_FORMAT_RGBx, PixelFormat::rgbx},   {GST_VIDEO_FORMAT_BGRx, PixelFormat::bgrx},
      {GST_VIDEO_FORMAT_RGBA, PixelFormat::rgba},   {GST_VIDEO_FORMAT_BGRA, PixelFormat::bgra},
      {GST_VIDEO_FORMAT_GRAY8, PixelFormat::gray8}, {GST_VIDEO_FORMAT_I420, PixelFormat::i420},
      {GST_VIDEO_FORMAT_NV12, PixelFormat::nv12},   {GST_VIDEO_FORMAT_YUY2, PixelFormat::yuy2},
  };
  GstCaps* caps = gst_caps_from_string(GST_VIDEO_CAPS_MAKE(GST_PATCH_CORE_VIDEO_FORMATS));
  const GValue* formats = gst_structure_get_value(gst_caps_get_structure(caps, 0), "format");
  ASSERT_EQ(gst_value_list_get_size(formats), known.size());
  for (guint i = 0; i < known.size(); ++i) {
    const char* name = g_value_get_string(gst_value_list_get_value(formats, i));
    EXPECT_EQ(gst_video_format_from_string(name), known[i].first) << name;
    const MappedFrame frame(info_of(known[i].first, 64, 48));
    EXPECT_EQ(gst_patch_core_image_view(frame.get()).format, known[i].second) << name;
  }
  gst_caps_unref(caps);
}

TEST_F(PatchCoreFrame, PlanesAndStridesAreTheFramesOwn) {
  for (GstVideoFormat format :
       {GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12}) {
    GstVideoInfo info = info_of(format, 37, 35);
    GstVideoAlignment padding;
    gst_video_alignment_reset(&padding);
    padding.padding_left = 6;
    padding.padding_top = 4;
    padding.padding_right = 11;
    gst_video_info_align(&info, &padding);
    const MappedFrame frame(info);
    const ImageView view = gst_patch_core_image_view(frame.get());
    EXPECT_EQ(view.size, (patchcore::Size{37, 35}));
    for (guint plane = 0; plane < 3; ++plane) {
      if (plane < GST_VIDEO_FRAME_N_PLANES(frame.get())) {
        EXPECT_EQ(view.planes[plane], GST_VIDEO_FRAME_PLANE_DATA(frame.get(), plane));
        EXPECT_EQ(view.strides[plane], GST_VIDEO_FRAME_PLANE_STRIDE(frame.get(), plane));
      } else {
        EXPECT_EQ(view.planes[plane], nullptr);
      }
    }
  }
}

TEST_F(PatchCoreFrame, ColourMatrixAndRangeFollowTheCaps) {
  struct Case {
    const char* colorimetry;
    YuvMatrix matrix;
    bool full_range;
  };
  for (const Case& one :
       {Case{"bt601", YuvMatrix::bt601, false}, Case{"bt709", YuvMatrix::bt709, false},
        Case{"bt2020", YuvMatrix::bt2020, false}, Case{"smpte240m", YuvMatrix::bt709, false},
        Case{"1:4:0:0", YuvMatrix::bt601, true}, Case{"1:3:0:0", YuvMatrix::bt709, true}}) {
    GstVideoInfo info = info_of(GST_VIDEO_FORMAT_I420, 64, 64);
    ASSERT_TRUE(gst_video_colorimetry_from_string(&info.colorimetry, one.colorimetry));
    const MappedFrame frame(info);
    const ImageView view = gst_patch_core_image_view(frame.get());
    EXPECT_EQ(view.yuv_matrix, one.matrix) << one.colorimetry;
    EXPECT_EQ(view.full_range, one.full_range) << one.colorimetry;
  }
}

TEST_F(PatchCoreFrame, WithoutColorimetryTheSizeDecides) {
  const MappedFrame small(info_of(GST_VIDEO_FORMAT_I420, 640, 480));
  EXPECT_EQ(gst_patch_core_image_view(small.get()).yuv_matrix, YuvMatrix::bt601);
  const MappedFrame large(info_of(GST_VIDEO_FORMAT_I420, 1920, 1080));
  EXPECT_EQ(gst_patch_core_image_view(large.get()).yuv_matrix, YuvMatrix::bt709);
}

TEST_F(PatchCoreFrame, OtherFormatsAreRefusedByName) {
  const MappedFrame frame(info_of(GST_VIDEO_FORMAT_UYVY, 64, 48));
  try {
    gst_patch_core_image_view(frame.get());
    FAIL() << "not refused";
  } catch (const patchcore::Error& error) {
    EXPECT_EQ(error.code(), patchcore::ErrorCode::unsupported_frame);
    EXPECT_NE(std::string(error.what()).find("UYVY"), std::string::npos);
  }
}

TEST_F(PatchCoreFrame, GapsAndEmptyBuffersShowNothing) {
  GstBuffer* buffer = gst_buffer_new();
  EXPECT_TRUE(gst_patch_core_is_gap(buffer));
  gst_buffer_append_memory(buffer, gst_allocator_alloc(nullptr, 16, nullptr));
  EXPECT_FALSE(gst_patch_core_is_gap(buffer));
  GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_GAP);
  EXPECT_TRUE(gst_patch_core_is_gap(buffer));
  gst_buffer_unref(buffer);
}

}  // namespace
