// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Video frames in every format, made for tests of the elements.
#pragma once

#include <gst/video/video.h>

#include <memory>
#include <vector>

#include "core/types.h"

namespace patchcore::test {

struct BufferUnref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using Buffer = std::unique_ptr<GstBuffer, BufferUnref>;

using Bytes = std::vector<guint8>;

/// All formats of the elements' pads.
std::vector<GstVideoFormat> all_formats();

/// Of a video of 25 frames a second.
GstVideoInfo make_info(GstVideoFormat format, Size size);

/// All bytes of all memories.
Bytes bytes_of(GstBuffer* buffer);

/// A striped picture in any format.
/// @param frame   its number, for the time
/// @param padded  with rows longer than they have to be, as decoders make them
Buffer make_frame(const GstVideoInfo& info, bool defect, guint frame, bool padded = false);

}  // namespace patchcore::test
