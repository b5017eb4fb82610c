// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Several frames in one pass of the network: put together, and taken apart again.
#include "core/frame_batch.h"

namespace patchcore {

void join_inputs(const std::vector<const InputTensor*>& inputs, InputTensor& joined) {
  joined.batch = static_cast<int>(inputs.size());
  joined.height = inputs.front()->height;
  joined.width = inputs.front()->width;
  joined.values.clear();
  joined.values.reserve(inputs.size() * inputs.front()->values.size());
  for (const InputTensor* input : inputs) {
    joined.values.insert(joined.values.end(), input->values.begin(), input->values.end());
  }
}

void copy_frame_patches(const PatchMatrix& patches, std::size_t batch, std::size_t frame,
                        PatchMatrix& own) {
  own.rows = patches.rows / batch;
  own.columns = patches.columns;
  const float* begin = patches.row(frame * own.rows);
  own.values.assign(begin, begin + own.rows * own.columns);
}

}  // namespace patchcore
