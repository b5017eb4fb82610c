// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patch embedding with its chain of linear steps collapsed into one small convolution a layer.
#pragma once

#include "core/options.h"
#include "core/types.h"

namespace patchcore {

/// Computes what PatchEmbedding::embed_plain() does without unfolding anything. Unfolding and both
/// poolings are linear and the same at every position, so together they are a convolution; resizing
/// works on each value apart, so it may as well come after them. The windows of the poolings are
/// runs of neighbouring values, so a channel reaches few neighbouring output values only.
///
/// @param maps     checked: at least one, none empty, one batch size
/// @param options  valid
/// @param patches  of the right size; its values are overwritten
void embed_fused(const FeatureMaps& maps, const PatchEmbeddingOptions& options,
                 PatchMatrix& patches);

}  // namespace patchcore
