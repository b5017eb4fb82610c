// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Numbers in messages.
#pragma once

#include <string>

namespace patchcore {

/// With six significant digits, e.g. "0.25" or "1e-09": small numbers do not become 0, and the
/// decimal point is one in every locale.
std::string number_text(double value);

}  // namespace patchcore
