// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A heatmap over a whole 1080p frame: our blending against that of GStreamer's composition, in
// turns.
//
// overlay_blending_bench [ROUNDS [THREADS]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/threads.h"
#include "gst/gstpatchcorecomposition.h"

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

patchcore::OverlayPicture make_heatmap() {
  patchcore::OverlayPicture picture;
  picture.size = {352, 192};
  picture.target = {0, 0, 1920, 1080};
  for (int i = 0; i < picture.size.width * picture.size.height; ++i) {
    const auto alpha = static_cast<std::uint8_t>(1 + i % picture.size.width / 2);
    picture.pixels.insert(picture.pixels.end(), {0, 128, 255, alpha});
  }
  return picture;
}

void compare(GstVideoFormat format, int rounds) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, 1920, 1080);
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, info.size, nullptr);
  gst_buffer_memset(buffer, 0, 100, info.size);
  GstVideoFrame frame;
  if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READWRITE)) std::abort();
  const std::vector<patchcore::OverlayPicture> pictures = {make_heatmap()};
  std::vector<double> plain;
  std::vector<double> ours;
  for (int round = 0; round < rounds; ++round) {
    const double begin = now();
    // As for every frame with a result of its own: what it scaled once is not kept.
    GstVideoOverlayComposition* composition = gst_patch_core_composition_new(pictures);
    gst_video_overlay_composition_blend(composition, &frame);
    gst_video_overlay_composition_unref(composition);
    const double middle = now();
    gst_patch_core_composition_blend(pictures, &frame);
    ours.push_back(now() - middle);
    plain.push_back(middle - begin);
  }
  std::printf("%-6s composition %6.2f ms, ours %6.2f ms, %5.1fx\n",
              gst_video_format_to_string(format), 1000 * median(plain), 1000 * median(ours),
              median(plain) / median(ours));
  gst_video_frame_unmap(&frame);
  gst_buffer_unref(buffer);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  patchcore::use_threads(argc > 2 ? std::atoi(argv[2]) : 0);
  for (const GstVideoFormat format :
       {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_YUY2, GST_VIDEO_FORMAT_BGRx,
        GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_GRAY8}) {
    compare(format, argc > 1 ? std::atoi(argv[1]) : 30);
  }
  return EXIT_SUCCESS;
}
