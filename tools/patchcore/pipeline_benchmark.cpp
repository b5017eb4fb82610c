// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element in a whole pipeline.
#include "tools/patchcore/pipeline_benchmark.h"

#include <gst/gst.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tools/patchcore/synthetic_frame.h"

namespace patchcore {
namespace {

constexpr std::size_t frames_to_warm_up = 5;
/// Drawing a frame takes longer than scoring it: a few are drawn before and shown in turns.
constexpr int frames_drawn = 8;

struct ObjectUnref {
  void operator()(void* object) const { gst_object_unref(object); }
};
struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
struct MessageUnref {
  void operator()(GstMessage* message) const { gst_message_unref(message); }
};
using Element = std::unique_ptr<GstElement, ObjectUnref>;

[[noreturn]] void fail(const std::string& pipeline, GError* error) {
  const std::string text = error->message;
  g_error_free(error);
  throw Error(ErrorCode::internal, "the pipeline failed: " + text + ": " + pipeline);
}

using Instants = std::vector<std::chrono::steady_clock::time_point>;

/// When frames passed; only the streaming thread touches it while the pipeline runs.
GstPadProbeReturn note_instant(GstPad*, GstPadProbeInfo*, gpointer data) {
  static_cast<Instants*>(data)->push_back(std::chrono::steady_clock::now());
  return GST_PAD_PROBE_OK;
}

/// @param instants  are added to whenever a buffer passes the pad
void watch_pad(GstElement* pipeline, const char* element_name, const char* pad_name,
               Instants& instants) {
  const Element element(gst_bin_get_by_name(GST_BIN(pipeline), element_name));
  const std::unique_ptr<GstPad, ObjectUnref> pad(
      gst_element_get_static_pad(element.get(), pad_name));
  gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, note_instant, &instants, nullptr);
}

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// As GStreamer lays I420 out: rows begin at multiples of four bytes.
std::vector<std::uint8_t> lay_out(const ImageView& frame) {
  std::vector<std::uint8_t> pixels;
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? frame.size.width : frame.size.width / 2;
    const int height = plane == 0 ? frame.size.height : frame.size.height / 2;
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = frame.planes[plane] + y * frame.strides[plane];
      pixels.insert(pixels.end(), row, row + width);
      pixels.resize((pixels.size() + 3) / 4 * 4);
    }
  }
  return pixels;
}

/// What appsrc is fed with; only its streaming thread touches it while the pipeline runs.
class Frames {
 public:
  Frames(Size size, int count) : count_(count) {
    for (int i = 0; i < frames_drawn; ++i) {
      const std::vector<std::uint8_t> pixels = lay_out(SyntheticFrame(size, i).view());
      drawn_.emplace_back(gst_buffer_new_allocate(nullptr, pixels.size(), nullptr));
      gst_buffer_fill(drawn_.back().get(), 0, pixels.data(), pixels.size());
    }
  }

  /// A copy, for the element draws upon frames; as sources write every frame anew.
  static void push_next(GstElement* source, guint /*bytes*/, gpointer data) {
    auto& frames = *static_cast<Frames*>(data);
    GstFlowReturn flow = GST_FLOW_OK;
    if (frames.pushed_ == frames.count_) {
      g_signal_emit_by_name(source, "end-of-stream", &flow);
      return;
    }
    const std::unique_ptr<GstBuffer, BufferUnref> buffer(
        gst_buffer_copy_deep(frames.drawn_[frames.pushed_ % frames_drawn].get()));
    GST_BUFFER_PTS(buffer.get()) = frames.pushed_ * GST_SECOND / 30;
    GST_BUFFER_DURATION(buffer.get()) = GST_SECOND / 30;
    ++frames.pushed_;
    g_signal_emit_by_name(source, "push-buffer", buffer.get(), &flow);
  }

 private:
  std::vector<std::unique_ptr<GstBuffer, BufferUnref>> drawn_;
  int count_;
  int pushed_ = 0;
};

void run_to_the_end(GstElement* pipeline, const std::string& description) {
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const std::unique_ptr<GstBus, ObjectUnref> bus(gst_element_get_bus(pipeline));
  const std::unique_ptr<GstMessage, MessageUnref> message(
      gst_bus_timed_pop_filtered(bus.get(), GST_CLOCK_TIME_NONE,
                                 static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS)));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ERROR) return;
  GError* error = nullptr;
  gst_message_parse_error(message.get(), &error, nullptr);
  fail(description, error);
}

}  // namespace

PipelineBenchmark run_pipeline_benchmark(const PipelineBenchmarkOptions& options) {
  gst_init(nullptr, nullptr);
  const std::unique_ptr<GstElementFactory, ObjectUnref> factory(
      gst_element_factory_find("patchcoredetect"));
  if (!factory) {
    throw Error(ErrorCode::not_found,
                "GStreamer finds no element patchcoredetect: install the plugin, or set "
                "GST_PLUGIN_PATH to its folder, or pass --no-pipeline");
  }
  PipelineBenchmark result;
  result.pipeline =
      "appsrc name=source format=time max-buffers=1 ! "
      "video/x-raw,format=I420,framerate=30/1,width=" +
      std::to_string(options.frame.width) + ",height=" + std::to_string(options.frame.height) +
      " ! patchcoredetect name=detect threshold=0 overlay=heatmap threads=" +
      std::to_string(options.threads) + " device=" + options.device +
      " precision=" + precision_name(options.precision) + " index=" + index_name(options.index) +
      " ! fakesink name=sink sync=false";
  GError* error = nullptr;
  const Element pipeline(gst_parse_launch(result.pipeline.c_str(), &error));
  if (error != nullptr) fail(result.pipeline, error);
  {
    // Not in the description, where blanks in a path would need quotes.
    const Element detect(gst_bin_get_by_name(GST_BIN(pipeline.get()), "detect"));
    g_object_set(detect.get(), "bank", options.bank.c_str(), "allow-torchscript",
                 options.allow_torchscript ? TRUE : FALSE, nullptr);
    if (!options.weights.empty()) {
      g_object_set(detect.get(), "weights", options.weights.c_str(), nullptr);
    }
  }
  Frames frames(options.frame, options.frames + static_cast<int>(frames_to_warm_up));
  {
    const Element source(gst_bin_get_by_name(GST_BIN(pipeline.get()), "source"));
    g_signal_connect(source.get(), "need-data", G_CALLBACK(Frames::push_next), &frames);
  }
  Instants entered;
  Instants left;
  Instants arrived;
  watch_pad(pipeline.get(), "detect", "sink", entered);
  watch_pad(pipeline.get(), "detect", "src", left);
  watch_pad(pipeline.get(), "sink", "sink", arrived);
  run_to_the_end(pipeline.get(), result.pipeline);
  if (arrived.size() <= frames_to_warm_up || left.size() != entered.size()) {
    throw Error(ErrorCode::internal, "no frame came through the pipeline: " + result.pipeline);
  }
  result.frames_per_second = static_cast<double>(arrived.size() - frames_to_warm_up) /
                             seconds_between(arrived[frames_to_warm_up - 1], arrived.back());
  std::vector<double> passing;
  for (std::size_t i = frames_to_warm_up; i < left.size(); ++i) {
    passing.push_back(seconds_between(entered[i], left[i]));
  }
  result.element = measurement_of(std::move(passing));
  return result;
}

}  // namespace patchcore
