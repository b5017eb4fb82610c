// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One result of a frame from those of the parts that were cut out of it.
#pragma once

#include <vector>

#include "core/types.h"

namespace patchcore {

/// The frame is as anomalous as its worst part: score, threshold and verdict are that one's. The
/// regions are those of all parts. The map covers the smallest rectangle around all parts, in cells
/// as fine as the finest of theirs (but 256 of them a side at most); each takes the largest score
/// of the parts' cells that it touches, and 0 between the parts. Of a single part it is that one's
/// result as it is.
/// @param parts  one or more, with the same threshold
/// @throws Error invalid_argument if there is none, or one without a map
Detection combine_parts(const std::vector<Detection>& parts);

}  // namespace patchcore
