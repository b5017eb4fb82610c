// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element in a whole pipeline.
#include "tools/patchcore/pipeline_benchmark.h"

#include <gst/gst.h>

#include <chrono>
#include <memory>

#include "core/error.h"

namespace patchcore {
namespace {

constexpr int frames_to_warm_up = 5;

struct ObjectUnref {
  void operator()(void* object) const { gst_object_unref(object); }
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

/// Counts frames at the sink; only its streaming thread touches it while the pipeline runs.
struct Arrivals {
  int frames = 0;
  std::chrono::steady_clock::time_point first;
  std::chrono::steady_clock::time_point last;
};

GstPadProbeReturn count_frame(GstPad*, GstPadProbeInfo*, gpointer data) {
  auto& arrivals = *static_cast<Arrivals*>(data);
  ++arrivals.frames;
  arrivals.last = std::chrono::steady_clock::now();
  if (arrivals.frames == frames_to_warm_up) arrivals.first = arrivals.last;
  return GST_PAD_PROBE_OK;
}

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
      "videotestsrc num-buffers=" + std::to_string(options.frames + frames_to_warm_up) +
      " ! video/x-raw,format=I420,width=" + std::to_string(options.frame.width) +
      ",height=" + std::to_string(options.frame.height) +
      " ! patchcoredetect name=detect threshold=0 overlay=heatmap threads=" +
      std::to_string(options.threads) + " device=" + options.device +
      " ! fakesink name=sink sync=false";
  GError* error = nullptr;
  const Element pipeline(gst_parse_launch(result.pipeline.c_str(), &error));
  if (error != nullptr) fail(result.pipeline, error);
  {
    // Not in the description, where blanks in a path would need quotes.
    const Element detect(gst_bin_get_by_name(GST_BIN(pipeline.get()), "detect"));
    g_object_set(detect.get(), "bank", options.bank.c_str(), nullptr);
  }
  Arrivals arrivals;
  {
    const Element sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
    const std::unique_ptr<GstPad, ObjectUnref> pad(gst_element_get_static_pad(sink.get(), "sink"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_BUFFER, count_frame, &arrivals, nullptr);
  }
  run_to_the_end(pipeline.get(), result.pipeline);
  if (arrivals.frames <= frames_to_warm_up) {
    throw Error(ErrorCode::internal, "no frame came through the pipeline: " + result.pipeline);
  }
  result.frames_per_second = (arrivals.frames - frames_to_warm_up) /
                             std::chrono::duration<double>(arrivals.last - arrivals.first).count();
  return result;
}

}  // namespace patchcore
