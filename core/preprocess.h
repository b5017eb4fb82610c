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

  /// @param part  of a frame, what is seen of it; frame pixels
  /// @throws Error unsupported_frame if it is smaller than 32 pixels in a direction, the largest
  /// stride of the supported backbones
  InputGeometry geometry(Rect part) const;
  /// Of a whole frame.
  InputGeometry geometry(Size frame) const;

  /// Writes one picture: @p output becomes [1, 3, height, width] of geometry(part).input. Exactly
  /// as if the part were a frame of its own; columns and rows that share their chroma may be split.
  /// @param part  inside of the frame
  void run(const ImageView& frame, Rect part, InputTensor& output, Workspace& workspace) const;
  /// Of the whole frame.
  void run(const ImageView& frame, InputTensor& output, Workspace& workspace) const;

  const PreprocessOptions& options() const { return options_; }

 private:
  PreprocessOptions options_;
};

}  // namespace patchcore
