// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What is drawn over an inspected frame: heatmap, contour and label, as pictures with alpha.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// A picture to lay over the frame, BGRA, 8 bits, straight alpha, rows densely packed.
struct OverlayPicture {
  Size size;                         ///< of the picture
  Rect target;                       ///< where it goes, frame pixels; scaled if sizes differ
  std::vector<std::uint8_t> pixels;  ///< 4 * size.width * size.height
};

/// The anomaly map in colours that mean the same on every frame: transparent up to
/// detection.usual_score, full colour and @p opacity at the threshold and beyond. Only the part
/// that shows; empty if nothing does.
/// @param opacity  0 to 1
OverlayPicture draw_heatmap(const Detection& detection, double opacity);

/// The outlines of the parts of the map that reach the threshold. Only the part that shows; empty
/// if nothing does.
OverlayPicture draw_contour(const Detection& detection, double opacity);

/// A line of text on a dark plate, red for anomalous and green for normal, at the upper left
/// corner of the frame.
OverlayPicture draw_label(const Detection& detection, const std::string& text, Size frame);

}  // namespace patchcore
