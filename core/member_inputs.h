// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What each member of an ensemble sees of a frame.
#pragma once

#include <cstddef>
#include <vector>

#include "core/frame_embedding.h"
#include "core/inspection_area.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// FrameEmbedding::prepare() for all members, which show the same part at the same size. The input
/// of those that want the same colours is made once.
/// @param members  one or more
/// @throws Error as FrameEmbedding::check()
void prepare_for_members(const std::vector<const FrameEmbedding*>& members, const ImageView& frame,
                         const InspectedPart& part, PreparedFrame& prepared, Workspace& workspace);

/// What prepare_for_members() made for one of them.
const InputTensor& member_input(const PreparedFrame& frame, std::size_t member);
const IgnoredPatches& member_ignored(const PreparedFrame& frame, std::size_t member);

/// The inputs of several frames for one of the members, in one batch; of a single frame as it is.
/// @param frames  one or more, of one size
/// @param joined  memory for a batch of more than one
const InputTensor& member_batch(const std::vector<const PreparedFrame*>& frames, std::size_t member,
                                InputTensor& joined);

/// Whether both show the same part of every frame at the same size.
bool same_geometry(const PreprocessOptions& a, const PreprocessOptions& b);

}  // namespace patchcore
