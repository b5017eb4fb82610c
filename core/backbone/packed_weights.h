// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of a convolution as oneDNN wants them, which depends on the size of the pictures.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace patchcore {

/// Packs at the first picture of a size and keeps the result. A layout that was chosen for another
/// size still works, at up to ten times the convolution's time.
class PackedWeights {
 public:
  using InputSize = std::vector<std::int64_t>;  ///< batch, channels, height, width
  using Pack = std::function<c10::IValue(const InputSize&)>;

  explicit PackedWeights(Pack pack) : pack_(std::move(pack)) {}

  /// May be called from any thread; others wait while the weights are packed.
  c10::IValue for_input(const at::Tensor& input) const;

 private:
  Pack pack_;
  mutable std::mutex mutex_;
  mutable std::deque<std::pair<InputSize, c10::IValue>> packed_;  ///< under mutex_, newest first
};

}  // namespace patchcore
