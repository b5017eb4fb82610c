// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From a frame of any format to the normalized tensor that the backbone takes.
#pragma once

#include "core/options.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// What part of a frame is seen, and at what size.
struct InputGeometry {
  Size input;      ///< width and height of the backbone's input
  Rect inspected;  ///< the part of the frame that it shows, frame pixels
};

/// Colour conversion, antialiased bilinear resizing (the triangle filter, widened when shrinking,
/// as Pillow and torchvision do it), crop and normalization. Immutable; any thread.
class Preprocess {
 public:
  /// @throws Error invalid_argument
  explicit Preprocess(const PreprocessOptions& options);

  /// @throws Error unsupported_frame if the frame is smaller than 32 pixels in a direction, the
  /// largest stride of the supported backbones
  InputGeometry geometry(Size frame) const;

  /// Writes one picture: @p output becomes [1, 3, height, width] of geometry(frame.size).input.
  void run(const ImageView& frame, InputTensor& output, Workspace& workspace) const;

  const PreprocessOptions& options() const { return options_; }

 private:
  PreprocessOptions options_;
};

}  // namespace patchcore
