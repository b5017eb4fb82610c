// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A score map as OpenCV's matrix.
#pragma once

#include <opencv2/core.hpp>

#include "core/types.h"

namespace patchcore {

/// Borrows the values, float32, of a map that outlives it; nothing may be written through it.
inline cv::Mat as_mat(const ScoreMap& map) {
  return {map.height, map.width, CV_32F, const_cast<float*>(map.values.data())};
}

/// The same, to be written.
inline cv::Mat as_mat(ScoreMap& map) {
  return {map.height, map.width, CV_32F, map.values.data()};
}

}  // namespace patchcore
