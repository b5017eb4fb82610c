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
/// | N          | `none`          | the whole frame, about N x N pixels, aspect kept           |
/// | WxH        | empty or `none` | the whole frame, exactly W x H                             |
/// | N or empty | M or WxH        | shorter side to N, then the centre M x M or W x H of it    |
///
/// @throws Error invalid_argument for anything else, and what PreprocessOptions::validate() throws
PreprocessOptions apply_input_settings(PreprocessOptions defaults, const std::string& input_size,
                                       const std::string& crop);

}  // namespace patchcore
