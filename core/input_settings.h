// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `input-size` and `crop`, as people write them.
#pragma once

#include <string>

#include "core/options.h"

namespace patchcore {

/// Changes @p defaults as the two settings ask.
///
/// | input_size | crop            | result                                                     |
/// |------------|-----------------|------------------------------------------------------------|
/// | empty      | empty           | the defaults                                               |
/// | N          | empty           | the defaults with N as their area or shorter side          |
/// | N or empty | `none`          | the whole frame, about N x N pixels, aspect kept           |
/// | N or empty | M or WxH        | shorter side to N, then the centre M x M or W x H of it    |
/// | shorter:N  | empty or `none` | the whole frame, shorter side N, aspect kept               |
/// | shorter:N  | M or WxH        | shorter side to N, then the centre M x M or W x H of it    |
/// | WxH        | empty or `none` | the whole frame, exactly W x H                             |
/// | WxH        | M or UxV        | exactly W x H, then the centre M x M or U x V of it        |
///
/// @throws Error invalid_argument for anything else, and what PreprocessOptions::validate() throws
PreprocessOptions apply_input_settings(PreprocessOptions defaults, const std::string& input_size,
                                       const std::string& crop);

}  // namespace patchcore
