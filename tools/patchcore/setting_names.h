// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Settings with a few values, by the names that the elements' properties have for them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "core/options.h"
#include "core/presets.h"
#include "tools/patchcore/datasets/dataset.h"

namespace patchcore {

template <typename Value>
using SettingNames = std::map<std::string, Value>;

const SettingNames<Preset>& preset_names();
const SettingNames<SamplerKind>& sampler_names();
const SettingNames<ScoreMode>& score_mode_names();
const SettingNames<ImageScore>& image_score_names();
const SettingNames<Precision>& precision_names();
const SettingNames<IndexKind>& index_names();
const SettingNames<DatasetLayout>& layout_names();

/// @return the first name in alphabetical order, empty if there is none
template <typename Value>
std::string name_in(const SettingNames<Value>& names, Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "";
}

/// Adds an option that takes one of the names.
/// @param chosen  what is done with the one that is given
/// @param usual   the one that stands for the option not given
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& option,
                        const std::function<void(Value)>& chosen, Value usual,
                        const SettingNames<Value>& names, const std::string& text) {
  std::string all;
  for (const auto& [name, value] : names) all += (all.empty() ? "" : ", ") + name;
  return command
      .add_option_function<std::string>(
          option, [chosen, &names](const std::string& name) { chosen(names.at(name)); },
          text + ": " + all)
      ->check(CLI::Validator(
          [&names, all](const std::string& name) {
            return names.count(name) > 0 ? "" : "\"" + name + "\" is none of " + all;
          },
          ""))
      ->type_name("NAME")
      ->default_str(name_in(names, usual));
}

/// The same, stored in @p target.
template <typename Value>
CLI::Option* add_choice(CLI::App& command, const std::string& option, Value& target,
                        const SettingNames<Value>& names, const std::string& text) {
  return add_choice<Value>(
      command, option, [&target](Value value) { target = value; }, target, names, text);
}

}  // namespace patchcore
