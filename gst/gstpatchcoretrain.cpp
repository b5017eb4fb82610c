// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The element patchcoretrain.
/**
 * SECTION:element-patchcoretrain
 * @title: patchcoretrain
 *
 * Learns what good parts look like from the frames that pass, and writes it to a memory-bank file
 * for `patchcoredetect`. The frames go on unchanged.
 *
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=100 ! patchcoretrain bank=normal.safetensors ! fakesink
 * ]|
 * and from a folder of pictures:
 * |[
 * gst-launch-1.0 multifilesrc location=good/%03d.png caps=image/png,framerate=1/1
 *   ! pngdec ! videoconvert ! patchcoretrain bank=parts.bank ! fakesink
 * ]|
 * A camera never ends its stream by itself: run `gst-launch-1.0 -e` and interrupt it when it has
 * seen enough, or emit #GstPatchCoreTrain::finish in an application.
 *
 * At the end of the stream the bank is built, and only then is the end passed on, so that a
 * pipeline that has ended has its bank. An error on the way is posted on the bus, and the end is
 * passed on all the same. A run, from READY to PAUSED and back, makes one bank: after it frames
 * just pass. Leaving PAUSED cancels a build and leaves no file of it. Frames that are marked as
 * gaps are not collected. A flushing seek keeps what was collected before; if the bank is being
 * built by then, that goes on while the frames pass.
 *
 * Messages of the type %GST_MESSAGE_PROGRESS have the codes `collecting`, `coreset`, `calibration`
 * and `writing`, one after the other, and a text with the percentage of that task. The field
 * `percent`, #gint, of their structure counts through the last three together, from 0 to 100; with
 * `collecting` it is there only if #GstPatchCoreTrain:max-frames is set. `coverage`, #gdouble,
 * comes with `collecting`: see #GstPatchCoreTrain:coverage.
 *
 * At the end comes an element message `patchcore-trained` with these fields:
 *
 * * `bank`, #gchararray: the file that was written
 * * `frames`, #gint64: frames that it was made from
 * * `earlier-frames`, #gint64: of these, those of the bank that #GstPatchCoreTrain:append
 *   continued; 0 if the bank is new
 * * `patches`, #gint64: patches of all frames
 * * `bank-patches`, #gint64: patches that were kept
 * * `dimension`, #gint64: values of a patch
 * * `held-out-frames`, #gint64: frames that the threshold was computed from
 * * `threshold`, #gdouble: scores from here on are anomalous
 * * `usual-score`, #gdouble: the median score of good frames
 * * `threshold-is-guess`, #gboolean: there were too few frames to trust the threshold; a warning
 *   says so as well
 * * `seconds`, #gdouble: that building the bank took
 * * `device`, #gchararray: what the network ran on, `cpu` or `cuda:N`
 * * `index`, #gchararray: #GstPatchCoreTrain:index
 * * `recall`, #gdouble: of an approximate index, the share of the nearest patches of the held-out
 *   frames that it found; `mean-score-error` and `largest-score-error`, #gdouble: how far the
 *   frames' scores were from exact ones, relative; not there if no frame was held out
 *
 * Since: 0.1
 */
#include "gst/gstpatchcoretrain.h"

#include <gst/video/video.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/trainer.h"
#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreframe.h"
#include "gst/gstpatchcoreparts.h"
#include "gst/gstpatchcoreresult.h"
#include "gst/gstpatchcoretrainmessages.h"
#include "gst/gstpatchcoretrainpreset.h"
#include "gst/gstpatchcoretrainsettings.h"
#include "gst/gstpatchcoretrainsignals.h"
#include "gst/gstpatchcoretrainstatus.h"

#define GST_CAT_DEFAULT gst_patch_core_train_debug
GST_DEBUG_CATEGORY_STATIC(GST_CAT_DEFAULT);

namespace {

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(GST_PATCH_CORE_VIDEO_FORMATS)));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS(GST_VIDEO_CAPS_MAKE(GST_PATCH_CORE_VIDEO_FORMATS)));

enum class Phase {
  stopped,     // between stop() and start(): no trainer
  collecting,  // and waiting for a frame
  adding,      // the streaming thread has a frame in the trainer
  collected,   // as many frames as wanted: they pass, the bank is not yet built
  building,
  // Over, frames pass:
  done,       // the bank is written
  cancelled,  // nothing is
  failed,     // an error was posted
};

bool is_over(Phase phase) {
  return phase == Phase::done || phase == Phase::cancelled || phase == Phase::failed;
}

struct Private {
  explicit Private(GstElement* element) : progress(element) {}

  // Guards everything below but what names another guard. Never held while a message is posted,
  // a frame is added or the trainer is waited for.
  std::mutex mutex;
  std::condition_variable build_ended;

  GstPatchCoreTrainSettings settings;

  Phase phase = Phase::stopped;
  bool build_under_way = false;  // until all is told of its end
  bool finish_wanted = false;    // by a signal, while a frame was being added
  bool cancel_wanted = false;    // by a signal; whoever has the trainer finds out
  bool paused = false;
  bool flushing = false;
  GstPatchCoreTrainStatus status;  // of the latest run, brought up to date when it is asked for
  GstPatchCoreTrainPhase told_phase = GST_PATCH_CORE_TRAIN_PHASE_STOPPED;  // the last one notified
  // The pointer changes in start() and stop() only, so the streaming thread uses it unguarded.
  std::unique_ptr<patchcore::Trainer> trainer;

  // Of start() and, between it and stop(), of the streaming thread.
  GstPatchCoreTrainSettings run;
  GstVideoInfo info = {};
  guint64 seen = 0;  // frames, those that the interval skips as well
  bool warned_of_drawing = false;

  // Of the trainer's threads, first of the one that collects, then of the one that builds; of
  // others when both have ended.
  GstPatchCoreTrainProgress progress;
};

}  // namespace

struct _GstPatchCoreTrain {
  GstBaseTransform parent;

  Private* priv;
};

G_DEFINE_TYPE_WITH_CODE(GstPatchCoreTrain, gst_patch_core_train, GST_TYPE_BASE_TRANSFORM,
                        GST_DEBUG_CATEGORY_INIT(gst_patch_core_train_debug, "patchcoretrain", 0,
                                                "training of memory banks"))
GST_ELEMENT_REGISTER_DEFINE(patchcoretrain, "patchcoretrain", GST_RANK_NONE,
                            GST_TYPE_PATCH_CORE_TRAIN)

static void set_preset(GstPatchCoreTrain* self, patchcore::Preset preset) {
  Private& priv = *self->priv;
  GstPatchCoreTrainSettings before;
  GstPatchCoreTrainSettings after;
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    before = priv.settings;
    gst_patch_core_train_apply_preset(priv.settings, preset);
    after = priv.settings;
  }
  gst_patch_core_train_notify_preset(G_OBJECT(self), before, after);
}

static void gst_patch_core_train_set_property(GObject* object, guint id, const GValue* value,
                                              GParamSpec* spec) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(object);
  if (id == PROP_PRESET) {
    set_preset(self, static_cast<patchcore::Preset>(g_value_get_enum(value)));
    return;
  }
  const std::lock_guard<std::mutex> lock(self->priv->mutex);
  if (!gst_patch_core_train_set_setting(self->priv->settings, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

/// As users see it; needs the mutex.
static GstPatchCoreTrainPhase public_phase(const Private& priv) {
  switch (priv.phase) {
    case Phase::stopped:
      break;
    case Phase::collecting:
    case Phase::adding:
      return priv.paused ? GST_PATCH_CORE_TRAIN_PHASE_PAUSED
                         : GST_PATCH_CORE_TRAIN_PHASE_COLLECTING;
    case Phase::collected:
      return GST_PATCH_CORE_TRAIN_PHASE_COLLECTED;
    case Phase::building:
      return GST_PATCH_CORE_TRAIN_PHASE_BUILDING;
    case Phase::done:
      return GST_PATCH_CORE_TRAIN_PHASE_DONE;
    case Phase::cancelled:
      return GST_PATCH_CORE_TRAIN_PHASE_CANCELLED;
    case Phase::failed:
      return GST_PATCH_CORE_TRAIN_PHASE_FAILED;
  }
  return GST_PATCH_CORE_TRAIN_PHASE_STOPPED;
}

/// Needs the mutex.
static void update_status(Private& priv) {
  priv.status.phase = public_phase(priv);
  if (priv.trainer != nullptr) priv.status.so_far = priv.trainer->collected();
}

/// To be called after whatever may have changed the phase, without the mutex.
static void notify_phase(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    const GstPatchCoreTrainPhase phase = public_phase(priv);
    if (phase == priv.told_phase) return;
    priv.told_phase = phase;
  }
  g_object_notify(G_OBJECT(self), "phase");
}

static void gst_patch_core_train_get_property(GObject* object, guint id, GValue* value,
                                              GParamSpec* spec) {
  Private& priv = *GST_PATCH_CORE_TRAIN(object)->priv;

  const std::lock_guard<std::mutex> lock(priv.mutex);
  update_status(priv);
  if (!gst_patch_core_train_get_setting(priv.settings, id, value) &&
      !gst_patch_core_train_get_status(priv.status, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

/// @param end  one of those that is_over()
static void end_run(GstPatchCoreTrain* self, Phase end) {
  Private& priv = *self->priv;

  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.phase = end;
  }
  notify_phase(self);
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.build_under_way = false;
  }
  priv.build_ended.notify_all();
}

static patchcore::TrainingCallbacks make_callbacks(GstPatchCoreTrain* self) {
  // The trainer's thread ends before stop() does, so the element outlives it.
  Private& priv = *self->priv;
  GstElement* element = GST_ELEMENT(self);
  patchcore::TrainingCallbacks callbacks;
  callbacks.progress = [&priv](patchcore::TrainingStage stage, int percent,
                               const std::string& text) {
    priv.progress.building(stage, percent, text);
  };
  callbacks.done = [&priv, self, element](const patchcore::TrainingReport& report) {
    {
      const std::lock_guard<std::mutex> lock(priv.mutex);
      priv.status.bank_patches = report.bank_patches;
    }
    priv.progress.complete();
    gst_patch_core_post_trained(element, report);
    end_run(self, Phase::done);
  };
  callbacks.failed = [&priv, self, element](const patchcore::Error& error) {
    if (error.code() == patchcore::ErrorCode::cancelled) {
      priv.progress.cancel();
      end_run(self, Phase::cancelled);
    } else {
      priv.progress.fail(error.what());
      gst_patch_core_post_error(element, error);
      end_run(self, Phase::failed);
    }
  };
  return callbacks;
}

/// Needs the mutex, so that no callback comes before the phase is set.
static void start_build(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  priv.phase = Phase::failed;
  priv.trainer->start_build(priv.run.bank, make_callbacks(self));
  priv.phase = Phase::building;
  priv.build_under_way = true;
}

/// Ends a run whose trainer was cancelled; needs the mutex, and no frame is being added. The build
/// waits for the thread that collects, finds out, and says so.
static void give_up(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  if (priv.trainer->added() > 0) {
    start_build(self);
  } else {
    priv.phase = Phase::cancelled;
  }
}

static gboolean gst_patch_core_train_start(GstBaseTransform* transform) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(transform);
  Private& priv = *self->priv;

  const gboolean started = gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&] {
    {
      const std::lock_guard<std::mutex> lock(priv.mutex);
      priv.run = priv.settings;
    }
    if (priv.run.bank.empty()) {
      throw patchcore::Error(patchcore::ErrorCode::not_found,
                             "No file to write the memory bank to: set the property \"bank\" to a "
                             "path, e.g. bank=normal.safetensors");
    }
    patchcore::Trainer::check_destination(priv.run.bank);
    auto trainer = std::make_unique<patchcore::Trainer>(
        priv.run.trainer_options(), [&priv](const patchcore::CollectedSoFar& so_far) {
          priv.progress.collected(so_far, priv.run.max_frames);
        });
    const patchcore::DeviceInUse& in_use = trainer->device();
    GST_INFO_OBJECT(self, "the network runs on %s", patchcore::device_name(in_use.device).c_str());
    gst_patch_core_warn_of_device(GST_ELEMENT(self), in_use);
    gst_patch_core_warn_of_slow_precision(GST_ELEMENT(self), priv.run.precision, in_use.device);

    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.trainer = std::move(trainer);
    priv.phase = Phase::collecting;
    priv.build_under_way = false;
    priv.finish_wanted = false;
    priv.cancel_wanted = false;
    priv.paused = false;
    priv.flushing = false;
    priv.seen = 0;
    priv.warned_of_drawing = false;
    priv.status = {};
    return TRUE;
  });
  notify_phase(self);
  return started;
}

static gboolean gst_patch_core_train_stop(GstBaseTransform* transform) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(transform);
  Private& priv = *self->priv;

  std::unique_ptr<patchcore::Trainer> trainer;
  bool unbuilt = false;
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    update_status(priv);
    trainer = std::move(priv.trainer);
    unbuilt = priv.phase == Phase::collecting || priv.phase == Phase::collected;
    priv.phase = Phase::stopped;
  }
  if (unbuilt && trainer && trainer->added() > 0) {
    GST_ELEMENT_WARNING(
        self, RESOURCE, FAILED,
        ("Stopped before the end of the stream: of %" G_GINT64_FORMAT
         " collected frames no memory bank is made. End the stream first (gst-launch-1.0 -e), or "
         "emit the signal \"finish\" and wait",
         static_cast<gint64>(trainer->added())),
        (nullptr));
  }
  // Waits for a build, whose callbacks take the mutex and set the phase.
  trainer.reset();
  priv.progress.cancel();
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.phase = Phase::stopped;
  }
  notify_phase(self);
  return TRUE;
}

static gboolean gst_patch_core_train_set_caps(GstBaseTransform* transform, GstCaps* in, GstCaps*) {
  return gst_video_info_from_caps(&GST_PATCH_CORE_TRAIN(transform)->priv->info, in);
}

/// Whether the trainer is to have this frame; if so, the phase is Phase::adding.
static bool begin_adding(Private& priv, GstBuffer* buffer) {
  if (gst_patch_core_is_gap(buffer)) return false;
  const std::lock_guard<std::mutex> lock(priv.mutex);
  if (priv.phase != Phase::collecting || priv.paused) return false;
  if (priv.seen++ % priv.run.interval != 0) return false;
  priv.phase = Phase::adding;
  return true;
}

/// Each part that is marked like a frame, until there are as many as wanted.
/// @return false if the stream is flushing
static bool add_parts(GstPatchCoreTrain* self, const patchcore::ImageView& view,
                      GstBuffer* buffer) {
  Private& priv = *self->priv;

  for (const GstPatchCoreMarkedPart& part :
       gst_patch_core_marked_parts(buffer, priv.run.region_from_meta)) {
    if (priv.trainer->complete()) break;
    try {
      if (!priv.trainer->add(view, part.rect)) return false;
    } catch (const patchcore::Error& error) {
      if (error.code() != patchcore::ErrorCode::unsupported_frame) throw;
      GST_DEBUG_OBJECT(self, "a part is passed over: %s", error.what());
    }
  }
  return true;
}

static GstFlowReturn add(GstPatchCoreTrain* self, GstBuffer* buffer) {
  Private& priv = *self->priv;

  GstPatchCoreMappedFrame frame(priv.info, buffer, GST_MAP_READ);
  if (!frame) {
    gst_patch_core_post_map_error(GST_ELEMENT(self), priv.info, buffer);
    return GST_FLOW_ERROR;
  }
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    try {
      const patchcore::ImageView view = gst_patch_core_image_view(frame.get());
      const bool added = priv.run.region_from_meta.empty() ? priv.trainer->add(view)
                                                           : add_parts(self, view, buffer);
      return added ? GST_FLOW_OK : GST_FLOW_FLUSHING;
    } catch (const patchcore::Error& error) {
      // By the signal, or the element is leaving PAUSED.
      if (error.code() == patchcore::ErrorCode::cancelled) return GST_FLOW_FLUSHING;
      throw;
    }
  });
}

static GstFlowReturn gst_patch_core_train_transform_ip(GstBaseTransform* transform,
                                                       GstBuffer* buffer) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(transform);
  Private& priv = *self->priv;

  if (!begin_adding(priv, buffer)) return GST_FLOW_OK;
  gst_patch_core_warn_once_of_drawing(GST_ELEMENT(self), buffer, priv.warned_of_drawing);
  const GstFlowReturn added = add(self, buffer);
  if (added == GST_FLOW_ERROR) {
    priv.trainer->cancel_and_wait();
    priv.progress.fail("a frame could not be collected");
    end_run(self, Phase::failed);
    return added;
  }
  const GstFlowReturn flow = gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.phase = priv.trainer->complete() ? Phase::collected : Phase::collecting;
    if (priv.cancel_wanted) {
      give_up(self);
      return GST_FLOW_OK;
    }
    // A flush may have kept the first frame out: then the next one is waited for.
    if (priv.finish_wanted && priv.trainer->added() > 0) start_build(self);
    return added;
  });
  notify_phase(self);
  return flow;
}

/// Builds the bank and returns when that is over, or when a flush makes the end of the stream void.
/// @return whether the end of the stream still stands
static bool finish_at_end_of_stream(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  gst_patch_core_guard(GST_ELEMENT(self), false, [&] {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    if (priv.flushing) return false;
    if (priv.phase == Phase::collecting || priv.phase == Phase::collected) start_build(self);
    return true;
  });
  notify_phase(self);
  std::unique_lock<std::mutex> lock(priv.mutex);
  priv.build_ended.wait(lock, [&] { return !priv.build_under_way || priv.flushing; });
  return !priv.flushing;
}

static void set_flushing(Private& priv, bool flushing) {
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.flushing = flushing;
    if (priv.trainer != nullptr) priv.trainer->set_flushing(flushing);
  }
  priv.build_ended.notify_all();
}

static gboolean gst_patch_core_train_sink_event(GstBaseTransform* transform, GstEvent* event) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(transform);

  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_EOS:
      if (!finish_at_end_of_stream(self)) {
        GST_INFO_OBJECT(self, "the end of the stream was flushed while the bank is being built");
        gst_event_unref(event);
        return FALSE;
      }
      break;
    case GST_EVENT_FLUSH_START:
      set_flushing(*self->priv, true);
      break;
    case GST_EVENT_FLUSH_STOP:
      set_flushing(*self->priv, false);
      break;
    default:
      break;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_patch_core_train_parent_class)->sink_event(transform, event);
}

/// Runs what a signal asks for, with the mutex held.
/// @param request  returns why it cannot be done, or null
template <typename Request>
static void handle_signal(GstPatchCoreTrain* self, const char* signal, Request&& request) {
  Private& priv = *self->priv;

  const char* refusal = nullptr;
  gst_patch_core_guard(GST_ELEMENT(self), false, [&] {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    if (priv.phase == Phase::stopped) {
      refusal = "no training is under way: set the pipeline to PLAYING first";
    } else {
      refusal = request();
    }
    return true;
  });
  notify_phase(self);
  if (refusal != nullptr) {
    GST_ELEMENT_WARNING(self, RESOURCE, BUSY, ("The signal \"%s\" is ignored, %s", signal, refusal),
                        (nullptr));
  }
}

static constexpr const char* FINISHED =
    "this run is finished already: go to READY and back to train anew";

/// Whether frames are not collected any more; needs the mutex.
static bool is_finished(const Private& priv) {
  return priv.phase == Phase::building || is_over(priv.phase) || priv.finish_wanted ||
         priv.cancel_wanted;
}

static void gst_patch_core_train_finish(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  handle_signal(self, "finish", [&]() -> const char* {
    if (is_finished(priv)) return FINISHED;
    if (priv.phase == Phase::adding) {
      priv.finish_wanted = true;
    } else if (priv.trainer->added() == 0) {
      return "no frame was collected yet: wait until the property \"frames\" is above 0";
    } else {
      start_build(self);
    }
    return nullptr;
  });
}

static void gst_patch_core_train_pause(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  handle_signal(self, "pause", [&]() -> const char* {
    if (is_finished(priv)) return FINISHED;
    if (priv.phase == Phase::collected) {
      return "all frames of \"max-frames\" are collected: emit \"finish\" to build the bank";
    }
    priv.paused = true;
    return nullptr;
  });
}

static void gst_patch_core_train_resume(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  handle_signal(self, "resume", [&]() -> const char* {
    if (is_finished(priv)) return FINISHED;
    priv.paused = false;
    return nullptr;
  });
}

static void gst_patch_core_train_cancel(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  handle_signal(self, "cancel", [&]() -> const char* {
    if (is_over(priv.phase) || priv.cancel_wanted) return FINISHED;
    priv.cancel_wanted = true;
    priv.trainer->cancel();
    // Otherwise the streaming thread, or the build that is under way, does the rest.
    if (priv.phase == Phase::collecting || priv.phase == Phase::collected) give_up(self);
    return nullptr;
  });
}

static GstStateChangeReturn gst_patch_core_train_change_state(GstElement* element,
                                                              GstStateChange transition) {
  Private& priv = *GST_PATCH_CORE_TRAIN(element)->priv;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    // The parent class waits for the streaming thread, which may wait for a build, or for a place
    // among the frames that wait to be collected.
    const std::lock_guard<std::mutex> lock(priv.mutex);
    if (priv.trainer != nullptr) priv.trainer->cancel();
  }
  return GST_ELEMENT_CLASS(gst_patch_core_train_parent_class)->change_state(element, transition);
}

static void gst_patch_core_train_finalize(GObject* object) {
  delete GST_PATCH_CORE_TRAIN(object)->priv;
  G_OBJECT_CLASS(gst_patch_core_train_parent_class)->finalize(object);
}

static void gst_patch_core_train_init(GstPatchCoreTrain* self) {
  self->priv = new Private(GST_ELEMENT(self));
  gst_base_transform_set_passthrough(GST_BASE_TRANSFORM(self), TRUE);
}

static void gst_patch_core_train_class_init(GstPatchCoreTrainClass* klass) {
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  auto* transform_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_patch_core_train_set_property;
  object_class->get_property = gst_patch_core_train_get_property;
  object_class->finalize = gst_patch_core_train_finalize;
  element_class->change_state = GST_DEBUG_FUNCPTR(gst_patch_core_train_change_state);
  transform_class->start = GST_DEBUG_FUNCPTR(gst_patch_core_train_start);
  transform_class->stop = GST_DEBUG_FUNCPTR(gst_patch_core_train_stop);
  transform_class->set_caps = GST_DEBUG_FUNCPTR(gst_patch_core_train_set_caps);
  transform_class->sink_event = GST_DEBUG_FUNCPTR(gst_patch_core_train_sink_event);
  transform_class->transform_ip = GST_DEBUG_FUNCPTR(gst_patch_core_train_transform_ip);
  transform_class->transform_ip_on_passthrough = TRUE;

  gst_patch_core_train_install_settings(object_class);
  gst_patch_core_train_install_status(object_class);

  gst_patch_core_train_install_signals(object_class,
                                       {gst_patch_core_train_finish, gst_patch_core_train_pause,
                                        gst_patch_core_train_resume, gst_patch_core_train_cancel});

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "PatchCore trainer", "Filter/Analyzer/Video",
      "Learns what good frames look like and writes a memory bank for patchcoredetect",
      "The patchcore-gst authors");
}
