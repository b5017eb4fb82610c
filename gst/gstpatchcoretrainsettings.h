// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of patchcoretrain: its writable properties and what they mean to the engine.
#pragma once

#include <gst/gst.h>

#include <string>

#include "core/options.h"
#include "core/presets.h"
#include "core/trainer.h"

/// The values of the properties, as they were set. Empty strings and the numbers named below stand
/// for the backbone's default.
struct GstPatchCoreTrainSettings {
  static constexpr gint backbone_patch_size = 0;
  static constexpr gint backbone_dimension = -1;

  GstPatchCoreTrainSettings();

  /// @throws patchcore::Error invalid_argument
  patchcore::TrainerOptions trainer_options() const;

  std::string bank;
  bool append;
  patchcore::Preset preset;  // the last one that was applied
  std::string backbone;
  std::string weights;
  bool allow_torchscript;
  std::string layers;  // comma-separated
  std::string input_size;
  std::string crop;
  guint tile_size;
  gdouble tile_overlap;
  std::string region;
  std::string mask;
  std::string region_from_meta;
  gint patch_size;
  gint pretrain_embed_dimension;
  gint target_embed_dimension;
  patchcore::SamplerKind sampler;
  gdouble coreset_ratio;
  guint max_patches;
  guint interval;
  guint max_frames;
  gdouble min_novelty;
  gint neighbours;
  patchcore::ScoreMode score_mode;
  patchcore::ImageScore image_score;
  guint64 memory_limit;
  patchcore::Precision precision;
  std::string device;
  patchcore::IndexKind index;
  guint64 seed;
  gint threads;
  bool store_weights;
};

/// The identifiers of the properties: those that the settings hold, then the element's own.
enum GstPatchCoreTrainProperty {
  PROP_0,
  PROP_BANK,
  PROP_APPEND,
  PROP_PRESET,
  PROP_BACKBONE,
  PROP_WEIGHTS,
  PROP_ALLOW_TORCHSCRIPT,
  PROP_LAYERS,
  PROP_INPUT_SIZE,
  PROP_CROP,
  PROP_TILE_SIZE,
  PROP_TILE_OVERLAP,
  PROP_REGION,
  PROP_MASK,
  PROP_REGION_FROM_META,
  PROP_PATCH_SIZE,
  PROP_PRETRAIN_EMBED_DIMENSION,
  PROP_TARGET_EMBED_DIMENSION,
  PROP_SAMPLER,
  PROP_CORESET_RATIO,
  PROP_MAX_PATCHES,
  PROP_MEMORY_LIMIT,
  PROP_PRECISION,
  PROP_DEVICE,
  PROP_INDEX,
  PROP_INTERVAL,
  PROP_MAX_FRAMES,
  PROP_MIN_NOVELTY,
  PROP_NEIGHBOURS,
  PROP_SCORE_MODE,
  PROP_IMAGE_SCORE,
  PROP_SEED,
  PROP_THREADS,
  PROP_STORE_WEIGHTS,
  PROP_PHASE,
  PROP_FRAMES,
  PROP_PATCHES,
  PROP_SKIPPED,
  PROP_COVERAGE,
  PROP_BANK_PATCHES
};

/// Installs the properties from PROP_BANK to PROP_STORE_WEIGHTS.
void gst_patch_core_train_install_settings(GObjectClass* object_class);

/// Both want the lock that guards @p settings.
/// @return false if @p id is none of those properties; of the preset, which sets others, it is not
///         told: gst_patch_core_train_apply_preset()
bool gst_patch_core_train_set_setting(GstPatchCoreTrainSettings& settings, guint id,
                                      const GValue* value);
bool gst_patch_core_train_get_setting(const GstPatchCoreTrainSettings& settings, guint id,
                                      GValue* value);
