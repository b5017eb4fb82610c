// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The property preset of patchcoretrain: one that sets others.
#include "gst/gstpatchcoretrainpreset.h"

#include "core/ensemble_settings.h"
#include "core/trainer.h"

namespace {

struct NamedProperty {
  GstPatchCoreTrainProperty id;
  const char* name;
};

/// Those that a preset sets.
constexpr NamedProperty preset_properties[] = {
    {PROP_BACKBONE, "backbone"},
    {PROP_LAYERS, "layers"},
    {PROP_INPUT_SIZE, "input-size"},
    {PROP_CROP, "crop"},
    {PROP_PATCH_SIZE, "patch-size"},
    {PROP_PRETRAIN_EMBED_DIMENSION, "pretrain-embed-dimension"},
    {PROP_TARGET_EMBED_DIMENSION, "target-embed-dimension"},
    {PROP_SAMPLER, "sampler"},
    {PROP_CORESET_RATIO, "coreset-ratio"},
    {PROP_MAX_PATCHES, "max-patches"},
    {PROP_NEIGHBOURS, "neighbours"},
    {PROP_SCORE_MODE, "score-mode"},
    {PROP_IMAGE_SCORE, "image-score"},
};

}  // namespace

void gst_patch_core_train_apply_preset(GstPatchCoreTrainSettings& settings,
                                       patchcore::Preset preset) {
  settings.preset = preset;
  if (preset == patchcore::Preset::none) return;

  patchcore::TrainerOptions options;
  patchcore::apply_preset(preset, options);
  settings.backbone = options.backbone.name;
  settings.layers = patchcore::join_layers(options.backbone.layers);
  settings.input_size = options.input_size;
  settings.crop = options.crop;
  settings.patch_size = options.patch_size.value();
  settings.pretrain_embed_dimension = options.pretrain_embed_dimension.value();
  settings.target_embed_dimension = options.target_embed_dimension.value();
  settings.sampler = options.coreset.sampler;
  settings.coreset_ratio = options.coreset.ratio;
  settings.max_patches = static_cast<guint>(options.coreset.max_patches);
  settings.neighbours = options.scoring.neighbours;
  settings.score_mode = options.scoring.mode;
  settings.image_score = options.scoring.image_score;
}

void gst_patch_core_train_notify_preset(GObject* object, const GstPatchCoreTrainSettings& before,
                                        const GstPatchCoreTrainSettings& after) {
  for (const NamedProperty& property : preset_properties) {
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), property.name);
    GValue was = G_VALUE_INIT;
    GValue is = G_VALUE_INIT;
    g_value_init(&was, spec->value_type);
    g_value_init(&is, spec->value_type);
    gst_patch_core_train_get_setting(before, property.id, &was);
    gst_patch_core_train_get_setting(after, property.id, &is);
    if (g_param_values_cmp(spec, &was, &is) != 0) g_object_notify_by_pspec(object, spec);
    g_value_unset(&was);
    g_value_unset(&is);
  }
}
