// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The settings `backbone`, `layers` and `weights`, as people write them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/options.h"

namespace patchcore {

/// The members of the ensemble that the three settings describe, one for a single bank. Each is a
/// list with semicolons between the members; layers of one member have commas between them. There
/// are as many members as the longer one of @p backbone and @p layers has; a setting with one entry
/// is for all of them.
///
/// | backbone   | layers       | members                             |
/// |------------|--------------|-------------------------------------|
/// | `a`        | `x,y`        | a with x and y: a single bank       |
/// | `a`        | `x;y`        | a with x, a with y                  |
/// | `a;b`      | `x,y`        | a with x and y, b with x and y      |
/// | `a;b`      | `x,y;z`      | a with x and y, b with z            |
/// | `a;b`      | empty        | each with its own default           |
///
/// @param weights  files; an empty entry is searched for by the backbone's name
/// @throws Error invalid_argument for lists of different lengths, and for an empty name
std::vector<BackboneOptions> parse_members(const std::string& backbone, const std::string& layers,
                                           const std::string& weights,
                                           bool allow_torchscript = false);

/// One text for each member.
/// @param setting  for the message
/// @param text     as many entries as there are members, or one for all
/// @throws Error invalid_argument
std::vector<std::string> split_for_members(const std::string& setting, const std::string& text,
                                           std::size_t members);

/// With commas between them, as parse_members() reads those of one member.
std::string join_layers(const std::vector<std::string>& layers);

/// With semicolons between them, also of those that are empty.
std::string join_members(const std::vector<std::string>& texts);

}  // namespace patchcore
