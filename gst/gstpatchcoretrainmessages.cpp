// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What patchcoretrain tells on the bus: progress, and what came of the training.
#include "gst/gstpatchcoretrainmessages.h"

#include "core/calibration.h"
#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreproperties.h"

namespace {

using patchcore::TrainingStage;

constexpr std::int64_t frames_between_messages = 50;
constexpr std::chrono::seconds time_between_messages(1);

/// Beyond it, relative, a frame's score says little beside the threshold.
constexpr double tolerable_score_error = 0.1;

const char* stage_code(TrainingStage stage) {
  switch (stage) {
    case TrainingStage::collecting:
      return "collecting";
    case TrainingStage::coreset:
      return "coreset";
    case TrainingStage::calibration:
      return "calibration";
    case TrainingStage::writing:
      break;
  }
  return "writing";
}

}  // namespace

void GstPatchCoreTrainProgress::collected(const patchcore::CollectedSoFar& so_far,
                                          std::int64_t limit) {
  if (GST_STATE(element_) != GST_STATE_PLAYING) return;
  const std::int64_t frames = so_far.frames;
  const auto now = std::chrono::steady_clock::now();
  const bool begins = stage_ != TrainingStage::collecting;
  const bool another = frames != last_frames_;
  // Frames that are skipped change nothing once all are there.
  if (limit > 0 && frames == limit && !another) return;
  last_frames_ = frames;
  if (!begins && !(another && (frames % frames_between_messages == 0 || frames == limit)) &&
      now - last_collected_ < time_between_messages) {
    return;
  }
  coverage_ = so_far.coverage;
  last_collected_ = now;
  if (limit == 0) {
    update(TrainingStage::collecting, "collecting: frame " + std::to_string(frames), {});
    return;
  }
  const int percent = static_cast<int>(100 * frames / limit);
  if (begins || frames < limit) {
    update(TrainingStage::collecting, "collecting: " + std::to_string(percent) + " %", percent);
  }
  if (frames == limit) complete();
}

void GstPatchCoreTrainProgress::building(TrainingStage stage, int percent,
                                         const std::string& text) {
  update(stage, text, percent);
}

void GstPatchCoreTrainProgress::complete() {
  if (stage_) end(GST_PROGRESS_TYPE_COMPLETE, std::string(stage_code(*stage_)) + ": 100 %");
}

void GstPatchCoreTrainProgress::fail(const std::string& reason) {
  if (stage_) end(GST_PROGRESS_TYPE_ERROR, stage_code(*stage_) + (": " + reason));
}

void GstPatchCoreTrainProgress::cancel() {
  if (stage_) end(GST_PROGRESS_TYPE_CANCELED, std::string(stage_code(*stage_)) + ": canceled");
}

void GstPatchCoreTrainProgress::update(TrainingStage stage, const std::string& text,
                                       std::optional<int> percent) {
  const bool begins = stage_ != stage;
  if (begins) {
    complete();
    stage_ = stage;
  }
  percent_ = percent;
  post(begins ? GST_PROGRESS_TYPE_START : GST_PROGRESS_TYPE_CONTINUE, text);
}

void GstPatchCoreTrainProgress::end(GstProgressType type, const std::string& text) {
  post(type, text);
  stage_.reset();
  coverage_.reset();
}

void GstPatchCoreTrainProgress::post(GstProgressType type, const std::string& text) {
  GstMessage* message = gst_message_new_progress(GST_OBJECT(element_), type, stage_code(*stage_),
                                                 gst_patch_core_valid_utf8(text).c_str());
  // GStreamer sets its own: 100 at the end of each stage, else 0.
  GstStructure* structure = gst_message_writable_structure(message);
  if (percent_) {
    gst_structure_set(structure, "percent", G_TYPE_INT, *percent_, nullptr);
  } else {
    gst_structure_remove_field(structure, "percent");
  }
  if (coverage_) gst_structure_set(structure, "coverage", G_TYPE_DOUBLE, *coverage_, nullptr);
  gst_element_post_message(element_, message);
}

static void warn_of_a_guess(GstElement* element, const patchcore::TrainingReport& report,
                            const std::string& path) {
  GST_ELEMENT_WARNING(element, RESOURCE, SETTINGS,
                      ("The threshold %g of \"%s\" is a guess, it comes from %" G_GINT64_FORMAT
                       " held-out frames: train with %" G_GSIZE_FORMAT
                       " good frames or more, or set the threshold of "
                       "patchcoredetect by hand",
                       report.threshold, path.c_str(), static_cast<gint64>(report.held_out_frames),
                       patchcore::trusted_training_frames),
                      (nullptr));
}

static void warn_of_score_errors(GstElement* element, const patchcore::TrainingReport& report,
                                 const std::string& path) {
  GST_ELEMENT_WARNING(
      element, RESOURCE, SETTINGS,
      ("With the index %s a held-out frame of \"%s\" has a score that is off by %.0f %% of the "
       "exact one, and so may be defective ones: use index=auto, which is exact, here or in "
       "patchcoredetect",
       patchcore::index_name(report.index), path.c_str(), 100 * report.recall->largest_score_error),
      (nullptr));
}

void gst_patch_core_post_trained(GstElement* element, const patchcore::TrainingReport& report) {
  const std::string path = gst_patch_core_valid_utf8(report.path);
  GstStructure* figures = gst_structure_new(
      "patchcore-trained",                                                           //
      "bank", G_TYPE_STRING, path.c_str(),                                           //
      "frames", G_TYPE_INT64, static_cast<gint64>(report.frames),                    //
      "earlier-frames", G_TYPE_INT64, static_cast<gint64>(report.earlier_frames),    //
      "patches", G_TYPE_INT64, static_cast<gint64>(report.patches),                  //
      "bank-patches", G_TYPE_INT64, static_cast<gint64>(report.bank_patches),        //
      "dimension", G_TYPE_INT64, static_cast<gint64>(report.dimension),              //
      "held-out-frames", G_TYPE_INT64, static_cast<gint64>(report.held_out_frames),  //
      "threshold", G_TYPE_DOUBLE, report.threshold,                                  //
      "usual-score", G_TYPE_DOUBLE, report.usual_score,                              //
      "threshold-is-guess", G_TYPE_BOOLEAN, static_cast<gboolean>(report.threshold_is_guess),
      "seconds", G_TYPE_DOUBLE, report.seconds,  //
      "device", G_TYPE_STRING, report.device.c_str(), nullptr);
  gst_patch_core_index_add_fields(figures, report.index, report.recall);
  gst_element_post_message(element, gst_message_new_element(GST_OBJECT(element), figures));

  if (report.threshold_is_guess) warn_of_a_guess(element, report, path);
  if (report.recall && report.recall->largest_score_error > tolerable_score_error) {
    warn_of_score_errors(element, report, path);
  }
}
