// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The grid that a transformer's tokens lie on.
#include "core/backbone/token_grid.h"

#include <algorithm>

namespace patchcore {
namespace {

/// DINOv2 has five, one for the class and four registers.
constexpr std::int64_t most_other_tokens = 16;

}  // namespace

std::optional<TokenGrid> find_token_grid(std::int64_t tokens, Size input) {
  for (int side = 1; side <= std::min(input.width, input.height); ++side) {
    if (input.width % side != 0 || input.height % side != 0) continue;
    const Size size = {input.width / side, input.height / side};
    const std::int64_t other_tokens = tokens - std::int64_t{size.width} * size.height;
    if (other_tokens < 0) continue;
    if (other_tokens > most_other_tokens) break;
    return TokenGrid{size, other_tokens};
  }
  return std::nullopt;
}

}  // namespace patchcore
