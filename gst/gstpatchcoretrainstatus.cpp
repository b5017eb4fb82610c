// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How far a run of patchcoretrain has come: the element's read-only properties.
#include "gst/gstpatchcoretrainstatus.h"

#include "gst/gstpatchcoretrainsettings.h"

GType gst_patch_core_train_phase_get_type() {
  static const GEnumValue values[] = {
      {GST_PATCH_CORE_TRAIN_PHASE_STOPPED, "No run, the element is in NULL or READY", "stopped"},
      {GST_PATCH_CORE_TRAIN_PHASE_COLLECTING, "Frames are collected", "collecting"},
      {GST_PATCH_CORE_TRAIN_PHASE_PAUSED, "Frames pass until the signal resume", "paused"},
      {GST_PATCH_CORE_TRAIN_PHASE_COLLECTED, "As many frames as max-frames are there", "collected"},
      {GST_PATCH_CORE_TRAIN_PHASE_BUILDING, "The bank is built", "building"},
      {GST_PATCH_CORE_TRAIN_PHASE_DONE, "The bank is written", "done"},
      {GST_PATCH_CORE_TRAIN_PHASE_CANCELLED, "The run was given up", "cancelled"},
      {GST_PATCH_CORE_TRAIN_PHASE_FAILED, "An error ended the run", "failed"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreTrainPhase", values);
  return type;
}

void gst_patch_core_train_install_status(GObjectClass* object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstPatchCoreTrain:phase:
   *
   * How far the run has come. Every change is notified, from the thread that makes it;
   * gst_element_add_property_notify_watch() brings it to the bus.
   *
   * Since: 0.1
   */
  g_object_class_install_property(object_class, PROP_PHASE,
                                  g_param_spec_enum("phase", "Phase", "How far the run has come",
                                                    GST_TYPE_PATCH_CORE_TRAIN_PHASE,
                                                    GST_PATCH_CORE_TRAIN_PHASE_STOPPED, flags));
  gst_type_mark_as_plugin_api(GST_TYPE_PATCH_CORE_TRAIN_PHASE, static_cast<GstPluginAPIFlags>(0));

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
   * GstPatchCoreTrain:skipped:
   *
   * Frames that were less novel than #GstPatchCoreTrain:min-novelty in this run, or in the last
   * one.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_SKIPPED,
      g_param_spec_uint64("skipped", "Skipped", "Frames not novel enough to collect, 0 or more", 0,
                          G_MAXUINT64, 0, flags));
  /**
   * GstPatchCoreTrain:coverage:
   *
   * The share of the last 50 frames, collected or skipped, that showed nothing new when they came
   * (novelty below 1.25, see #GstPatchCoreTrain:min-novelty). Where all that is normal comes by in
   * that time, 0.95 or more means that enough was seen. The field `coverage` of the progress
   * messages with the code `collecting` says the same.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_COVERAGE,
      g_param_spec_double("coverage", "Coverage",
                          "Share of the last 50 frames that showed nothing new, 0 to 1", 0, 1, 0,
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

bool gst_patch_core_train_get_status(const GstPatchCoreTrainStatus& status, guint id,
                                     GValue* value) {
  switch (id) {
    case PROP_PHASE:
      g_value_set_enum(value, status.phase);
      break;
    case PROP_FRAMES:
      g_value_set_uint64(value, static_cast<guint64>(status.so_far.frames));
      break;
    case PROP_PATCHES:
      g_value_set_uint64(value, static_cast<guint64>(status.so_far.patches));
      break;
    case PROP_SKIPPED:
      g_value_set_uint64(value, static_cast<guint64>(status.so_far.skipped));
      break;
    case PROP_COVERAGE:
      g_value_set_double(value, status.so_far.coverage);
      break;
    case PROP_BANK_PATCHES:
      g_value_set_uint64(value, static_cast<guint64>(status.bank_patches));
      break;
    default:
      return false;
  }
  return true;
}
