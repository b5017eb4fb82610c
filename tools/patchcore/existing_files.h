// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What commands do about files that are there already.
#pragma once

#include <string>

namespace patchcore {

/// Whether there is a file, a folder or anything else of that name; false where it cannot be known.
bool exists(const std::string& path);

/// For a file that is about to be written, before any work is done for it.
/// @param replace  whether the user has said --replace
/// @throws Error invalid_argument if there is one and it is not to be replaced
void refuse_to_overwrite(const std::string& path, bool replace);

}  // namespace patchcore
