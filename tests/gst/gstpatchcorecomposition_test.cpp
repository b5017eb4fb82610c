// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that overlay pictures reach compositions and pixels of every format at their place.
#include "gst/gstpatchcorecomposition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tests/gst/video_frames.h"

namespace {

using patchcore::OverlayPicture;
using patchcore::Rect;
using patchcore::Size;
using patchcore::test::all_formats;

/// One colour all over.
OverlayPicture make_picture(Size size, Rect target, std::vector<std::uint8_t> bgra) {
  OverlayPicture picture;
  picture.size = size;
  picture.target = target;
  for (int i = 0; i < size.width * size.height; ++i) {
    picture.pixels.insert(picture.pixels.end(), bgra.begin(), bgra.end());
  }
  return picture;
}

OverlayPicture red(Size size, Rect target) {
  return make_picture(size, target, {0, 0, 255, 255});
}

class PatchCoreComposition : public ::testing::Test {
 protected:
  void SetUp() override { gst_init(nullptr, nullptr); }
};

/// The frame of @p bytes as RGB, converted by GStreamer.
std::vector<std::uint8_t> to_rgb(const GstVideoInfo& info, GstBuffer* buffer) {
  GstVideoInfo rgb_info;
  gst_video_info_set_format(&rgb_info, GST_VIDEO_FORMAT_RGBA, GST_VIDEO_INFO_WIDTH(&info),
                            GST_VIDEO_INFO_HEIGHT(&info));
  GstBuffer* rgb = gst_buffer_new_allocate(nullptr, rgb_info.size, nullptr);
  GstVideoConverter* converter = gst_video_converter_new(&info, &rgb_info, nullptr);
  GstVideoFrame from;
  GstVideoFrame to;
  gst_video_frame_map(&from, &info, buffer, GST_MAP_READ);
  gst_video_frame_map(&to, &rgb_info, rgb, GST_MAP_WRITE);
  gst_video_converter_frame(converter, &from, &to);
  gst_video_frame_unmap(&to);
  gst_video_frame_unmap(&from);
  gst_video_converter_free(converter);
  std::vector<std::uint8_t> result(rgb_info.size);
  gst_buffer_extract(rgb, 0, result.data(), result.size());
  gst_buffer_unref(rgb);
  return result;
}

TEST_F(PatchCoreComposition, EmptyPicturesAreLeftOut) {
  EXPECT_EQ(gst_patch_core_composition_new({}), nullptr);
  EXPECT_EQ(gst_patch_core_composition_new({OverlayPicture()}), nullptr);
  OverlayPicture nowhere = red({4, 4}, {3, 3, 0, 4});
  EXPECT_EQ(gst_patch_core_composition_new({nowhere}), nullptr);
}

TEST_F(PatchCoreComposition, RectanglesKeepOrderPlaceAndPixels) {
  GstVideoOverlayComposition* composition =
      gst_patch_core_composition_new({red({2, 3}, {5, 7, 20, 30}), OverlayPicture(),
                                      make_picture({4, 1}, {0, 0, 4, 1}, {10, 20, 30, 40})});
  ASSERT_NE(composition, nullptr);
  ASSERT_EQ(gst_video_overlay_composition_n_rectangles(composition), 2U);

  gint x = 0, y = 0;
  guint width = 0, height = 0;
  gst_video_overlay_rectangle_get_render_rectangle(
      gst_video_overlay_composition_get_rectangle(composition, 0), &x, &y, &width, &height);
  EXPECT_EQ(x, 5);
  EXPECT_EQ(y, 7);
  EXPECT_EQ(width, 20U);
  EXPECT_EQ(height, 30U);

  GstBuffer* pixels = gst_video_overlay_rectangle_get_pixels_unscaled_raw(
      gst_video_overlay_composition_get_rectangle(composition, 1),
      GST_VIDEO_OVERLAY_FORMAT_FLAG_NONE);
  const guint8 expected[] = {10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40};
  EXPECT_EQ(gst_buffer_get_size(pixels), sizeof(expected));
  EXPECT_EQ(gst_buffer_memcmp(pixels, 0, expected, sizeof(expected)), 0);
  gst_video_overlay_composition_unref(composition);
}

TEST_F(PatchCoreComposition, EveryFormatIsBlendedInItsPlaceAndNowhereElse) {
  const Rect square = {8, 10, 21, 17};
  for (const Size size : {Size{64, 48}, Size{65, 49}, Size{33, 35}}) {
    for (const GstVideoFormat format : all_formats()) {
      SCOPED_TRACE(std::string(gst_video_format_to_string(format)) + " " +
                   std::to_string(size.width));
      GstVideoInfo info;
      gst_video_info_set_format(&info, format, size.width, size.height);
      GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
      gst_buffer_memset(buffer, 0, 128, info.size);
      const std::vector<std::uint8_t> before = to_rgb(info, buffer);

      GstVideoFrame frame;
      ASSERT_TRUE(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READWRITE));
      EXPECT_TRUE(
          gst_patch_core_composition_blend({red({square.width, square.height}, square)}, &frame));
      gst_video_frame_unmap(&frame);

      const std::vector<std::uint8_t> after = to_rgb(info, buffer);
      gst_buffer_unref(buffer);
      int wrong_inside = 0;
      int wrong_outside = 0;
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
          const std::uint8_t* now = &after[4 * (static_cast<std::size_t>(y) * size.width + x)];
          const std::uint8_t* then = &before[4 * (static_cast<std::size_t>(y) * size.width + x)];
          // Two pixels along the border share their chroma with the other side.
          const bool inside = x >= square.x + 2 && x < square.x + square.width - 2 &&
                              y >= square.y + 2 && y < square.y + square.height - 2;
          const bool outside = x < square.x - 2 || x >= square.x + square.width + 2 ||
                               y < square.y - 2 || y >= square.y + square.height + 2;
          if (outside && std::memcmp(now, then, 3) != 0) ++wrong_outside;
          if (!inside) continue;
          const bool is_red = format == GST_VIDEO_FORMAT_GRAY8
                                  ? std::abs(now[0] - then[0]) > 20
                                  : now[0] > 250 && now[1] < 5 && now[2] < 5;
          if (!is_red) ++wrong_inside;
        }
      }
      EXPECT_EQ(wrong_inside, 0);
      EXPECT_EQ(wrong_outside, 0);
    }
  }
}

TEST_F(PatchCoreComposition, ScaledAndOverhangingPicturesAreBlended) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 33, 33);
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
  gst_buffer_memset(buffer, 0, 128, info.size);
  GstVideoFrame frame;
  ASSERT_TRUE(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READWRITE));
  EXPECT_TRUE(gst_patch_core_composition_blend(
      {red({4, 4}, {-5, -5, 60, 60}), red({4, 4}, {100, 100, 10, 10})}, &frame));
  const auto* pixels = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0));
  EXPECT_EQ(pixels[0], 255);
  EXPECT_EQ(pixels[1], 0);
  gst_video_frame_unmap(&frame);
  gst_buffer_unref(buffer);
}

// The composition is the plain way, which draws the same in every format.
TEST_F(PatchCoreComposition, BlendsAsTheCompositionDoes) {
  OverlayPicture picture = make_picture({24, 20}, {3, 2, 24, 20}, {0, 200, 255, 0});
  for (std::size_t i = 0; i < picture.pixels.size() / 4; ++i) {
    picture.pixels[4 * i + 3] = static_cast<std::uint8_t>(i % 24 * 10);
  }
  const OverlayPicture label = make_picture({10, 6}, {8, 10, 10, 6}, {20, 60, 20, 220});
  for (const GstVideoFormat format : all_formats()) {
    SCOPED_TRACE(gst_video_format_to_string(format));
    GstVideoInfo info;
    gst_video_info_set_format(&info, format, 48, 36);
    // The one that GStreamer 1.22 blends with, whatever the frame has.
    if (GST_VIDEO_INFO_IS_YUV(&info)) {
      ASSERT_TRUE(gst_video_colorimetry_from_string(&info.colorimetry, "bt709"));
    }
    // The composition takes the byte that means nothing for alpha.
    const bool has_filler = format == GST_VIDEO_FORMAT_RGBx || format == GST_VIDEO_FORMAT_BGRx;
    std::vector<std::uint8_t> results[2];
    for (const bool by_composition : {false, true}) {
      GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
      for (gsize i = 0; i < info.size; ++i) {
        const bool filler = has_filler && i % 4 == 3;
        gst_buffer_memset(buffer, i, static_cast<guint8>(filler ? 255 : 90 + i % 60), 1);
      }
      GstVideoFrame frame;
      ASSERT_TRUE(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READWRITE));
      if (by_composition) {
        GstVideoOverlayComposition* composition = gst_patch_core_composition_new({picture, label});
        EXPECT_TRUE(gst_video_overlay_composition_blend(composition, &frame));
        gst_video_overlay_composition_unref(composition);
      } else {
        EXPECT_TRUE(gst_patch_core_composition_blend({picture, label}, &frame));
      }
      gst_video_frame_unmap(&frame);
      results[by_composition ? 1 : 0].resize(info.size);
      gst_buffer_extract(buffer, 0, results[by_composition ? 1 : 0].data(), info.size);
      gst_buffer_unref(buffer);
    }
    // The composition takes gray for video range.
    const int tolerance = format == GST_VIDEO_FORMAT_GRAY8 ? 16 : 4;
    int largest = 0;
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      largest = std::max(largest, std::abs(int{results[0][i]} - int{results[1][i]}));
    }
    EXPECT_LE(largest, tolerance);
  }
}

TEST_F(PatchCoreComposition, WhatUpstreamAttachedStaysBelow) {
  GstBuffer* buffer = gst_buffer_new();
  GstVideoOverlayComposition* upstream =
      gst_patch_core_composition_new({red({2, 2}, {1, 2, 2, 2})});
  gst_buffer_add_video_overlay_composition_meta(buffer, upstream);
  GstVideoOverlayComposition* own = gst_patch_core_composition_new({red({2, 2}, {3, 4, 2, 2})});
  gst_patch_core_composition_attach(buffer, own);

  EXPECT_EQ(gst_buffer_get_n_meta(buffer, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE), 1U);
  GstVideoOverlayComposition* joined =
      gst_buffer_get_video_overlay_composition_meta(buffer)->overlay;
  ASSERT_EQ(gst_video_overlay_composition_n_rectangles(joined), 2U);
  gint x = 0;
  gst_video_overlay_rectangle_get_render_rectangle(
      gst_video_overlay_composition_get_rectangle(joined, 0), &x, nullptr, nullptr, nullptr);
  EXPECT_EQ(x, 1);
  // The upstream element may go on using its own.
  EXPECT_EQ(gst_video_overlay_composition_n_rectangles(upstream), 1U);
  gst_buffer_unref(buffer);
  gst_video_overlay_composition_unref(upstream);
  gst_video_overlay_composition_unref(own);
}

}  // namespace
