// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Weights that any program can make: each value follows from the parameter's name and its index.
#include "tests/support/formula_weights.h"

#include <cmath>
#include <cstdint>

#include "core/backbone/backbone.h"

namespace patchcore::test {
namespace {

std::uint64_t fnv1a64(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char character : text)
    hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001B3;
  return hash;
}

std::uint64_t splitmix64(std::uint64_t state) {
  state += 0x9E3779B97F4A7C15;
  state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
  return state ^ (state >> 31);
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

/// A parameter is centre + spread * u.
struct Scale {
  float centre;
  float spread;
};

Scale scale_of(const ParameterShape& parameter) {
  if (ends_with(parameter.name, "running_mean")) return {0, 0.1F};
  if (ends_with(parameter.name, "running_var")) return {1, 0.1F};
  if (ends_with(parameter.name, "bias")) return {0, 0.1F};
  if (parameter.shape.size() == 1) return {0.5F, 0.1F};
  std::int64_t fan_in = 1;
  for (std::size_t i = 1; i < parameter.shape.size(); ++i) fan_in *= parameter.shape[i];
  return {0, static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in)))};
}

}  // namespace

TensorTable formula_weights(const std::string& backbone, const std::vector<std::string>& layers) {
  TensorTable table;
  for (const ParameterShape& parameter : backbone_parameters(backbone, layers)) {
    const Scale scale = scale_of(parameter);
    const std::uint64_t start = fnv1a64(parameter.name);
    std::size_t count = 1;
    for (const std::int64_t length : parameter.shape) count *= length;
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto u =
          static_cast<float>(static_cast<double>(splitmix64(start + i) >> 40) / 8388608.0 - 1);
      values[i] = scale.centre + scale.spread * u;
    }
    table[parameter.name] = StoredTensor::from_floats(parameter.shape, values.data());
  }
  return table;
}

}  // namespace patchcore::test
