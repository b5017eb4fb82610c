// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Draws overlay pictures into frames.
#pragma once

#include "core/heatmap.h"
#include "core/types.h"

namespace patchcore {

/// Whether blend_overlay() knows the format: all but those with an alpha channel.
bool can_blend_overlay(PixelFormat format);

/// Lays a picture over a frame: resized bilinearly (without aligned corners) to its target,
/// colours weighted by their alpha, then frame * (1 - alpha) + colour * alpha, within three units
/// of 255 of exact arithmetic. Chroma that pixels share is that of the first of them.
/// @param picture  its target may reach beyond the frame; an empty one changes nothing
/// @throws Error invalid_argument if the frame's planes are too short or its format is not known
void blend_overlay(const OverlayPicture& picture, const WritableImageView& frame);

}  // namespace patchcore
