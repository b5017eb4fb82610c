// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A picture in an array of NumPy.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace patchcore {

/// Looks at an array of bytes, height x width (gray), height x width x 3 (RGB) or x 4 (RGBA), as
/// the engine does. It takes any buffer of Python, which is what all versions of NumPy agree on.
/// The array is kept in place; one whose pixels don't lie side by side, or whose rows go backwards,
/// is copied. Made and destroyed with Python's lock held; view() needs none.
class PictureArray {
 public:
  /// @throws pybind11::type_error for what is no array of bytes, pybind11::value_error for a shape
  /// that is none of those above or empty
  explicit PictureArray(const pybind11::object& picture);

  const ImageView& view() const { return view_; }

 private:
  pybind11::buffer_info array_;
  std::vector<std::uint8_t> copy_;  ///< empty: none was needed
  ImageView view_;
};

}  // namespace patchcore
