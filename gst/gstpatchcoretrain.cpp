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
 * gst-launch-1.0 videotestsrc num-buffers=100 ! patchcoretrain bank=normal.bank ! fakesink
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
 * `collecting` it is there only if #GstPatchCoreTrain:max-frames is set.
 *
 * At the end comes an element message `patchcore-trained` with these fields:
 *
 * * `bank`, #gchararray: the file that was written
 * * `frames`, #gint64: frames that were collected
 * * `patches`, #gint64: patches that were collected
 * * `bank-patches`, #gint64: patches that were kept
 * * `dimension`, #gint64: values of a patch
 * * `held-out-frames`, #gint64: frames that the threshold was computed from
 * * `threshold`, #gdouble: scores from here on are anomalous
 * * `usual-score`, #gdouble: the median score of good frames
 * * `threshold-is-guess`, #gboolean: there were too few frames to trust the threshold; a warning
 *   says so as well
 * * `seconds`, #gdouble: that building the bank took
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
#include "gst/gstpatchcoretrainmessages.h"
#include "gst/gstpatchcoretrainsettings.h"

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
  over,  // the bank is written, or an error was posted: frames pass
};

struct Private {
  explicit Private(GstElement* element) : progress(element) {}

  // Guards everything below but what names another guard. Never held while a message is posted,
  // a frame is added or the trainer is waited for.
  std::mutex mutex;
  std::condition_variable phase_changed;

  GstPatchCoreTrainSettings settings;

  Phase phase = Phase::stopped;
  bool finish_wanted = false;  // by the signal, while a frame was being added
  bool flushing = false;
  guint64 frames = 0;  // of the latest run, once it has stopped
  guint64 patches = 0;
  guint64 bank_patches = 0;
  // The pointer changes in start() and stop() only, so the streaming thread uses it unguarded.
  std::unique_ptr<patchcore::Trainer> trainer;

  // Of start() and, between it and stop(), of the streaming thread.
  GstPatchCoreTrainSettings run;
  GstVideoInfo info = {};
  guint64 seen = 0;  // frames, those that the interval skips as well

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

static void gst_patch_core_train_set_property(GObject* object, guint id, const GValue* value,
                                              GParamSpec* spec) {
  Private& priv = *GST_PATCH_CORE_TRAIN(object)->priv;

  const std::lock_guard<std::mutex> lock(priv.mutex);
  if (!gst_patch_core_train_set_setting(priv.settings, id, value)) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
  }
}

/// Needs the mutex.
static void update_counts(Private& priv) {
  if (priv.trainer == nullptr) return;
  priv.frames = static_cast<guint64>(priv.trainer->frames());
  priv.patches = static_cast<guint64>(priv.trainer->patches());
}

static void gst_patch_core_train_get_property(GObject* object, guint id, GValue* value,
                                              GParamSpec* spec) {
  Private& priv = *GST_PATCH_CORE_TRAIN(object)->priv;

  const std::lock_guard<std::mutex> lock(priv.mutex);
  update_counts(priv);
  switch (id) {
    case PROP_FRAMES:
      g_value_set_uint64(value, priv.frames);
      break;
    case PROP_PATCHES:
      g_value_set_uint64(value, priv.patches);
      break;
    case PROP_BANK_PATCHES:
      g_value_set_uint64(value, priv.bank_patches);
      break;
    default:
      if (!gst_patch_core_train_get_setting(priv.settings, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
      }
  }
}

static void end_run(Private& priv) {
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.phase = Phase::over;
  }
  priv.phase_changed.notify_all();
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
  callbacks.done = [&priv, element](const patchcore::TrainingReport& report) {
    {
      const std::lock_guard<std::mutex> lock(priv.mutex);
      priv.bank_patches = static_cast<guint64>(report.bank_patches);
    }
    priv.progress.complete();
    gst_patch_core_post_trained(element, report);
    end_run(priv);
  };
  callbacks.failed = [&priv, element](const patchcore::Error& error) {
    if (error.code() == patchcore::ErrorCode::cancelled) {
      priv.progress.cancel();
    } else {
      priv.progress.fail(error.what());
      gst_patch_core_post_error(element, error);
    }
    end_run(priv);
  };
  return callbacks;
}

/// Needs the mutex, so that no callback comes before the phase is set.
static void start_build(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  priv.phase = Phase::over;
  priv.trainer->start_build(priv.run.bank, make_callbacks(self));
  priv.phase = Phase::building;
}

static gboolean gst_patch_core_train_start(GstBaseTransform* transform) {
  GstPatchCoreTrain* self = GST_PATCH_CORE_TRAIN(transform);
  Private& priv = *self->priv;

  return gst_patch_core_guard(GST_ELEMENT(self), FALSE, [&] {
    {
      const std::lock_guard<std::mutex> lock(priv.mutex);
      priv.run = priv.settings;
    }
    if (priv.run.bank.empty()) {
      throw patchcore::Error(patchcore::ErrorCode::not_found,
                             "No file to write the memory bank to: set the property \"bank\" to a "
                             "path, e.g. bank=normal.bank");
    }
    patchcore::Trainer::check_destination(priv.run.bank);
    auto trainer = std::make_unique<patchcore::Trainer>(
        priv.run.trainer_options(), [&priv](std::int64_t frames, std::int64_t) {
          priv.progress.collected(frames, priv.run.max_frames);
        });
    const patchcore::DeviceInUse& in_use = trainer->device();
    GST_INFO_OBJECT(self, "the network runs on %s", patchcore::device_name(in_use.device).c_str());
    gst_patch_core_warn_of_device(GST_ELEMENT(self), in_use);
    gst_patch_core_warn_of_slow_precision(GST_ELEMENT(self), priv.run.precision, in_use.device);

    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.trainer = std::move(trainer);
    priv.phase = Phase::collecting;
    priv.finish_wanted = false;
    priv.flushing = false;
    priv.seen = priv.frames = priv.patches = priv.bank_patches = 0;
    return TRUE;
  });
}

static gboolean gst_patch_core_train_stop(GstBaseTransform* transform) {
  Private& priv = *GST_PATCH_CORE_TRAIN(transform)->priv;

  std::unique_ptr<patchcore::Trainer> trainer;
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    update_counts(priv);
    trainer = std::move(priv.trainer);
    priv.phase = Phase::stopped;
  }
  // Waits for a build, whose callbacks take the mutex and set the phase.
  trainer.reset();
  priv.progress.cancel();
  const std::lock_guard<std::mutex> lock(priv.mutex);
  priv.phase = Phase::stopped;
  return TRUE;
}

static gboolean gst_patch_core_train_set_caps(GstBaseTransform* transform, GstCaps* in, GstCaps*) {
  return gst_video_info_from_caps(&GST_PATCH_CORE_TRAIN(transform)->priv->info, in);
}

/// Whether the trainer is to have this frame; if so, the phase is Phase::adding.
static bool begin_adding(Private& priv, GstBuffer* buffer) {
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP)) return false;
  const std::lock_guard<std::mutex> lock(priv.mutex);
  if (priv.phase != Phase::collecting) return false;
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
    if (priv.run.max_frames > 0 && priv.trainer->added() >= priv.run.max_frames) break;
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
    GST_ELEMENT_ERROR(self, STREAM, FAILED,
                      ("Could not read a frame of %" G_GSIZE_FORMAT
                       " bytes: it does not match the format and size that were agreed on; put "
                       "videoconvert before patchcoretrain",
                       gst_buffer_get_size(buffer)),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    try {
      const patchcore::ImageView view = gst_patch_core_image_view(frame.get());
      const bool added = priv.run.region_from_meta.empty() ? priv.trainer->add(view)
                                                           : add_parts(self, view, buffer);
      return added ? GST_FLOW_OK : GST_FLOW_FLUSHING;
    } catch (const patchcore::Error& error) {
      // The element is leaving PAUSED.
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
  const GstFlowReturn added = add(self, buffer);
  if (added == GST_FLOW_ERROR) {
    priv.trainer->cancel_and_wait();
    priv.progress.fail("a frame could not be collected");
    end_run(priv);
    return added;
  }
  return gst_patch_core_guard(GST_ELEMENT(self), GST_FLOW_ERROR, [&] {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    const bool all = priv.trainer->added() == priv.run.max_frames;
    priv.phase = all ? Phase::collected : Phase::collecting;
    // A flush may have kept the first frame out: then the next one is waited for.
    if (priv.finish_wanted && priv.trainer->added() > 0) start_build(self);
    return added;
  });
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
  std::unique_lock<std::mutex> lock(priv.mutex);
  priv.phase_changed.wait(lock, [&] { return priv.phase != Phase::building || priv.flushing; });
  return !priv.flushing;
}

static void set_flushing(Private& priv, bool flushing) {
  {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    priv.flushing = flushing;
    if (priv.trainer != nullptr) priv.trainer->set_flushing(flushing);
  }
  priv.phase_changed.notify_all();
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

static void gst_patch_core_train_finish(GstPatchCoreTrain* self) {
  Private& priv = *self->priv;

  const char* refusal = nullptr;
  gst_patch_core_guard(GST_ELEMENT(self), false, [&] {
    const std::lock_guard<std::mutex> lock(priv.mutex);
    if (priv.phase == Phase::stopped) {
      refusal = "no training is under way: set the pipeline to PLAYING first";
    } else if (priv.phase == Phase::building || priv.phase == Phase::over || priv.finish_wanted) {
      refusal = "this run is finished already: go to READY and back to train anew";
    } else if (priv.phase == Phase::adding) {
      priv.finish_wanted = true;
    } else if (priv.trainer->added() == 0) {
      refusal = "no frame was collected yet: wait until the property \"frames\" is above 0";
    } else {
      start_build(self);
    }
    return true;
  });
  if (refusal != nullptr) {
    GST_ELEMENT_WARNING(self, RESOURCE, BUSY, ("The signal \"finish\" is ignored, %s", refusal),
                        (nullptr));
  }
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

static void install_counts(GObjectClass* object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstPatchCoreTrain:frames:
   *
   * Frames collected in this run, or in the last one.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_FRAMES,
      g_param_spec_uint64("frames", "Frames", "Frames collected, 0 or more", 0, G_MAXUINT64, 0,
                          flags));
  /**
   * GstPatchCoreTrain:patches:
   *
   * Patches collected in this run, or in the last one.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PATCHES,
      g_param_spec_uint64("patches", "Patches", "Patches collected, 0 or more", 0, G_MAXUINT64, 0,
                          flags));
  /**
   * GstPatchCoreTrain:bank-patches:
   *
   * Patches in the bank that this run, or the last one, wrote; 0 until then.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_BANK_PATCHES,
      g_param_spec_uint64("bank-patches", "Bank patches",
                          "Patches in the bank that was written; 0: none was yet", 0, G_MAXUINT64,
                          0, flags));
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
  install_counts(object_class);

  /**
   * GstPatchCoreTrain::finish:
   * @train: the element
   *
   * Ends collecting and builds the bank in the background while frames go on passing. The message
   * `patchcore-trained` says when it is written. The end of the stream waits for it and builds no
   * other. Ignored, with a warning, while there is nothing to finish.
   *
   * Since: 0.1
   */
  g_signal_new_class_handler("finish", G_TYPE_FROM_CLASS(klass),
                             static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION),
                             G_CALLBACK(gst_patch_core_train_finish), nullptr, nullptr, nullptr,
                             G_TYPE_NONE, 0);

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "PatchCore trainer", "Filter/Analyzer/Video",
      "Learns what good frames look like and writes a memory bank for patchcoredetect",
      "The patchcore-gst authors");
}
