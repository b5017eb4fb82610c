// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Masks at the resolution at which maps are evaluated.
#pragma once

#include "core/options.h"
#include "core/types.h"
#include "tools/patchcore/datasets/picture_reading.h"
#include "tools/patchcore/evaluation/pixel_figures.h"

namespace patchcore {

/// Where maps and masks are compared.
enum class MapResolution {
  input,    ///< at what the network saw, as the published code does
  picture,  ///< at the picture's pixels, of the part that was inspected
};

/// The mask goes the picture's way: resized and cropped as the bank asks for, bilinearly. As in the
/// published code, which makes whole numbers of the result, a pixel is anomalous where the mask
/// covers it wholly (255 of 255), and a picture where any pixel of it is not zero.
/// @param part  of the picture, what the bank inspects of it
/// @param seen  Detection::input_size: the size of all of it, if the bank cuts it into tiles
/// @throws Error unsupported_frame
Mask mask_at_input(const LoadedMask& mask, PreprocessOptions options, Rect part, Size seen);

/// The mask's pixels in @p inspected.
Mask mask_at_picture(const LoadedMask& mask, Rect inspected);

}  // namespace patchcore
