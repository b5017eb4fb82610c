// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The weights of a convolution as oneDNN wants them, which depends on the size of the pictures.
#include "core/backbone/packed_weights.h"

namespace patchcore {
namespace {

/// Streams of more sizes than these, through one network, would pack for every picture.
constexpr std::size_t sizes_kept = 4;

}  // namespace

c10::IValue PackedWeights::for_input(const at::Tensor& input) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [size, packed] : packed_) {
    if (input.sizes() == size) return packed;
  }
  packed_.emplace_front(input.sizes().vec(), pack_(input.sizes().vec()));
  if (packed_.size() > sizes_kept) packed_.pop_back();
  return packed_.front().second;
}

}  // namespace patchcore
