// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Several frames in one pass of the network: put together, and taken apart again.
#pragma once

#include <cstddef>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// Puts inputs one after the other.
/// @param inputs  of one frame and one size each, one or more
/// @param joined  memory that it has is used again
void join_inputs(const std::vector<const InputTensor*>& inputs, InputTensor& joined);

/// The patches of one frame among those of a batch.
/// @param patches  of @p batch frames, as many of each
/// @param frame    its number in the batch, from 0
/// @param own      memory that it has is used again
void copy_frame_patches(const PatchMatrix& patches, std::size_t batch, std::size_t frame,
                        PatchMatrix& own);

}  // namespace patchcore
