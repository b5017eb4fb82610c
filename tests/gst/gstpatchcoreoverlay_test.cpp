// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that results look the same wherever they are drawn: from the metadata alone the same
// bytes as the detector's own, in their place at any size, and nothing where there is no result.
#include <gst/check/gstharness.h>
#include <gst/controller/controller.h>
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gst/gstpatchcoreproperties.h"
#include "tests/gst/element_harness.h"
#include "tests/gst/video_frames.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

using patchcore::Size;
using patchcore::test::all_formats;
using patchcore::test::Buffer;
using patchcore::test::Bytes;
using patchcore::test::bytes_of;
using patchcore::test::ElementHarness;
using patchcore::test::make_frame;
using patchcore::test::make_info;
using patchcore::test::TemporaryFolder;

constexpr Size usual_size = {64, 48};
constexpr const char* all_overlays = "heatmap+contour+label";

/// Elements between two pads, and their bus.
class Running : public ElementHarness {
 public:
  /// @param description  as on a command line
  explicit Running(const std::string& description, GType allocation_meta = 0)
      : ElementHarness(description) {
    if (allocation_meta != 0) {
      gst_harness_add_propose_allocation_meta(harness(), allocation_meta, nullptr);
    }
  }

  /// Waits for what comes out; null, with a failure, if nothing does.
  Buffer pass(Buffer buffer) {
    EXPECT_EQ(push(std::move(buffer)), GST_FLOW_OK);
    Buffer out(gst_harness_pull(harness()));
    EXPECT_NE(out, nullptr);
    return out;
  }
};

/// An anomalous result of 8 x 6 patches over the whole frame, with a hot one at column 5, row 2.
GstPatchCoreMeta* add_result(GstBuffer* buffer, Size frame) {
  std::vector<gfloat> map(48, 0.5F);
  map[2 * 8 + 5] = 4;
  GstPatchCoreMeta* meta = gst_buffer_add_patch_core_meta(buffer);
  meta->result = GST_PATCH_CORE_RESULT_FRESH;
  meta->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
  meta->score = 4;
  meta->threshold = 2;
  meta->usual_score = 1;
  meta->relative_score = 2;
  meta->inspected_width = frame.width;
  meta->inspected_height = frame.height;
  meta->input_width = 64;
  meta->input_height = 48;
  gst_patch_core_meta_set_map(meta, map.data(), 8, 6);
  return meta;
}

GstPatchCoreMeta* add_result(const Buffer& buffer) {
  return add_result(buffer.get(), usual_size);
}

const GstVideoOverlayComposition* composition_of(const Buffer& buffer) {
  GstVideoOverlayCompositionMeta* meta =
      gst_buffer_get_video_overlay_composition_meta(buffer.get());
  return meta != nullptr ? meta->overlay : nullptr;
}

/// Where two RGB frames of a size differ.
struct Difference {
  int pixels = 0;
  double x = 0;  ///< of the middle
  double y = 0;
};

Difference difference(const Bytes& a, const Bytes& b, const GstVideoInfo& info) {
  Difference result;
  for (int y = 0; y < GST_VIDEO_INFO_HEIGHT(&info); ++y) {
    for (int x = 0; x < GST_VIDEO_INFO_WIDTH(&info); ++x) {
      const auto at = static_cast<std::size_t>(y * GST_VIDEO_INFO_PLANE_STRIDE(&info, 0) + 3 * x);
      if (a[at] == b[at] && a[at + 1] == b[at + 1] && a[at + 2] == b[at + 2]) continue;
      ++result.pixels;
      result.x += x;
      result.y += y;
    }
  }
  result.x /= result.pixels;
  result.y /= result.pixels;
  return result;
}

class PatchCoreOverlay : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    gst_init(nullptr, nullptr);
    folder_ = new TemporaryFolder();
    bank_ = new std::string(patchcore::test::write_tiny_bank(folder_->path()));
  }
  static void TearDownTestSuite() {
    delete bank_;
    delete folder_;
  }

  static std::string detector() {
    return "patchcoredetect threads=1 mode=every bank=" + *bank_ + " ";
  }

  /// A frame, as it comes out of a patchcoreoverlay of its own.
  static Bytes drawn(Buffer frame, const GstVideoInfo& info, const std::string& overlay) {
    Running running("patchcoreoverlay overlay=" + overlay);
    running.set_caps(info);
    return bytes_of(running.pass(std::move(frame)).get());
  }

  const GstVideoInfo rgb_ = make_info(GST_VIDEO_FORMAT_RGB, usual_size);
  static TemporaryFolder* folder_;
  static std::string* bank_;
};

TemporaryFolder* PatchCoreOverlay::folder_ = nullptr;
std::string* PatchCoreOverlay::bank_ = nullptr;

TEST_F(PatchCoreOverlay, DrawsWhatTheDetectorDraws) {
  for (const char* overlay : {"heatmap", "contour", "label", all_overlays}) {
    const std::string settings = "overlay-opacity=0.7 overlay=" + std::string(overlay);
    Running at_once(detector() + settings);
    Running later(detector() + "overlay=none ! queue ! patchcoreoverlay " + settings);
    for (const Size size : {usual_size, Size{131, 77}}) {
      for (const GstVideoFormat format : all_formats()) {
        const GstVideoInfo info = make_info(format, size);
        at_once.set_caps(info);
        later.set_caps(info);
        for (const bool defect : {false, true}) {
          SCOPED_TRACE(std::string(overlay) + " " + gst_video_format_to_string(format) + " " +
                       std::to_string(size.width) + (defect ? " with a defect" : ""));
          const Bytes before = bytes_of(make_frame(info, defect, 0, defect).get());
          const Bytes expected = bytes_of(at_once.pass(make_frame(info, defect, 0, defect)).get());
          EXPECT_EQ(bytes_of(later.pass(make_frame(info, defect, 0, defect)).get()), expected);
          if (defect) {
            EXPECT_NE(expected, before);
          }
        }
      }
    }
  }
}

TEST_F(PatchCoreOverlay, DrawsTheDefaultsOfTheDetector) {
  Running at_once(detector());
  Running later(detector() + "overlay=none ! patchcoreoverlay");
  at_once.set_caps(rgb_);
  later.set_caps(rgb_);
  EXPECT_EQ(bytes_of(later.pass(make_frame(rgb_, true, 0)).get()),
            bytes_of(at_once.pass(make_frame(rgb_, true, 0)).get()));
}

TEST_F(PatchCoreOverlay, HeldResultsAreDrawnAndNotDrawnAnew) {
  Running later(detector() + "interval=3 overlay=none ! queue ! patchcoreoverlay",
                GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE);
  later.set_caps(rgb_);
  std::vector<guint> numbers;
  for (guint i = 0; i < 4; ++i) {
    const Buffer out = later.pass(make_frame(rgb_, i == 0, i));
    ASSERT_NE(composition_of(out), nullptr);
    numbers.push_back(gst_video_overlay_composition_get_seqnum(
        const_cast<GstVideoOverlayComposition*>(composition_of(out))));
  }
  EXPECT_EQ(numbers[1], numbers[0]);
  EXPECT_EQ(numbers[2], numbers[0]);
  EXPECT_NE(numbers[3], numbers[0]);
}

TEST_F(PatchCoreOverlay, AfterScalingItLiesInItsPlace) {
  for (const Size size : {Size{160, 60}, Size{40, 96}}) {
    const std::string scaled = detector() + "overlay=none ! videoscale ! capsfilter caps=" +
                               "video/x-raw,width=" + std::to_string(size.width) +
                               ",height=" + std::to_string(size.height);
    Running drawing(scaled + " ! patchcoreoverlay overlay=contour overlay-opacity=1");
    Running plain(scaled);
    drawing.set_caps(rgb_);
    plain.set_caps(rgb_);
    const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, size);
    const Difference drawn =
        difference(bytes_of(drawing.pass(make_frame(rgb_, true, 0)).get()),
                   bytes_of(plain.pass(make_frame(rgb_, true, 0)).get()), info);
    ASSERT_GT(drawn.pixels, 0);
    // The defect is in the middle; a patch is an eighth of the frame.
    EXPECT_NEAR(drawn.x, size.width / 2.0, size.width / 8.0);
    EXPECT_NEAR(drawn.y, size.height / 2.0, size.height / 8.0);
  }
}

TEST_F(PatchCoreOverlay, TheMapIsDrawnOverTheInspectedPart) {
  const GstVideoInfo info = make_info(GST_VIDEO_FORMAT_RGB, {320, 240});
  Buffer frame = make_frame(info, false, 0);
  const Bytes before = bytes_of(frame.get());
  GstPatchCoreMeta* meta = add_result(frame.get(), {80, 60});
  meta->inspected_x = 200;
  meta->inspected_y = 100;
  const Difference where = difference(drawn(std::move(frame), info, "contour"), before, info);
  ASSERT_GT(where.pixels, 0);
  EXPECT_NEAR(where.x, 200 + 5.5 * 10, 3);
  EXPECT_NEAR(where.y, 100 + 2.5 * 10, 3);
}

TEST_F(PatchCoreOverlay, IsAttachedWhereDownstreamDrawsIt) {
  Running running(std::string("patchcoreoverlay overlay=") + all_overlays,
                  GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE);
  for (const GstVideoFormat format : all_formats()) {
    SCOPED_TRACE(gst_video_format_to_string(format));
    const GstVideoInfo info = make_info(format, usual_size);
    running.set_caps(info);
    Buffer frame = make_frame(info, false, 0);
    add_result(frame);
    const Bytes before = bytes_of(frame.get());
    const GstMemory* memory = gst_buffer_peek_memory(frame.get(), 0);
    const Buffer holder(gst_buffer_copy(frame.get()));
    const Buffer out = running.pass(std::move(frame));
    EXPECT_EQ(bytes_of(out.get()), before);
    EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory) << "the pixels were copied";
    ASSERT_NE(composition_of(out), nullptr);
    EXPECT_EQ(gst_video_overlay_composition_n_rectangles(
                  const_cast<GstVideoOverlayComposition*>(composition_of(out))),
              3U);
  }
}

TEST_F(PatchCoreOverlay, AnotherSinkIsAskedAnew) {
  Running running("patchcoreoverlay");
  running.set_caps(rgb_);
  const auto pass = [&] {
    Buffer frame = make_frame(rgb_, false, 0);
    add_result(frame);
    return running.pass(std::move(frame));
  };
  EXPECT_EQ(composition_of(pass()), nullptr);
  gst_harness_add_propose_allocation_meta(running.harness(),
                                          GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
  gst_harness_push_upstream_event(running.harness(), gst_event_new_reconfigure());
  EXPECT_NE(composition_of(pass()), nullptr);
}

/// Downstream that changes its mind while it is asked: the first answer is no longer true.
struct ChangingSink {
  int queries = 0;

  static gboolean query(GstPad* pad, GstObject* parent, GstQuery* query) {
    auto* self = static_cast<ChangingSink*>(gst_pad_get_element_private(pad));
    if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION) {
      return gst_pad_query_default(pad, parent, query);
    }
    if (++self->queries == 1) {
      gst_pad_push_event(pad, gst_event_new_reconfigure());
      return FALSE;
    }
    gst_query_add_allocation_meta(query, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE, nullptr);
    return TRUE;
  }
};

TEST_F(PatchCoreOverlay, AnAnswerThatWasOvertakenIsAskedAnew) {
  Running running("patchcoreoverlay");
  ChangingSink sink;
  gst_pad_set_element_private(running.harness()->sinkpad, &sink);
  gst_pad_set_query_function(running.harness()->sinkpad, ChangingSink::query);
  running.set_caps(rgb_);
  const auto pass = [&] {
    Buffer frame = make_frame(rgb_, false, 0);
    add_result(frame);
    return running.pass(std::move(frame));
  };
  EXPECT_EQ(composition_of(pass()), nullptr);
  EXPECT_NE(composition_of(pass()), nullptr);
}

TEST_F(PatchCoreOverlay, WithoutAResultNothingIsTouched) {
  const auto nothing = [](const Buffer&) {};
  const auto uninspected = [](const Buffer& buffer) {
    add_result(buffer)->result = GST_PATCH_CORE_RESULT_NONE;
  };
  const auto gap = [](const Buffer& buffer) {
    add_result(buffer);
    GST_BUFFER_FLAG_SET(buffer.get(), GST_BUFFER_FLAG_GAP);
  };
  for (const GType allocation_meta : {GType{0}, GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE}) {
    Running running(std::string("patchcoreoverlay overlay=") + all_overlays, allocation_meta);
    for (const GstVideoFormat format : all_formats()) {
      SCOPED_TRACE(gst_video_format_to_string(format));
      const GstVideoInfo info = make_info(format, usual_size);
      running.set_caps(info);
      int number = 0;
      for (const auto& prepare : std::vector<void (*)(const Buffer&)>{nothing, uninspected, gap}) {
        Buffer frame = make_frame(info, true, 0);
        prepare(frame);
        const Bytes before = bytes_of(frame.get());
        const GstMemory* memory = gst_buffer_peek_memory(frame.get(), 0);
        const Buffer holder(gst_buffer_copy(frame.get()));
        const Buffer out = running.pass(std::move(frame));
        EXPECT_EQ(bytes_of(out.get()), before) << "case " << number;
        EXPECT_EQ(gst_buffer_peek_memory(out.get(), 0), memory) << "case " << number;
        EXPECT_EQ(composition_of(out), nullptr) << "case " << number;
        ++number;
      }
    }
  }
}

TEST_F(PatchCoreOverlay, EmptyBuffersPass) {
  Running running("patchcoreoverlay");
  running.set_caps(rgb_);
  Buffer empty(gst_buffer_new());
  add_result(empty);
  EXPECT_NE(running.pass(std::move(empty)), nullptr);
}

TEST_F(PatchCoreOverlay, OfSeveralResultsTheNearestIsDrawn) {
  const auto frame = [&](std::vector<double> scores) {
    Buffer buffer = make_frame(rgb_, false, 0);
    for (const double score : scores) add_result(buffer)->score = score;
    return drawn(std::move(buffer), rgb_, "label");
  };
  EXPECT_EQ(frame({4, 6}), frame({6}));
  EXPECT_EQ(frame({6, 4}), frame({4}));
  EXPECT_NE(frame({4}), frame({6}));
}

TEST_F(PatchCoreOverlay, ResultsWithoutAMapHaveTheirLabel) {
  Buffer frame = make_frame(rgb_, false, 0);
  const Bytes before = bytes_of(frame.get());
  gst_patch_core_meta_set_map(add_result(frame), nullptr, 0, 0);
  EXPECT_EQ(drawn(std::move(frame), rgb_, "heatmap+contour"), before);

  frame = make_frame(rgb_, false, 0);
  gst_patch_core_meta_set_map(add_result(frame), nullptr, 0, 0);
  EXPECT_NE(drawn(std::move(frame), rgb_, all_overlays), before);
}

// An application may attach what it likes.
TEST_F(PatchCoreOverlay, ResultsOfImpossibleSizesAreNotDrawn) {
  const std::vector<void (*)(GstPatchCoreMeta*)> changes = {
      [](GstPatchCoreMeta* meta) { meta->inspected_width = 0; },
      [](GstPatchCoreMeta* meta) { meta->inspected_height = -4; },
      [](GstPatchCoreMeta* meta) { meta->input_width = 0; },
      [](GstPatchCoreMeta* meta) { meta->input_height = -1; },
      [](GstPatchCoreMeta* meta) { meta->inspected_x = usual_size.width; },
      [](GstPatchCoreMeta* meta) { meta->inspected_x = G_MAXINT; },
      [](GstPatchCoreMeta* meta) { meta->inspected_y = G_MININT; },
      [](GstPatchCoreMeta* meta) { meta->inspected_width = G_MAXINT; },
      [](GstPatchCoreMeta* meta) { meta->input_width = meta->input_height = G_MAXINT; }};
  for (const auto& change : changes) {
    Buffer frame = make_frame(rgb_, false, 0);
    const Bytes before = bytes_of(frame.get());
    change(add_result(frame));
    EXPECT_EQ(drawn(std::move(frame), rgb_, "heatmap+contour"), before);
  }
}

TEST_F(PatchCoreOverlay, OtherBranchesKeepTheirPixels) {
  Running running("patchcoreoverlay");
  running.set_caps(rgb_);
  Buffer frame = make_frame(rgb_, false, 0);
  add_result(frame);
  const Buffer kept(gst_buffer_ref(frame.get()));
  const Bytes before = bytes_of(kept.get());
  EXPECT_NE(bytes_of(running.pass(std::move(frame)).get()), before);
  EXPECT_EQ(bytes_of(kept.get()), before);
}

TEST_F(PatchCoreOverlay, PropertiesCountFromTheNextFrameOn) {
  Running running("patchcoreoverlay");
  running.set_caps(rgb_);
  GstElement* element = running.element();
  const auto pass = [&] {
    Buffer frame = make_frame(rgb_, false, 0);
    add_result(frame);
    return bytes_of(running.pass(std::move(frame)).get());
  };
  const Bytes untouched = bytes_of(make_frame(rgb_, false, 0).get());
  const Bytes usual = pass();
  EXPECT_NE(usual, untouched);
  gst_util_set_object_arg(G_OBJECT(element), "overlay", "none");
  EXPECT_EQ(pass(), untouched);
  gst_util_set_object_arg(G_OBJECT(element), "overlay", "heatmap");
  const Bytes heatmap = pass();
  EXPECT_NE(heatmap, untouched);
  EXPECT_NE(heatmap, usual);
  g_object_set(element, "overlay-opacity", 0.3, nullptr);
  const Bytes paler = pass();
  EXPECT_NE(paler, heatmap);
  EXPECT_NE(paler, untouched);
  g_object_set(element, "overlay-opacity", 0.0, nullptr);
  EXPECT_EQ(pass(), untouched);
}

TEST_F(PatchCoreOverlay, TheOpacityCanBeControlled) {
  Running running("patchcoreoverlay overlay=heatmap");
  running.set_caps(rgb_);
  GstElement* element = running.element();
  GstControlSource* source = gst_interpolation_control_source_new();
  g_object_set(source, "mode", GST_INTERPOLATION_MODE_NONE, nullptr);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), 0, 0.0);
  gst_timed_value_control_source_set(GST_TIMED_VALUE_CONTROL_SOURCE(source), 40 * GST_MSECOND, 1.0);
  ASSERT_TRUE(gst_object_add_control_binding(
      GST_OBJECT(element),
      gst_direct_control_binding_new(GST_OBJECT(element), "overlay-opacity", source)));
  gst_object_unref(source);
  const Bytes untouched = bytes_of(make_frame(rgb_, false, 0).get());
  for (guint i = 0; i < 2; ++i) {
    Buffer frame = make_frame(rgb_, false, i);
    add_result(frame);
    EXPECT_EQ(bytes_of(running.pass(std::move(frame)).get()) == untouched, i == 0) << i;
  }
}

TEST_F(PatchCoreOverlay, CapsMayChangeInMidstream) {
  Running running("patchcoreoverlay overlay=label");
  for (const Size size : {usual_size, Size{320, 240}, usual_size}) {
    for (const GstVideoFormat format : {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_RGBA}) {
      const GstVideoInfo info = make_info(format, size);
      running.set_caps(info);
      const auto frame = [&] {
        Buffer buffer = make_frame(info, false, 0);
        add_result(buffer.get(), size);
        return buffer;
      };
      EXPECT_EQ(bytes_of(running.pass(frame()).get()), drawn(frame(), info, "label"))
          << "a label of another size stayed";
    }
  }
}

TEST_F(PatchCoreOverlay, BuffersSmallerThanTheirCapsAreRefused) {
  Running running("patchcoreoverlay");
  running.set_caps(rgb_);
  Buffer small(gst_buffer_new_allocate(nullptr, 100, nullptr));
  gst_buffer_memset(small.get(), 0, 0, 100);
  EXPECT_NE(running.pass(std::move(small)), nullptr) << "without a result nobody looks";

  small.reset(gst_buffer_new_allocate(nullptr, 100, nullptr));
  add_result(small);
  EXPECT_EQ(running.push(std::move(small)), GST_FLOW_ERROR);
  EXPECT_EQ(running.log().count(GST_MESSAGE_ERROR), 1U);
}

TEST_F(PatchCoreOverlay, StatesCanBeCycledAndPropertiesSurvive) {
  Running running("patchcoreoverlay overlay=contour overlay-opacity=0.25");
  running.set_caps(rgb_);
  const auto pass = [&] {
    Buffer frame = make_frame(rgb_, false, 0);
    add_result(frame);
    return bytes_of(running.pass(std::move(frame)).get());
  };
  const Bytes before = pass();
  for (int cycle = 0; cycle < 50; ++cycle) {
    const GstState down = cycle % 2 == 0 ? GST_STATE_NULL : GST_STATE_READY;
    ASSERT_EQ(gst_element_set_state(running.element(), down), GST_STATE_CHANGE_SUCCESS);
    ASSERT_EQ(gst_element_set_state(running.element(), GST_STATE_PLAYING),
              GST_STATE_CHANGE_SUCCESS);
  }
  guint overlay = 0;
  double opacity = 0;
  g_object_get(running.element(), "overlay", &overlay, "overlay-opacity", &opacity, nullptr);
  EXPECT_EQ(overlay, static_cast<guint>(GST_PATCH_CORE_OVERLAY_CONTOUR));
  EXPECT_EQ(opacity, 0.25);

  gst_harness_push_event(running.harness(), gst_event_new_stream_start("again"));
  running.set_caps(make_info(GST_VIDEO_FORMAT_BGR, usual_size));
  running.set_caps(rgb_);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(running.harness(), gst_event_new_segment(&segment));
  EXPECT_EQ(pass(), before);
}

}  // namespace
