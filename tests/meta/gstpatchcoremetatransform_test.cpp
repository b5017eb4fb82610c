// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a result travels with its frame, whole, and that its positions fit the frame that
// carries it: elements that move the picture have it converted, or lose it.
#include "gst/patchcore/gstpatchcoremetatransform.h"

#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/meta/example_result.h"

namespace {

using namespace patchcore::test;

/// What becomes of the metadata when a frame of one size becomes one of another.
Buffer scaled(GstBuffer* from, int in_width, int in_height, int out_width, int out_height) {
  GstVideoInfo in;
  GstVideoInfo out;
  gst_video_info_set_format(&in, GST_VIDEO_FORMAT_GRAY8, in_width, in_height);
  gst_video_info_set_format(&out, GST_VIDEO_FORMAT_GRAY8, out_width, out_height);
  // The picture fills the new frame: its pixels are as much wider or higher.
  GST_VIDEO_INFO_PAR_N(&out) = in_width * out_height;
  GST_VIDEO_INFO_PAR_D(&out) = in_height * out_width;
  GstVideoMetaTransform transform = {&in, &out};
  Buffer to = make_buffer();
  GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(from);
  EXPECT_TRUE(GST_PATCH_CORE_META_INFO->transform_func(
      to.get(), &meta->meta, from, gst_video_meta_transform_scale_get_quark(), &transform));
  return to;
}

class PatchCoreMetaTransform : public ::testing::Test {
 protected:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    buffer_ = make_buffer();
    meta_ = gst_buffer_add_patch_core_meta(buffer_.get());
    ASSERT_NE(meta_, nullptr);
  }

  Buffer buffer_;
  GstPatchCoreMeta* meta_ = nullptr;
};

// The copy lives on when the original, with its map and regions, is gone.
TEST_F(PatchCoreMetaTransform, CopiesHaveMemoryOfTheirOwn) {
  fill(meta_);
  const Buffer copy(gst_buffer_copy(buffer_.get()));
  const gfloat* map = meta_->map;
  buffer_.reset();
  const GstPatchCoreMeta* copied = gst_buffer_get_patch_core_meta(copy.get());
  expect_example_values(copied);
  EXPECT_NE(copied->map, map);
  expect_region(gst_patch_core_meta_get_region(copied, 0), example_regions[0]);
  EXPECT_NE(copied->parts, meta_->parts);
  expect_part(gst_patch_core_meta_get_part(copied, 0), 16, 24, 160, 96);
  EXPECT_EQ(copied->inspected_width, 320);
}

TEST_F(PatchCoreMetaTransform, CopyingOneThatIsEmptyWorks) {
  const Buffer copy(gst_buffer_copy(buffer_.get()));
  const GstPatchCoreMeta* copied = gst_buffer_get_patch_core_meta(copy.get());
  ASSERT_NE(copied, nullptr);
  EXPECT_EQ(copied->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(copied->map, nullptr);
}

TEST_F(PatchCoreMetaTransform, CopiesOfAPartOfTheBytesKeepIt) {
  fill(meta_);
  const Buffer part(gst_buffer_copy_region(buffer_.get(), GST_BUFFER_COPY_ALL, 16, 8));
  expect_example_values(gst_buffer_get_patch_core_meta(part.get()));
}

TEST_F(PatchCoreMetaTransform, ScalingConvertsPositionsAndNotScores) {
  fill(meta_);
  const Buffer half = scaled(buffer_.get(), 320, 240, 160, 480);
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(half.get());
  expect_example_values(meta);
  EXPECT_EQ(meta->inspected_x, 0);
  EXPECT_EQ(meta->inspected_y, 0);
  EXPECT_EQ(meta->inspected_width, 160);
  EXPECT_EQ(meta->inspected_height, 480);
  expect_region(gst_patch_core_meta_get_region(meta, 0), {5, 40, 15, 80, 600.5, 3.5, 7, 101});
  expect_region(gst_patch_core_meta_get_region(meta, 1), {50, 160, 2, 16, 16, 2.5, 51, 175});
  expect_part(gst_patch_core_meta_get_part(meta, 0), 8, 48, 80, 192);
  expect_part(gst_patch_core_meta_get_part(meta, 1), 152, 0, 8, 32);
  // The original is another frame's.
  expect_region(gst_patch_core_meta_get_region(meta_, 0), example_regions[0]);
}

// Rounding must neither move the border of a whole frame nor part a peak from its box.
TEST_F(PatchCoreMetaTransform, ScalingKeepsWholeFramesWholeAndPeaksInTheirBoxes) {
  fill(meta_);
  for (int width = 1; width <= 1920; width += 7) {
    const int height = 1081 - width / 2;
    const Buffer to = scaled(buffer_.get(), 320, 240, width, height);
    const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(to.get());
    EXPECT_EQ(meta->inspected_width, width);
    EXPECT_EQ(meta->inspected_height, height);
    for (guint i = 0; i < meta->n_regions; ++i) {
      const GstPatchCoreRegion* region = gst_patch_core_meta_get_region(meta, i);
      EXPECT_GE(region->peak_x, region->x) << width;
      EXPECT_LT(region->peak_x, region->x + region->width) << width;
      EXPECT_GE(region->peak_y, region->y) << height;
      EXPECT_LT(region->peak_y, region->y + region->height) << height;
      EXPECT_LE(region->x + region->width, width);
      EXPECT_LE(region->y + region->height, height);
    }
  }
}

TEST_F(PatchCoreMetaTransform, ScalingSurvivesPositionsThatNoFrameHas) {
  const GstPatchCoreRegion absurd = {G_MININT, G_MAXINT, G_MAXINT, G_MAXINT,
                                     1,        1,        G_MAXINT, G_MININT};
  gst_patch_core_meta_set_regions(meta_, &absurd, 1);
  const Buffer to = scaled(buffer_.get(), 1, 1, 32767, 32767);
  const GstPatchCoreRegion* region =
      gst_patch_core_meta_get_region(gst_buffer_get_patch_core_meta(to.get()), 0);
  EXPECT_EQ(region->x, G_MININT);
  EXPECT_EQ(region->y, G_MAXINT);
}

TEST_F(PatchCoreMetaTransform, ScalingAFrameWithoutSizeIsRefused) {
  fill(meta_);
  GstVideoInfo none;
  GstVideoInfo out;
  gst_video_info_init(&none);
  gst_video_info_set_format(&out, GST_VIDEO_FORMAT_GRAY8, 32, 32);
  GstVideoMetaTransform transform = {&none, &out};
  const Buffer to = make_buffer();
  EXPECT_FALSE(GST_PATCH_CORE_META_INFO->transform_func(to.get(), &meta_->meta, buffer_.get(),
                                                        gst_video_meta_transform_scale_get_quark(),
                                                        &transform));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(to.get()), nullptr);
}

TEST_F(PatchCoreMetaTransform, TransformsThatNobodyKnowsDropIt) {
  fill(meta_);
  const Buffer to = make_buffer();
  EXPECT_FALSE(GST_PATCH_CORE_META_INFO->transform_func(
      to.get(), &meta_->meta, buffer_.get(), g_quark_from_static_string("another-transform"),
      nullptr));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(to.get()), nullptr);
}

/// A frame that came out of a pipeline, and what it is.
struct Arrived {
  Buffer buffer;
  GstVideoInfo info;  ///< without a format where it is no raw video
};

/// Makes the first region the only bright part, and its peak the brightest, of a black picture of
/// 320 x 240, I420.
void draw_example_region(GstBuffer* buffer) {
  GstMapInfo map;
  ASSERT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
  const GstPatchCoreRegion& region = example_regions[0];
  for (int row = region.y; row < region.y + region.height; ++row) {
    std::fill_n(map.data + row * 320 + region.x, region.width, guint8{235});
  }
  map.data[region.peak_y * 320 + region.peak_x] = 255;
  gst_buffer_unmap(buffer, &map);
}

/// Where the luma of a planar picture is bright, @p least or more.
GstVideoRectangle bright_part(const Arrived& arrived, int least) {
  GstVideoFrame frame;
  EXPECT_TRUE(gst_video_frame_map(&frame, &arrived.info, arrived.buffer.get(), GST_MAP_READ));
  int left = G_MAXINT, top = G_MAXINT, right = 0, bottom = 0;
  for (int y = 0; y < GST_VIDEO_FRAME_HEIGHT(&frame); ++y) {
    const auto* row = static_cast<const guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0)) +
                      y * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
    for (int x = 0; x < GST_VIDEO_FRAME_WIDTH(&frame); ++x) {
      if (row[x] < least) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = std::max(bottom, y + 1);
    }
  }
  gst_video_frame_unmap(&frame);
  return {left, top, right - left, bottom - top};
}

/// Runs frames of 320 x 240 with the example result through a piece of pipeline.
class PatchCoreMetaPipeline : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  static GstPadProbeReturn attach(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    fill(gst_buffer_add_patch_core_meta(buffer));
    draw_example_region(buffer);
    return GST_PAD_PROBE_OK;
  }

  static GstPadProbeReturn collect(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
    Arrived one;
    one.buffer.reset(gst_buffer_ref(GST_PAD_PROBE_INFO_BUFFER(info)));
    GstCaps* caps = gst_pad_get_current_caps(pad);
    if (!gst_video_info_from_caps(&one.info, caps)) gst_video_info_init(&one.info);
    gst_caps_unref(caps);
    static_cast<std::vector<Arrived>*>(data)->push_back(std::move(one));
    return GST_PAD_PROBE_OK;
  }

  static void probe(GstElement* pipeline, const char* name, const char* pad_name,
                    GstPadProbeCallback callback, gpointer data) {
    GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstPad* pad = gst_element_get_static_pad(element, pad_name);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, nullptr);
    gst_object_unref(pad);
    gst_object_unref(element);
  }

  /// What arrives behind @p piece; nothing, with a failure, if the pipeline does.
  std::vector<Arrived> run(const std::string& piece) {
    const std::string text =
        "videotestsrc pattern=black num-buffers=3 ! video/x-raw,format=I420,width=320,height=240,"
        "pixel-aspect-ratio=1/1 ! identity name=detector ! " +
        piece + " ! fakesink name=sink";
    std::vector<Arrived> arrived;
    GError* error = nullptr;
    GstElement* pipeline = gst_parse_launch(text.c_str(), &error);
    if (error != nullptr) {
      ADD_FAILURE() << text << ": " << error->message;
      g_error_free(error);
      if (pipeline != nullptr) gst_object_unref(pipeline);
      return arrived;
    }
    probe(pipeline, "detector", "src", attach, nullptr);
    probe(pipeline, "sink", "sink", collect, &arrived);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstBus* bus = gst_element_get_bus(pipeline);
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    EXPECT_NE(message, nullptr);
    if (message != nullptr) {
      EXPECT_EQ(GST_MESSAGE_TYPE(message), GST_MESSAGE_EOS) << text;
      gst_message_unref(message);
    }
    gst_object_unref(bus);
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
    EXPECT_EQ(arrived.size(), 3U);
    return arrived;
  }
};

TEST_F(PatchCoreMetaPipeline, ElementsThatKeepThePictureKeepIt) {
  for (const char* piece :
       {"queue", "jpegenc", "vp8enc deadline=1",
        "tee name=t t. ! queue ! fakesink async=false  t. ! queue",
        "videoconvert ! video/x-raw,format=RGB", "videoconvertscale ! video/x-raw,format=GRAY8",
        "identity", "videorate drop-only=true", "capsfilter caps=video/x-raw"}) {
    for (const Arrived& arrived : run(piece)) {
      SCOPED_TRACE(piece);
      const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(arrived.buffer.get());
      ASSERT_NO_FATAL_FAILURE(expect_example_values(meta));
      EXPECT_EQ(meta->inspected_width, 320);
      expect_region(gst_patch_core_meta_get_region(meta, 0), example_regions[0]);
    }
  }
}

TEST_F(PatchCoreMetaPipeline, ScalersConvertIt) {
  for (const char* piece :
       {"videoscale ! video/x-raw,width=640,height=480",
        "videoconvertscale ! video/x-raw,format=RGB,width=640,height=480",
        "videoscale ! video/x-raw,width=640,height=480 ! queue ! videoconvert ! "
        "video/x-raw,format=BGRx"}) {
    for (const Arrived& arrived : run(piece)) {
      SCOPED_TRACE(piece);
      const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(arrived.buffer.get());
      ASSERT_NO_FATAL_FAILURE(expect_example_values(meta));
      EXPECT_EQ(meta->inspected_width, 640);
      EXPECT_EQ(meta->inspected_height, 480);
      expect_region(gst_patch_core_meta_get_region(meta, 0), {20, 40, 60, 80, 2402, 3.5, 31, 101});
    }
  }
}

/// Whether the metadata came through; if so, it must say where the picture shows the region.
/// @param tolerance  pixels; whatever interpolates has soft edges
bool kept_and_right(const Arrived& arrived, const std::string& piece, int tolerance) {
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(arrived.buffer.get());
  if (meta == nullptr) return false;
  const GstPatchCoreRegion* region = gst_patch_core_meta_get_region(meta, 0);
  EXPECT_NE(region, nullptr) << piece;
  if (region == nullptr) return true;
  const GstVideoRectangle seen = bright_part(arrived, 128);
  EXPECT_NEAR(region->x, seen.x, tolerance) << piece;
  EXPECT_NEAR(region->y, seen.y, tolerance) << piece;
  EXPECT_NEAR(region->x + region->width, seen.x + seen.w, tolerance) << piece;
  EXPECT_NEAR(region->y + region->height, seen.y + seen.h, tolerance) << piece;
  if (tolerance == 0) {
    const GstVideoRectangle peak = bright_part(arrived, 250);
    EXPECT_EQ(region->peak_x, peak.x) << piece;
    EXPECT_EQ(region->peak_y, peak.y) << piece;
  }
  return true;
}

TEST_F(PatchCoreMetaPipeline, ScaledPositionsFitThePicture) {
  for (const char* size : {"160,height=120", "641,height=479", "100,height=300", "320,height=60"}) {
    const std::string piece = std::string("videoscale ! video/x-raw,width=") + size;
    for (const Arrived& arrived : run(piece)) EXPECT_TRUE(kept_and_right(arrived, piece, 1));
  }
}

TEST_F(PatchCoreMetaPipeline, ScalersThatMayAddBordersDropItUntilTheySayWhere) {
  guint major = 0, minor = 0, micro = 0, nano = 0;
  gst_version(&major, &minor, &micro, &nano);
  for (const char* scaler : {"videoscale", "videoscale add-borders=false"}) {
    for (const char* size : {"200,height=200", "320,height=180", "100,height=240"}) {
      const std::string piece =
          std::string(scaler) + " ! video/x-raw,pixel-aspect-ratio=1/1,width=" + size;
      for (const Arrived& arrived : run(piece)) {
        // Borders are whole samples of the chroma, which the matrix does not say.
        EXPECT_EQ(kept_and_right(arrived, piece, 2), minor >= 28) << piece;
      }
    }
  }
}

TEST_F(PatchCoreMetaPipeline, ElementsThatDoNothingKeepIt) {
  for (const char* piece : {"videocrop", "videoscale", "videoconvert", "videobalance"}) {
    for (const Arrived& arrived : run(piece)) EXPECT_TRUE(kept_and_right(arrived, piece, 0));
  }
}

// Positions of another picture would be worse than none.
TEST_F(PatchCoreMetaPipeline, ElementsThatMoveThePictureDropItUntilTheySayHow) {
  using Map = std::vector<gfloat>;
  const struct {
    const char* piece;
    Map map;  ///< what becomes of 1 2 3 over 4 5 6
  } cases[] = {
      {"videocrop left=4 top=8", {1, 2, 3, 4, 5, 6}},
      {"videocrop left=4 right=100 bottom=3", {1, 2, 3, 4, 5, 6}},
      {"videobox left=4 top=6", {1, 2, 3, 4, 5, 6}},
      {"videobox left=-16 bottom=-8", {1, 2, 3, 4, 5, 6}},
      {"compositor background=black sink_0::xpos=16 sink_0::ypos=8 ! video/x-raw,format=I420",
       {1, 2, 3, 4, 5, 6}},
      {"videoflip video-direction=horiz", {3, 2, 1, 6, 5, 4}},
      {"videoflip video-direction=vert", {4, 5, 6, 1, 2, 3}},
      {"videoflip video-direction=180", {6, 5, 4, 3, 2, 1}},
      {"videoflip video-direction=90r", {4, 1, 5, 2, 6, 3}},
      {"videoflip video-direction=90l", {3, 6, 2, 5, 1, 4}},
      {"videoflip video-direction=ul-lr", {1, 4, 2, 5, 3, 6}},
      {"videoflip video-direction=ur-ll", {6, 3, 5, 2, 4, 1}},
  };
  guint major = 0, minor = 0, micro = 0, nano = 0;
  gst_version(&major, &minor, &micro, &nano);
  for (const auto& one : cases) {
    for (const Arrived& arrived : run(one.piece)) {
      const bool kept = kept_and_right(arrived, one.piece, 0);
      EXPECT_EQ(kept, minor >= 28) << one.piece;
      if (!kept) continue;
      gsize n_values = 0;
      const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(arrived.buffer.get());
      const gfloat* map = gst_patch_core_meta_get_map(meta, &n_values);
      EXPECT_EQ(Map(map, map + n_values), one.map) << one.piece;
      const bool turned = GST_VIDEO_INFO_WIDTH(&arrived.info) == 240;
      EXPECT_EQ(meta->map_width, turned ? 2U : 3U) << one.piece;
      EXPECT_EQ(meta->input_width, turned ? 224 : 304) << one.piece;
    }
  }
}

// Whoever draws the map needs the whole place that it covers, also where that is cut.
TEST_F(PatchCoreMetaPipeline, CroppingLeavesOutRegionsThatAreNotSeen) {
  for (const Arrived& arrived : run("videocrop left=50")) {
    const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(arrived.buffer.get());
    if (meta == nullptr) continue;
    EXPECT_EQ(meta->inspected_x, -50);
    EXPECT_EQ(meta->inspected_width, 320);
    ASSERT_EQ(meta->n_regions, 1U);
    EXPECT_EQ(gst_patch_core_meta_get_region(meta, 0)->x, example_regions[1].x - 50);
  }
}

}  // namespace
