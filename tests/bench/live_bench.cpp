// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Live pipelines over a long time: what passing frames wait for, what streams get of an engine that
// they share, and what memory they take.
//
// live_bench bank FILE                               makes a bank of EfficientNet-Lite0 by formula
// live_bench newest FILE [SECONDS [FPS]]             one live stream in mode newest
// live_bench streams FILE COUNT [SECONDS [PROPERTIES]]
//                                                    live streams of 480 frames a second together
// live_bench queue FILE [ROUNDS]                     frames one by one, by the queue and without it
//
// PATCHCORE_TEST_FRAME_MS=500 slows the engine down. Needs GST_PLUGIN_PATH.
#include <gst/gst.h>
#include <gst/patchcore/patchcore.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/detection_queue_sharing.h"
#include "core/detector_sharing.h"
#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace {

constexpr int all_frames_per_second = 480;  // more than the engine scores

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  long size = 0;
  long resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double milliseconds(GstClockTime time) {
  return static_cast<double>(time) / GST_MSECOND;
}

GstClockTime percentile(std::vector<GstClockTime> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(share * last)];
}

void make_bank(const std::string& path) {
  const patchcore::test::TemporaryFolder folder;
  patchcore::TrainerOptions options;
  const std::vector<std::string> layers =
      patchcore::describe_backbone(options.backbone.name).default_layers;
  patchcore::Safetensors file;
  file.tensors = patchcore::test::formula_weights(options.backbone.name, layers);
  options.backbone.weights = folder.path() + "/weights.safetensors";
  patchcore::write_safetensors(options.backbone.weights, file);
  options.coreset.max_patches = 4096;
  options.coreset.sampler = patchcore::SamplerKind::random;
  patchcore::Trainer trainer(options);
  for (int number = 0; number < 20; ++number)
    trainer.add(patchcore::test::StripedPicture(number, {320, 240}).view());
  patchcore::test::build_and_wait(trainer, path);
}

GstElement* play(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  if (error != nullptr) {
    std::fprintf(stderr, "%s: %s\n", description.c_str(), error->message);
    std::exit(EXIT_FAILURE);
  }
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  return pipeline;
}

/// Waits, with an eye on the bus.
void wait_for(GstElement* pipeline, GstClockTime time) {
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message = gst_bus_timed_pop_filtered(bus, time, GST_MESSAGE_ERROR);
  if (message != nullptr) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    std::fprintf(stderr, "%s\n", error->message);
    std::exit(EXIT_FAILURE);
  }
  gst_object_unref(bus);
}

guint64 stat(GstElement* pipeline, const std::string& element, const char* name) {
  GstElement* detect = gst_bin_get_by_name(GST_BIN(pipeline), element.c_str());
  GstStructure* stats = nullptr;
  g_object_get(detect, "stats", &stats, nullptr);
  guint64 value = 0;
  gst_structure_get_uint64(stats, name, &value);
  gst_structure_free(stats);
  gst_object_unref(detect);
  return value;
}

/// What goes into a detector and comes out of it.
struct Passage {
  std::mutex mutex;
  std::map<GstClockTime, GstClockTime> came;  ///< by pts, when
  std::vector<GstClockTime> delays;           ///< of frames that passed
  std::vector<GstClockTime> ages;             ///< of the results that they carried
  GstClockTime last_scored = 0;
  int untrue = 0;  ///< results that are not of a frame that came, go back, or tell a wrong age
};

GstPadProbeReturn enter(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& passage = *static_cast<Passage*>(data);
  const std::lock_guard<std::mutex> lock(passage.mutex);
  passage.came[GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info))] = gst_util_get_timestamp();
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn leave(GstPad*, GstPadProbeInfo* info, gpointer data) {
  auto& passage = *static_cast<Passage*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  const std::lock_guard<std::mutex> lock(passage.mutex);
  passage.delays.push_back(gst_util_get_timestamp() - passage.came.at(pts));
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer);
  if (meta->result == GST_PATCH_CORE_RESULT_NONE) return GST_PAD_PROBE_OK;
  const bool is_true = meta->result == GST_PATCH_CORE_RESULT_HELD && meta->scored_pts < pts &&
                       passage.came.count(meta->scored_pts) == 1 &&
                       meta->scored_pts >= passage.last_scored &&
                       meta->age == pts - meta->scored_pts;
  passage.untrue += is_true ? 0 : 1;
  passage.last_scored = meta->scored_pts;
  passage.ages.push_back(meta->age);
  return GST_PAD_PROBE_OK;
}

void add_probe(GstElement* pipeline, const char* pad_name, GstPadProbeCallback callback,
               Passage& passage) {
  GstElement* detect = gst_bin_get_by_name(GST_BIN(pipeline), "detect");
  GstPad* pad = gst_element_get_static_pad(detect, pad_name);
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, &passage, nullptr);
  gst_object_unref(pad);
  gst_object_unref(detect);
}

int run_newest(const std::string& bank, int seconds, int rate) {
  Passage passage;
  GstElement* pipeline = gst_parse_launch(
      ("videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=480,"
       "framerate=" +
       std::to_string(rate) + "/1 ! patchcoredetect name=detect mode=newest bank=" + bank +
       " ! fakesink sync=true")
          .c_str(),
      nullptr);
  add_probe(pipeline, "sink", enter, passage);
  add_probe(pipeline, "src", leave, passage);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const int warm_up = std::min(10, seconds / 2);
  wait_for(pipeline, static_cast<GstClockTime>(warm_up) * GST_SECOND);
  const double before = resident_megabytes();
  wait_for(pipeline, static_cast<GstClockTime>(seconds - warm_up) * GST_SECOND);
  const double after = resident_megabytes();
  const guint64 scored = stat(pipeline, "detect", "scored");
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);

  std::printf("%zu frames passed, %llu scored\n", passage.delays.size(),
              static_cast<unsigned long long>(scored));
  std::printf("delay of passing frames, ms: median %.2f, 99 %% %.2f, largest %.2f\n",
              milliseconds(percentile(passage.delays, 0.5)),
              milliseconds(percentile(passage.delays, 0.99)),
              milliseconds(percentile(passage.delays, 1)));
  std::printf("age of results, ms: median %.0f, largest %.0f; untrue: %d\n",
              milliseconds(percentile(passage.ages, 0.5)),
              milliseconds(percentile(passage.ages, 1)), passage.untrue);
  std::printf("resident, MB: %.1f after %d s, %.1f after %d s\n", before, warm_up, after, seconds);
  return passage.untrue == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_streams(const std::string& bank, int count, int seconds, const std::string& properties) {
  std::string description;
  for (int i = 0; i < count; ++i) {
    description +=
        " videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,"
        "framerate=" +
        std::to_string(all_frames_per_second / count) + "/1 ! patchcoredetect name=detect" +
        std::to_string(i) + " mode=newest overlay=none post-messages=none bank=" + bank + " " +
        properties + " ! fakesink sync=true";
  }
  GstElement* pipeline = play(description);
  const int warm_up = std::min(5, seconds / 2);
  wait_for(pipeline, static_cast<GstClockTime>(warm_up) * GST_SECOND);
  std::vector<guint64> scored;
  for (int i = 0; i < count; ++i)
    scored.push_back(stat(pipeline, "detect" + std::to_string(i), "scored"));
  wait_for(pipeline, static_cast<GstClockTime>(seconds - warm_up) * GST_SECOND);
  guint64 together = 0;
  for (int i = 0; i < count; ++i) {
    guint64& own = scored[static_cast<std::size_t>(i)];
    own = stat(pipeline, "detect" + std::to_string(i), "scored") - own;
    together += own;
  }
  const double resident = resident_megabytes();
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(pipeline);
  const auto [least, most] = std::minmax_element(scored.begin(), scored.end());
  std::printf("%2d streams: %.1f frames a second, each %llu to %llu, resident %.1f MB\n", count,
              static_cast<double>(together) / (seconds - warm_up),
              static_cast<unsigned long long>(*least), static_cast<unsigned long long>(*most),
              resident);
  return EXIT_SUCCESS;
}

int run_queue(const std::string& bank, int rounds) {
  const auto detector = patchcore::shared_detector(bank, {});
  patchcore::DetectionStream stream(patchcore::shared_detection_queue(detector, {}));
  patchcore::Workspace workspace;
  const patchcore::test::StripedPicture picture(0, {1280, 720});
  std::vector<GstClockTime> direct, queued;
  const auto prepare = [&](patchcore::PreparedFrame& prepared, patchcore::Workspace& own) {
    detector->prepare(picture.view(), {}, prepared, own);
  };
  for (int i = 0; i < rounds; ++i) {
    const bool by_queue = i / 10 % 2 == 0;  // ten by ten, as the machine is not always as fast
    const GstClockTime before = gst_util_get_timestamp();
    if (by_queue) {
      stream.detect(prepare, {});
    } else {
      detector->detect(picture.view(), {}, workspace);
    }
    (by_queue ? queued : direct).push_back(gst_util_get_timestamp() - before);
  }
  std::printf("a 720p frame, ms: median %.2f without the queue, %.2f by it\n",
              milliseconds(percentile(direct, 0.5)), milliseconds(percentile(queued, 0.5)));
  return EXIT_SUCCESS;
}

int usage() {
  std::fprintf(stderr,
               "live_bench bank FILE | newest FILE [SECONDS [FPS]] | "
               "streams FILE COUNT [SECONDS [PROPERTIES]] | queue FILE [ROUNDS]\n");
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 3) return usage();
  const std::string what = argv[1];
  const std::string bank = argv[2];
  if (what == "bank") {
    make_bank(bank);
    return EXIT_SUCCESS;
  }
  if (what == "newest") {
    return run_newest(bank, argc > 3 ? std::atoi(argv[3]) : 60, argc > 4 ? std::atoi(argv[4]) : 60);
  }
  if (what == "streams" && argc > 3) {
    return run_streams(bank, std::atoi(argv[3]), argc > 4 ? std::atoi(argv[4]) : 60,
                       argc > 5 ? argv[5] : "");
  }
  if (what == "queue") return run_queue(bank, argc > 3 ? std::atoi(argv[3]) : 300);
  return usage();
}
