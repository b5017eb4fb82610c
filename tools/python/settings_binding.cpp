// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training and detection in Python, named as the properties of the elements.
#include "tools/python/settings_binding.h"

#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <vector>

#include "core/detector.h"
#include "core/error.h"
#include "core/options.h"
#include "core/trainer.h"

namespace py = pybind11;

namespace patchcore {
namespace {

/// A setting of a few values, by the names that users write.
template <typename Value>
struct Choice {
  std::vector<Value> values;
  const char* (*name_of)(Value);

  /// @throws Error invalid_argument
  Value find(const char* setting, const std::string& name) const {
    std::string all;
    for (const Value value : values) {
      if (name == name_of(value)) return value;
      all += std::string(all.empty() ? "" : ", ") + name_of(value);
    }
    throw Error(ErrorCode::invalid_argument,
                std::string(setting) + " is \"" + name + "\", it must be one of " + all);
  }
};

const Choice<SamplerKind> samplers = {{SamplerKind::identity, SamplerKind::random,
                                       SamplerKind::greedy, SamplerKind::approximate_greedy},
                                      sampler_name};
const Choice<ScoreMode> score_modes = {{ScoreMode::published, ScoreMode::paper}, score_mode_name};
const Choice<ImageScore> image_scores = {{ImageScore::max, ImageScore::top}, image_score_name};
const Choice<Precision> precisions = {
    {Precision::automatic, Precision::fp32, Precision::bf16, Precision::fp16}, precision_name};
const Choice<IndexKind> indices = {
    {IndexKind::automatic, IndexKind::screened, IndexKind::faiss_flat, IndexKind::faiss_ivfpq,
     IndexKind::faiss_hnsw},
    index_name};

/// The settings of one kind of options. @p Get finds a setting in them: Value& (Options&).
template <typename Options>
class SettingsBinding {
 public:
  SettingsBinding(py::module_& module, const char* name) : bound_(module, name) {
    bound_.def(py::init<>());
  }

  template <typename Get>
  void add(const char* name, Get get) {
    using Value = std::decay_t<decltype(get(std::declval<Options&>()))>;
    bound_.def_property(
        name, [get](Options& options) { return get(options); },
        [get](Options& options, Value value) { get(options) = std::move(value); });
  }

  /// Of which nothing, None, is empty.
  template <typename Get>
  void add_optional(const char* name, Get get) {
    using Value = std::decay_t<decltype(get(std::declval<Options&>()))>;
    bound_.def_property(
        name,
        [get](Options& options) {
          const Value& value = get(options);
          return value.empty() ? std::nullopt : std::optional<Value>(value);
        },
        [get](Options& options, std::optional<Value> value) {
          get(options) = value ? std::move(*value) : Value();
        });
  }

  template <typename Value, typename Get>
  void add_choice(const char* name, const Choice<Value>& choice, Get get) {
    bound_.def_property(
        name, [&choice, get](Options& options) { return choice.name_of(get(options)); },
        [&choice, get, name](Options& options, const std::string& value) {
          get(options) = choice.find(name, value);
        });
  }

 private:
  py::class_<Options> bound_;
};

void bind_trainer_options(py::module_& module) {
  using Options = TrainerOptions;
  SettingsBinding<Options> settings(module, "TrainerOptions");
  settings.add(
      "backbone", [](Options & o) -> auto& { return o.backbone.name; });
  settings.add_optional(
      "weights", [](Options & o) -> auto& { return o.backbone.weights; });
  settings.add(
      "allow_torchscript", [](Options & o) -> auto& { return o.backbone.allow_torchscript; });
  settings.add_optional(
      "layers", [](Options & o) -> auto& { return o.backbone.layers; });
  settings.add_optional(
      "input_size", [](Options & o) -> auto& { return o.input_size; });
  settings.add_optional(
      "crop", [](Options & o) -> auto& { return o.crop; });
  settings.add_optional(
      "region", [](Options & o) -> auto& { return o.region; });
  settings.add_optional(
      "mask", [](Options & o) -> auto& { return o.mask; });
  settings.add(
      "patch_size", [](Options & o) -> auto& { return o.patch_size; });
  settings.add(
      "pretrain_embed_dimension", [](Options & o) -> auto& { return o.pretrain_embed_dimension; });
  settings.add(
      "target_embed_dimension", [](Options & o) -> auto& { return o.target_embed_dimension; });
  settings.add_choice(
      "sampler", samplers, [](Options & o) -> auto& { return o.coreset.sampler; });
  settings.add(
      "coreset_ratio", [](Options & o) -> auto& { return o.coreset.ratio; });
  settings.add(
      "max_patches", [](Options & o) -> auto& { return o.coreset.max_patches; });
  settings.add(
      "memory_limit", [](Options & o) -> auto& { return o.memory_limit; });
  settings.add(
      "neighbours", [](Options & o) -> auto& { return o.scoring.neighbours; });
  settings.add_choice(
      "score_mode", score_modes, [](Options & o) -> auto& { return o.scoring.mode; });
  settings.add_choice(
      "image_score", image_scores, [](Options & o) -> auto& { return o.scoring.image_score; });
  settings.add_choice(
      "precision", precisions, [](Options & o) -> auto& { return o.precision; });
  settings.add(
      "device", [](Options & o) -> auto& { return o.device; });
  settings.add_choice(
      "index", indices, [](Options & o) -> auto& { return o.index; });
  settings.add(
      "max_frames", [](Options & o) -> auto& { return o.max_frames; });
  settings.add(
      "min_novelty", [](Options & o) -> auto& { return o.min_novelty; });
  settings.add(
      "seed", [](Options & o) -> auto& { return o.coreset.seed; });
  settings.add(
      "threads", [](Options & o) -> auto& { return o.threads; });
  settings.add(
      "store_weights", [](Options & o) -> auto& { return o.store_weights; });
  settings.add_optional(
      "append_to", [](Options & o) -> auto& { return o.append_to; });
}

void bind_detector_options(py::module_& module) {
  using Options = DetectorOptions;
  SettingsBinding<Options> settings(module, "DetectorOptions");
  settings.add_optional(
      "weights", [](Options & o) -> auto& { return o.weights; });
  settings.add(
      "allow_torchscript", [](Options & o) -> auto& { return o.allow_torchscript; });
  settings.add_choice(
      "index", indices, [](Options & o) -> auto& { return o.index; });
  settings.add_choice(
      "precision", precisions, [](Options & o) -> auto& { return o.precision; });
  settings.add(
      "device", [](Options & o) -> auto& { return o.device; });
  settings.add(
      "threads", [](Options & o) -> auto& { return o.threads; });
}

void bind_detection_options(py::module_& module) {
  using Options = DetectionOptions;
  SettingsBinding<Options> settings(module, "DetectionOptions");
  settings.add(
      "threshold", [](Options & o) -> auto& { return o.threshold; });
  settings.add(
      "min_region_area", [](Options & o) -> auto& { return o.min_region_area; });
}

}  // namespace

void bind_settings(py::module_& module) {
  bind_trainer_options(module);
  bind_detector_options(module);
  bind_detection_options(module);
}

}  // namespace patchcore
