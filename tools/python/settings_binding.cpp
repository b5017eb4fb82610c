// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings of training and detection in Python, named as the properties of the elements.
#include "tools/python/settings_binding.h"

#include <pybind11/stl.h>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/detector.h"
#include "core/ensemble_settings.h"
#include "core/error.h"
#include "core/options.h"
#include "core/presets.h"

namespace py = pybind11;

namespace patchcore {
namespace {

/// A setting of a few values, by the names that users write.
template <typename Value>
struct Choice {
  template <std::size_t count>
  constexpr Choice(const Value (&all)[count], const char* (*name)(Value))
      : values(all), end(all + count), name_of(name) {}

  /// @throws Error invalid_argument
  Value find(const char* setting, const std::string& name) const {
    std::string names;
    for (const Value* value = values; value != end; ++value) {
      if (name == name_of(*value)) return *value;
      names += std::string(names.empty() ? "" : ", ") + name_of(*value);
    }
    throw Error(ErrorCode::invalid_argument,
                std::string(setting) + " is \"" + name + "\", it must be one of " + names);
  }

  const Value* values;
  const Value* end;
  const char* (*name_of)(Value);
};

constexpr Choice samplers(all_samplers, sampler_name);
constexpr Choice score_modes(all_score_modes, score_mode_name);
constexpr Choice image_scores(all_image_scores, image_score_name);
constexpr Choice precisions(all_precisions, precision_name);
constexpr Choice indices(all_indices, index_name);
constexpr Choice presets(all_presets, preset_name);

/// A member of a member of ... of an object.
template <typename Object, typename First, typename... Rest>
auto& follow(Object& object, First first, Rest... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return object.*first;
  } else {
    return follow(object.*first, rest...);
  }
}

/// The settings of one kind of options. Each has a name, and a path of members that leads to it.
template <typename Options>
class SettingsBinding {
 public:
  /// @param make  what Python gets of a call of the class
  template <typename Make>
  SettingsBinding(py::module_& module, const char* name, Make make) : bound_(module, name) {
    bound_.def(py::init(make));
  }

  template <typename... Path>
  void add(const char* name, Path... path) {
    using Value = std::decay_t<decltype(follow(std::declval<Options&>(), path...))>;
    bound_.def_property(
        name, [path...](Options& options) { return follow(options, path...); },
        [path...](Options& options, Value value) { follow(options, path...) = std::move(value); });
  }

  /// Of which nothing, None, is empty.
  template <typename... Path>
  void add_optional(const char* name, Path... path) {
    using Value = std::decay_t<decltype(follow(std::declval<Options&>(), path...))>;
    bound_.def_property(
        name,
        [path...](Options& options) {
          const Value& value = follow(options, path...);
          return value.empty() ? std::nullopt : std::optional<Value>(value);
        },
        [path...](Options& options, std::optional<Value> value) {
          follow(options, path...) = value ? std::move(*value) : Value();
        });
  }

  template <typename Value, typename... Path>
  void add_choice(const char* name, const Choice<Value>& choice, Path... path) {
    bound_.def_property(
        name,
        [&choice, path...](Options& options) { return choice.name_of(follow(options, path...)); },
        [&choice, name, path...](Options& options, const std::string& value) {
          follow(options, path...) = choice.find(name, value);
        });
  }

 private:
  py::class_<Options> bound_;
};

/// Of presets, and of the engine's defaults, which are single banks.
TrainingSettings settings_of(const TrainerOptions& options) {
  return {options, options.backbone.name, join_layers(options.backbone.layers),
          options.backbone.weights};
}

void bind_trainer_options(py::module_& module) {
  using Options = TrainingSettings;
  SettingsBinding<Options> settings(module, "TrainerOptions",
                                    [] { return settings_of(TrainerOptions()); });
  settings.add("backbone", &Options::backbone_text);
  settings.add_optional("weights", &Options::weights_text);
  settings.add("allow_torchscript", &Options::backbone, &BackboneOptions::allow_torchscript);
  settings.add_optional("layers", &Options::layers_text);
  settings.add_optional("input_size", &Options::input_size);
  settings.add_optional("crop", &Options::crop);
  settings.add("tile_size", &Options::tile_size);
  settings.add("tile_overlap", &Options::tile_overlap);
  settings.add_optional("region", &Options::region);
  settings.add_optional("mask", &Options::mask);
  settings.add("patch_size", &Options::patch_size);
  settings.add("pretrain_embed_dimension", &Options::pretrain_embed_dimension);
  settings.add("target_embed_dimension", &Options::target_embed_dimension);
  settings.add_choice("sampler", samplers, &Options::coreset, &CoresetOptions::sampler);
  settings.add("coreset_ratio", &Options::coreset, &CoresetOptions::ratio);
  settings.add("max_patches", &Options::coreset, &CoresetOptions::max_patches);
  settings.add("memory_limit", &Options::memory_limit);
  settings.add("neighbours", &Options::scoring, &ScoringOptions::neighbours);
  settings.add_choice("score_mode", score_modes, &Options::scoring, &ScoringOptions::mode);
  settings.add_choice("image_score", image_scores, &Options::scoring, &ScoringOptions::image_score);
  settings.add_choice("precision", precisions, &Options::precision);
  settings.add("device", &Options::device);
  settings.add_choice("index", indices, &Options::index);
  settings.add("max_frames", &Options::max_frames);
  settings.add("min_novelty", &Options::min_novelty);
  settings.add("seed", &Options::coreset, &CoresetOptions::seed);
  settings.add("threads", &Options::threads);
  settings.add("store_weights", &Options::store_weights);
  settings.add_optional("append_to", &Options::append_to);

  module.def(
      "preset_options",
      [](const std::string& preset) {
        TrainerOptions options;
        apply_preset(presets.find("preset", preset), options);
        return settings_of(options);
      },
      py::arg("preset"));
}

void bind_detector_options(py::module_& module) {
  using Options = DetectorOptions;
  SettingsBinding<Options> settings(module, "DetectorOptions", [] { return Options(); });
  settings.add_optional("weights", &Options::weights);
  settings.add("allow_torchscript", &Options::allow_torchscript);
  settings.add_choice("index", indices, &Options::index);
  settings.add_choice("precision", precisions, &Options::precision);
  settings.add("device", &Options::device);
  settings.add("threads", &Options::threads);
}

void bind_detection_options(py::module_& module) {
  using Options = DetectionOptions;
  SettingsBinding<Options> settings(module, "DetectionOptions", [] { return Options(); });
  settings.add("threshold", &Options::threshold);
  settings.add("min_region_area", &Options::min_region_area);
}

}  // namespace

TrainerOptions TrainingSettings::resolved() const {
  TrainerOptions options = *this;
  options.set_members(
      parse_members(backbone_text, layers_text, weights_text, backbone.allow_torchscript));
  return options;
}

void bind_settings(py::module_& module) {
  bind_trainer_options(module);
  bind_detector_options(module);
  bind_detection_options(module);
}

}  // namespace patchcore
