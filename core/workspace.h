// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scratch memory that callers own, so that one const engine serves many threads.
#pragma once

#include <optional>
#include <vector>

#include "core/prepared_frame.h"
#include "core/stage_times.h"
#include "core/types.h"

namespace patchcore {

/// One for each thread that runs frames through an engine at the same time. Its buffers keep their
/// size between frames; nothing in them carries over from one frame to the next.
struct Workspace {
  std::vector<float> frame_rows;  ///< preprocess: rows on their way, for each OpenMP thread
  PreparedFrame prepared;
  InputTensor joined;                    ///< of the frames of a batch, or the tiles
  std::vector<InputTensor> tile_inputs;  ///< of the tiles that are embedded at once
  PatchMatrix patches;
  PatchMatrix frame_patches;  ///< of one frame of a batch, or of all tiles of one
  Neighbours neighbours;
  Neighbours frame_neighbours;  ///< of all tiles of a frame
  StageTimes stage_times = {};  ///< of what was prepared and detected last, by a Detector
  /// That compute for this one, 0 for all processors; nothing: as many as loaded the engine.
  std::optional<int> threads;
};

}  // namespace patchcore
