// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A frame on its way between threads: all that scoring it or learning from it takes.
#pragma once

#include <memory>
#include <vector>

#include "core/picture_copy.h"
#include "core/types.h"

namespace patchcore {

struct TilePlan;

/// A frame as it is scored: nothing of the frame's own memory is needed any more.
struct PreparedFrame {
  InputTensor input;       ///< of a frame that is cut into tiles: empty, with no width and height
  Rect inspected;          ///< the part of the frame that is seen, frame pixels
  IgnoredPatches ignored;  ///< of the map's grid
  std::vector<MemberInput> further;  ///< of an ensemble's members from the second on

  /// Null: the network sees all of it at once.
  std::shared_ptr<const TilePlan> tiles;
  PictureCopy picture;  ///< of a frame that is cut into tiles: from which their inputs are made
};

}  // namespace patchcore
