// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects that a result travels with its frame: whole, in memory of its own, with positions that
// fit the frame that carries it; and that wrong calls change nothing.
#include <gst/patchcore/patchcore.h>
#include <gst/video/video.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Unref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using Buffer = std::unique_ptr<GstBuffer, Unref>;

Buffer make_buffer() {
  return Buffer(gst_buffer_new_allocate(nullptr, 64, nullptr));
}

constexpr gfloat example_map[] = {1, 2, 3, 4, 5, 6};
constexpr GstPatchCoreRegion example_regions[] = {{10, 20, 30, 40, 600.5, 3.5, 15, 50},
                                                  {100, 80, 4, 8, 16, 2.5, 103, 87}};

/// The example result, of a frame of 320 x 240.
void fill(GstPatchCoreMeta* meta) {
  meta->result = GST_PATCH_CORE_RESULT_HELD;
  meta->reason = GST_PATCH_CORE_REASON_NOT_YET;
  meta->verdict = GST_PATCH_CORE_VERDICT_ANOMALOUS;
  meta->score = 3.5;
  meta->threshold = 2;
  meta->usual_score = 1.25;
  meta->relative_score = 1.75;
  meta->scored_pts = 40 * GST_MSECOND;
  meta->age = 33 * GST_MSECOND;
  gst_patch_core_meta_set_bank(meta, "bank 1");
  meta->inspected_x = 0;
  meta->inspected_y = 0;
  meta->inspected_width = 320;
  meta->inspected_height = 240;
  meta->input_width = 304;
  meta->input_height = 224;
  gst_patch_core_meta_set_map(meta, example_map, 3, 2);
  gst_patch_core_meta_set_regions(meta, example_regions, 2);
}

/// All that does not depend on the size of the frame.
void expect_example_values(const GstPatchCoreMeta* meta) {
  ASSERT_NE(meta, nullptr);
  EXPECT_EQ(meta->result, GST_PATCH_CORE_RESULT_HELD);
  EXPECT_EQ(meta->reason, GST_PATCH_CORE_REASON_NOT_YET);
  EXPECT_EQ(meta->verdict, GST_PATCH_CORE_VERDICT_ANOMALOUS);
  EXPECT_EQ(meta->score, 3.5);
  EXPECT_EQ(meta->threshold, 2);
  EXPECT_EQ(meta->usual_score, 1.25);
  EXPECT_EQ(meta->relative_score, 1.75);
  EXPECT_EQ(meta->scored_pts, 40 * GST_MSECOND);
  EXPECT_EQ(meta->age, 33 * GST_MSECOND);
  EXPECT_STREQ(meta->bank, "bank 1");
  EXPECT_EQ(meta->input_width, 304);
  EXPECT_EQ(meta->input_height, 224);
  gsize n_values = 0;
  const gfloat* map = gst_patch_core_meta_get_map(meta, &n_values);
  ASSERT_EQ(n_values, 6U);
  EXPECT_EQ(std::vector<gfloat>(map, map + n_values),
            std::vector<gfloat>(std::begin(example_map), std::end(example_map)));
  EXPECT_EQ(meta->map_width, 3U);
  EXPECT_EQ(meta->map_height, 2U);
  ASSERT_EQ(meta->n_regions, 2U);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta, 0)->peak, 3.5);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta, 1)->peak, 2.5);
}

void expect_region(const GstPatchCoreRegion* region, const GstPatchCoreRegion& expected) {
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(region->x, expected.x);
  EXPECT_EQ(region->y, expected.y);
  EXPECT_EQ(region->width, expected.width);
  EXPECT_EQ(region->height, expected.height);
  EXPECT_DOUBLE_EQ(region->area, expected.area);
  EXPECT_EQ(region->peak_x, expected.peak_x);
  EXPECT_EQ(region->peak_y, expected.peak_y);
}

/// Counts the criticals that wrong calls log, and keeps them from the terminal.
class Criticals {
 public:
  explicit Criticals(const char* domain = "GStreamer-PatchCore")
      : domain_(domain), handler_(g_log_set_handler(domain, G_LOG_LEVEL_CRITICAL, count, this)) {}
  ~Criticals() { g_log_remove_handler(domain_, handler_); }
  Criticals(const Criticals&) = delete;
  Criticals& operator=(const Criticals&) = delete;

  int seen() const { return seen_; }

 private:
  static void count(const gchar*, GLogLevelFlags, const gchar*, gpointer self) {
    ++static_cast<Criticals*>(self)->seen_;
  }

  const char* domain_;
  int seen_ = 0;
  guint handler_;
};

/// What becomes of the metadata when a frame of one size becomes one of another.
Buffer scaled(GstBuffer* from, int in_width, int in_height, int out_width, int out_height) {
  GstVideoInfo in;
  GstVideoInfo out;
  gst_video_info_set_format(&in, GST_VIDEO_FORMAT_GRAY8, in_width, in_height);
  gst_video_info_set_format(&out, GST_VIDEO_FORMAT_GRAY8, out_width, out_height);
  GstVideoMetaTransform transform = {&in, &out};
  Buffer to = make_buffer();
  GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(from);
  EXPECT_TRUE(GST_PATCH_CORE_META_INFO->transform_func(
      to.get(), &meta->meta, from, gst_video_meta_transform_scale_get_quark(), &transform));
  return to;
}

class PatchCoreMeta : public ::testing::Test {
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

TEST_F(PatchCoreMeta, NewOnesSayNotInspectedAndNotGood) {
  EXPECT_EQ(meta_->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(meta_->verdict, GST_PATCH_CORE_VERDICT_UNKNOWN);
  EXPECT_TRUE(std::isnan(meta_->score));
  EXPECT_TRUE(std::isnan(meta_->threshold));
  EXPECT_TRUE(std::isnan(meta_->usual_score));
  EXPECT_TRUE(std::isnan(meta_->relative_score));
  EXPECT_EQ(meta_->reason, GST_PATCH_CORE_REASON_NONE);
  EXPECT_EQ(meta_->scored_pts, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(meta_->age, GST_CLOCK_TIME_NONE);
  EXPECT_EQ(meta_->bank, nullptr);
  EXPECT_EQ(meta_->map, nullptr);
  EXPECT_EQ(meta_->n_regions, 0U);
  EXPECT_EQ(meta_->regions, nullptr);
}

TEST_F(PatchCoreMeta, IsFoundOnItsBufferAndOnNoOther) {
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_.get()), meta_);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(make_buffer().get()), nullptr);
}

TEST_F(PatchCoreMeta, OfSeveralTheFirstIsFound) {
  meta_->score = 1;
  gst_buffer_add_patch_core_meta(buffer_.get())->score = 2;
  EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer_.get())->score, 1);
}

TEST_F(PatchCoreMeta, ASharedBufferIsLeftAlone) {
  const Buffer other(gst_buffer_ref(buffer_.get()));
  const Criticals criticals;
  EXPECT_EQ(gst_buffer_add_patch_core_meta(buffer_.get()), nullptr);
  EXPECT_EQ(criticals.seen(), 1);
}

TEST_F(PatchCoreMeta, NoBufferIsRefused) {
  const Criticals criticals;
  EXPECT_EQ(gst_buffer_add_patch_core_meta(nullptr), nullptr);
  EXPECT_EQ(gst_buffer_get_patch_core_meta(nullptr), nullptr);
  EXPECT_EQ(criticals.seen(), 2);
}

TEST_F(PatchCoreMeta, NoMetaIsRefused) {
  const Criticals criticals;
  gsize n_values = 7;
  gst_patch_core_meta_set_bank(nullptr, "bank 1");
  gst_patch_core_meta_set_map(nullptr, example_map, 3, 2);
  gst_patch_core_meta_set_regions(nullptr, example_regions, 2);
  EXPECT_EQ(gst_patch_core_meta_get_map(nullptr, &n_values), nullptr);
  EXPECT_EQ(n_values, 0U);
  EXPECT_EQ(gst_patch_core_meta_get_region(nullptr, 0), nullptr);
  EXPECT_EQ(criticals.seen(), 5);
}

TEST_F(PatchCoreMeta, BankIsCopiedAndReplaced) {
  std::string bank = "first";
  gst_patch_core_meta_set_bank(meta_, bank.c_str());
  bank[0] = '-';
  EXPECT_STREQ(meta_->bank, "first");
  gst_patch_core_meta_set_bank(meta_, meta_->bank + 2);
  EXPECT_STREQ(meta_->bank, "rst");
  gst_patch_core_meta_set_bank(meta_, nullptr);
  EXPECT_EQ(meta_->bank, nullptr);
}

TEST_F(PatchCoreMeta, BanksThatAreNoTextChangeNothing) {
  fill(meta_);
  const Criticals criticals;
  gst_patch_core_meta_set_bank(meta_, "\xff");
  EXPECT_EQ(criticals.seen(), 1);
  expect_example_values(meta_);
}

TEST_F(PatchCoreMeta, MapIsCopiedAndReplaced) {
  std::vector<gfloat> map = {1, 2};
  gst_patch_core_meta_set_map(meta_, map.data(), 2, 1);
  map[0] = 9;
  EXPECT_EQ(meta_->map[0], 1);

  gst_patch_core_meta_set_map(meta_, example_map, 3, 2);
  EXPECT_EQ(meta_->map_width, 3U);
  EXPECT_EQ(meta_->map[5], 6);

  gst_patch_core_meta_set_map(meta_, nullptr, 0, 0);
  gsize n_values = 7;
  EXPECT_EQ(gst_patch_core_meta_get_map(meta_, &n_values), nullptr);
  EXPECT_EQ(n_values, 0U);
}

TEST_F(PatchCoreMeta, MapMayBeAPartOfTheOldOne) {
  gst_patch_core_meta_set_map(meta_, example_map, 3, 2);
  gst_patch_core_meta_set_map(meta_, meta_->map + 3, 3, 1);
  EXPECT_EQ(meta_->map[0], 4);
  EXPECT_EQ(meta_->map_height, 1U);
}

TEST_F(PatchCoreMeta, MapsOfContradictorySizeChangeNothing) {
  fill(meta_);
  const Criticals criticals;
  gst_patch_core_meta_set_map(meta_, nullptr, 3, 2);
  gst_patch_core_meta_set_map(meta_, example_map, 0, 2);
  gst_patch_core_meta_set_map(meta_, example_map, 3, 0);
  gst_patch_core_meta_set_map(meta_, example_map, G_MAXUINT, G_MAXUINT);
  EXPECT_EQ(criticals.seen(), 4);
  expect_example_values(meta_);
}

TEST_F(PatchCoreMeta, RegionsAreCopiedAndReplaced) {
  gst_patch_core_meta_set_regions(meta_, example_regions, 2);
  EXPECT_NE(meta_->regions, example_regions);
  expect_region(gst_patch_core_meta_get_region(meta_, 1), example_regions[1]);

  gst_patch_core_meta_set_regions(meta_, meta_->regions + 1, 1);
  EXPECT_EQ(meta_->n_regions, 1U);
  expect_region(gst_patch_core_meta_get_region(meta_, 0), example_regions[1]);

  gst_patch_core_meta_set_regions(meta_, nullptr, 0);
  EXPECT_EQ(meta_->n_regions, 0U);
  EXPECT_EQ(meta_->regions, nullptr);
}

TEST_F(PatchCoreMeta, ThereIsNoRegionBeyondTheLast) {
  fill(meta_);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta_, 2), nullptr);
  EXPECT_EQ(gst_patch_core_meta_get_region(meta_, G_MAXUINT), nullptr);
}

TEST_F(PatchCoreMeta, ImpossibleRegionsChangeNothing) {
  fill(meta_);
  const GstPatchCoreRegion impossible[] = {{0, 0, -1, 1, 1, 1, 0, 0},
                                           {0, 0, 1, -1, 1, 1, 0, 0},
                                           {0, 0, 1, 1, -1, 1, 0, 0},
                                           {0, 0, 1, 1, NAN, 1, 0, 0}};
  for (const GstPatchCoreRegion& region : impossible) {
    const Criticals criticals;
    const GstPatchCoreRegion regions[] = {example_regions[0], region};
    gst_patch_core_meta_set_regions(meta_, regions, 2);
    EXPECT_EQ(criticals.seen(), 1);
    expect_example_values(meta_);
  }
  const Criticals criticals;
  gst_patch_core_meta_set_regions(meta_, nullptr, 2);
  EXPECT_EQ(criticals.seen(), 1);
  expect_example_values(meta_);
}

// The copy lives on when the original, with its map and regions, is gone.
TEST_F(PatchCoreMeta, CopiesHaveMemoryOfTheirOwn) {
  fill(meta_);
  const Buffer copy(gst_buffer_copy(buffer_.get()));
  const gfloat* map = meta_->map;
  buffer_.reset();
  const GstPatchCoreMeta* copied = gst_buffer_get_patch_core_meta(copy.get());
  expect_example_values(copied);
  EXPECT_NE(copied->map, map);
  expect_region(gst_patch_core_meta_get_region(copied, 0), example_regions[0]);
  EXPECT_EQ(copied->inspected_width, 320);
}

TEST_F(PatchCoreMeta, CopyingOneThatIsEmptyWorks) {
  const Buffer copy(gst_buffer_copy(buffer_.get()));
  const GstPatchCoreMeta* copied = gst_buffer_get_patch_core_meta(copy.get());
  ASSERT_NE(copied, nullptr);
  EXPECT_EQ(copied->result, GST_PATCH_CORE_RESULT_NONE);
  EXPECT_EQ(copied->map, nullptr);
}

TEST_F(PatchCoreMeta, CopiesOfAPartOfTheBytesKeepIt) {
  fill(meta_);
  const Buffer part(gst_buffer_copy_region(buffer_.get(), GST_BUFFER_COPY_ALL, 16, 8));
  expect_example_values(gst_buffer_get_patch_core_meta(part.get()));
}

TEST_F(PatchCoreMeta, ScalingConvertsPositionsAndNotScores) {
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
  // The original is another frame's.
  expect_region(gst_patch_core_meta_get_region(meta_, 0), example_regions[0]);
}

// Rounding must neither move the border of a whole frame nor part a peak from its box.
TEST_F(PatchCoreMeta, ScalingKeepsWholeFramesWholeAndPeaksInTheirBoxes) {
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

TEST_F(PatchCoreMeta, ScalingSurvivesPositionsThatNoFrameHas) {
  const GstPatchCoreRegion absurd = {G_MININT, G_MAXINT, G_MAXINT, G_MAXINT,
                                     1,        1,        G_MAXINT, G_MININT};
  gst_patch_core_meta_set_regions(meta_, &absurd, 1);
  const Buffer to = scaled(buffer_.get(), 1, 1, 32767, 32767);
  const GstPatchCoreRegion* region =
      gst_patch_core_meta_get_region(gst_buffer_get_patch_core_meta(to.get()), 0);
  EXPECT_EQ(region->x, G_MININT);
  EXPECT_EQ(region->y, G_MAXINT);
}

TEST_F(PatchCoreMeta, ScalingAFrameWithoutSizeIsRefused) {
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

TEST_F(PatchCoreMeta, TransformsThatNobodyKnowsDropIt) {
  fill(meta_);
  const Buffer to = make_buffer();
  EXPECT_FALSE(GST_PATCH_CORE_META_INFO->transform_func(
      to.get(), &meta_->meta, buffer_.get(), g_quark_from_static_string("another-transform"),
      nullptr));
  EXPECT_EQ(gst_buffer_get_patch_core_meta(to.get()), nullptr);
}

TEST(PatchCoreMetaTypes, EnumerationsHaveTheNicksThatUsersRead) {
  const struct {
    GType type;
    int value;
    const char* nick;
  } cases[] = {
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_NONE, "none"},
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_FRESH, "fresh"},
      {GST_TYPE_PATCH_CORE_RESULT, GST_PATCH_CORE_RESULT_HELD, "held"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_NONE, "none"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_INTERVAL, "interval"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_GAP, "gap"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_LATE, "late"},
      {GST_TYPE_PATCH_CORE_REASON, GST_PATCH_CORE_REASON_NOT_YET, "not-yet"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_UNKNOWN, "unknown"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_NORMAL, "normal"},
      {GST_TYPE_PATCH_CORE_VERDICT, GST_PATCH_CORE_VERDICT_ANOMALOUS, "anomalous"},
  };
  for (const auto& one : cases) {
    auto* values = static_cast<GEnumClass*>(g_type_class_ref(one.type));
    const GEnumValue* value = g_enum_get_value(values, one.value);
    ASSERT_NE(value, nullptr) << one.nick;
    EXPECT_STREQ(value->value_nick, one.nick);
    g_type_class_unref(values);
  }
}

/// Runs frames of 320 x 240 with the example result through a piece of pipeline.
class PatchCoreMetaPipeline : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { gst_init(nullptr, nullptr); }

  static GstPadProbeReturn attach(GstPad*, GstPadProbeInfo* info, gpointer) {
    GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
    GST_PAD_PROBE_INFO_DATA(info) = buffer;
    fill(gst_buffer_add_patch_core_meta(buffer));
    return GST_PAD_PROBE_OK;
  }

  static GstPadProbeReturn collect(GstPad*, GstPadProbeInfo* info, gpointer data) {
    static_cast<std::vector<Buffer>*>(data)->emplace_back(
        gst_buffer_ref(GST_PAD_PROBE_INFO_BUFFER(info)));
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
  std::vector<Buffer> run(const std::string& piece) {
    const std::string text =
        "videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=320,height=240,"
        "pixel-aspect-ratio=1/1 ! identity name=detector ! " +
        piece + " ! fakesink name=sink";
    std::vector<Buffer> arrived;
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
       {"queue", "tee name=t t. ! queue ! fakesink async=false  t. ! queue",
        "videoconvert ! video/x-raw,format=RGB", "videoconvertscale ! video/x-raw,format=GRAY8",
        "identity", "videorate", "capsfilter caps=video/x-raw"}) {
    for (const Buffer& buffer : run(piece)) {
      SCOPED_TRACE(piece);
      const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer.get());
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
    for (const Buffer& buffer : run(piece)) {
      SCOPED_TRACE(piece);
      const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer.get());
      ASSERT_NO_FATAL_FAILURE(expect_example_values(meta));
      EXPECT_EQ(meta->inspected_width, 640);
      EXPECT_EQ(meta->inspected_height, 480);
      expect_region(gst_patch_core_meta_get_region(meta, 0), {20, 40, 60, 80, 2402, 3.5, 31, 101});
    }
  }
}

// Positions of another picture would be worse than none.
TEST_F(PatchCoreMetaPipeline, ElementsThatCropThePictureDropIt) {
  for (const Buffer& buffer : run("videocrop left=16 top=16")) {
    EXPECT_EQ(gst_buffer_get_patch_core_meta(buffer.get()), nullptr);
  }
}

}  // namespace
