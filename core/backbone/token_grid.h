// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The grid that a transformer's tokens lie on.
#pragma once

#include <cstdint>
#include <optional>

#include "core/types.h"

namespace patchcore {

struct TokenGrid {
  Size size;                      ///< in patches
  std::int64_t other_tokens = 0;  ///< class and register tokens, which come before the patches'
};

/// The finest grid of square patches of the input that is not of more tokens than there are.
/// @param tokens  all of them
/// @param input   pixels
/// @return nothing if no such grid leaves but a few tokens over
std::optional<TokenGrid> find_token_grid(std::int64_t tokens, Size input);

}  // namespace patchcore
