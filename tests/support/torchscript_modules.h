// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// TorchScript files of a few lines, made where they are needed.
#pragma once

#include <string>

namespace patchcore::test {

/// Writes a module whose forward() is @p body, lines of TorchScript that are given a picture `x`
/// and have a parameter `self.weight`, the number 2.
/// @param settings  the JSON document beside it; empty: none
void write_torchscript(const std::string& path, const std::string& body,
                       const std::string& settings = "");

/// Averages of 8 x 8 and of 16 x 16 pixels, under the names "fine" and "coarse".
extern const char* const pyramid;

}  // namespace patchcore::test
