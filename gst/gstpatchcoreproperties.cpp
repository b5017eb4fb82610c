// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the properties of the elements share: the enumerations that they take, and their control.
#include "gst/gstpatchcoreproperties.h"

void gst_patch_core_sync_properties(GstBaseTransform* transform, GstBuffer* buffer) {
  if (transform->segment.format != GST_FORMAT_TIME) return;
  const GstClockTime stream_time =
      gst_segment_to_stream_time(&transform->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  if (GST_CLOCK_TIME_IS_VALID(stream_time)) {
    gst_object_sync_values(GST_OBJECT(transform), stream_time);
  }
}

GType gst_patch_core_overlay_flags_get_type() {
  static const GFlagsValue values[] = {
      {GST_PATCH_CORE_OVERLAY_NONE, "Leave the pixels as they are", "none"},
      {GST_PATCH_CORE_OVERLAY_HEATMAP, "Colour what is unusual", "heatmap"},
      {GST_PATCH_CORE_OVERLAY_CONTOUR, "Outline what reaches the threshold", "contour"},
      {GST_PATCH_CORE_OVERLAY_LABEL, "Write the verdict", "label"},
      {0, nullptr, nullptr}};
  static const GType type = g_flags_register_static("GstPatchCoreOverlayFlags", values);
  return type;
}

GType gst_patch_core_post_messages_get_type() {
  static const GEnumValue values[] = {
      {GST_PATCH_CORE_POST_MESSAGES_NONE, "No messages", "none"},
      {GST_PATCH_CORE_POST_MESSAGES_CHANGES, "Frames with another verdict than the one before",
       "changes"},
      {GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS, "Frames that were scored and found anomalous",
       "anomalous"},
      {GST_PATCH_CORE_POST_MESSAGES_ALL, "Every frame", "all"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCorePostMessages", values);
  return type;
}

GType gst_patch_core_mode_get_type() {
  static const GEnumValue values[] = {
      {GST_PATCH_CORE_MODE_AUTO, "The newest frame if upstream is live, otherwise every frame",
       "auto"},
      {GST_PATCH_CORE_MODE_EVERY, "Each frame is scored before it passes", "every"},
      {GST_PATCH_CORE_MODE_NEWEST, "Frames pass at once, the newest one is scored meanwhile",
       "newest"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreMode", values);
  return type;
}

GType gst_patch_core_preset_get_type() {
  using patchcore::Preset;
  static const GEnumValue values[] = {
      {static_cast<gint>(Preset::none), "Nothing is set", patchcore::preset_name(Preset::none)},
      {static_cast<gint>(Preset::amazon), "The published implementation",
       patchcore::preset_name(Preset::amazon)},
      {static_cast<gint>(Preset::anomalib), "anomalib 2", patchcore::preset_name(Preset::anomalib)},
      {static_cast<gint>(Preset::paper), "Roth et al. 2022, section 4",
       patchcore::preset_name(Preset::paper)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCorePreset", values);
  return type;
}

GType gst_patch_core_sampler_get_type() {
  using patchcore::SamplerKind;
  static const GEnumValue values[] = {
      {static_cast<gint>(SamplerKind::identity), "All patches, or the first ones",
       patchcore::sampler_name(SamplerKind::identity)},
      {static_cast<gint>(SamplerKind::random), "A random choice",
       patchcore::sampler_name(SamplerKind::random)},
      {static_cast<gint>(SamplerKind::greedy), "Farthest first, exact starting distances",
       patchcore::sampler_name(SamplerKind::greedy)},
      {static_cast<gint>(SamplerKind::approximate_greedy),
       "Farthest first, starting distances from a few random patches",
       patchcore::sampler_name(SamplerKind::approximate_greedy)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreSampler", values);
  return type;
}

GType gst_patch_core_index_get_type() {
  using patchcore::IndexKind;
  static const GEnumValue values[] = {
      {static_cast<gint>(IndexKind::automatic),
       "Detection: what the bank asks for; or else on the GPU if the device is one, or else "
       "whichever exact search is faster",
       patchcore::index_name(IndexKind::automatic)},
      {static_cast<gint>(IndexKind::screened),
       "Exact, on the processor; compares in full only where a lower bound of the distance lets "
       "it",
       patchcore::index_name(IndexKind::screened)},
      {static_cast<gint>(IndexKind::faiss_flat),
       "Exact, on the processor; compares with every patch, by FAISS",
       patchcore::index_name(IndexKind::faiss_flat)},
      {static_cast<gint>(IndexKind::faiss_ivfpq),
       "Approximate; compares with shortened patches in near clusters, by FAISS",
       patchcore::index_name(IndexKind::faiss_ivfpq)},
      {static_cast<gint>(IndexKind::faiss_hnsw),
       "Approximate; follows the links of a graph of near patches, by FAISS",
       patchcore::index_name(IndexKind::faiss_hnsw)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreIndex", values);
  return type;
}

void gst_patch_core_index_add_fields(GstStructure* structure, patchcore::IndexKind index,
                                     const std::optional<patchcore::SearchRecall>& recall) {
  gst_structure_set(structure, "index", G_TYPE_STRING, patchcore::index_name(index), nullptr);
  if (!recall) return;
  gst_structure_set(structure, "recall", G_TYPE_DOUBLE, recall->neighbours, "mean-score-error",
                    G_TYPE_DOUBLE, recall->mean_score_error, "largest-score-error", G_TYPE_DOUBLE,
                    recall->largest_score_error, nullptr);
}

GType gst_patch_core_precision_get_type() {
  using patchcore::Precision;
  static const GEnumValue values[] = {
      {static_cast<gint>(Precision::automatic),
       "fp16 on a GPU; on the processor fp32, for detection bf16 where it is made for that; what a "
       "bank that is continued was begun with",
       patchcore::precision_name(Precision::automatic)},
      {static_cast<gint>(Precision::fp32), "32 bits", patchcore::precision_name(Precision::fp32)},
      {static_cast<gint>(Precision::bf16),
       "16 bits with the range of 32; slow where the processor is not made for it",
       patchcore::precision_name(Precision::bf16)},
      {static_cast<gint>(Precision::fp16), "16 bits, for GPUs",
       patchcore::precision_name(Precision::fp16)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCorePrecision", values);
  return type;
}

GType gst_patch_core_score_mode_get_type() {
  using patchcore::ScoreMode;
  static const GEnumValue values[] = {
      {static_cast<gint>(ScoreMode::published), "Mean squared distance, as the published code",
       patchcore::score_mode_name(ScoreMode::published)},
      {static_cast<gint>(ScoreMode::paper), "Re-weighted distance, as the paper",
       patchcore::score_mode_name(ScoreMode::paper)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreScoreMode", values);
  return type;
}

GType gst_patch_core_image_score_get_type() {
  using patchcore::ImageScore;
  static const GEnumValue values[] = {
      {static_cast<gint>(ImageScore::max), "Of the worst patch, as published",
       patchcore::image_score_name(ImageScore::max)},
      {static_cast<gint>(ImageScore::top), "Mean of the worst hundredth of the patches",
       patchcore::image_score_name(ImageScore::top)},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstPatchCoreImageScore", values);
  return type;
}
