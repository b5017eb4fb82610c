// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A picture in an array of NumPy.
#include "tools/python/picture_array.h"

#include <limits>
#include <optional>
#include <string>

namespace py = pybind11;

namespace patchcore {
namespace {

constexpr py::ssize_t largest_side = std::numeric_limits<int>::max();

std::string text_of(const py::handle& object) {
  return py::str(object).cast<std::string>();
}

py::buffer_info require_bytes(const py::object& picture) {
  if (!py::isinstance<py::buffer>(picture)) {
    throw py::type_error("a picture must be an array of NumPy, not " +
                         text_of(py::type::of(picture).attr("__name__")) +
                         ": for a picture of Pillow use numpy.asarray(picture.convert(\"RGB\"))");
  }
  py::buffer_info array = py::reinterpret_borrow<py::buffer>(picture).request();
  if (array.format != py::format_descriptor<std::uint8_t>::format()) {
    throw py::type_error("a picture must be of uint8, 0 to 255, not of " +
                         text_of(py::getattr(picture, "dtype", py::str(array.format))));
  }
  return array;
}

std::string shape_text(const py::buffer_info& array) {
  std::string text;
  for (const py::ssize_t side : array.shape) {
    text += (text.empty() ? "" : " x ") + std::to_string(side);
  }
  return text;
}

int channels_of(const py::buffer_info& array) {
  if (array.ndim == 2) return 1;
  if (array.ndim == 3 && (array.shape[2] == 3 || array.shape[2] == 4)) {
    return static_cast<int>(array.shape[2]);
  }
  throw py::value_error("a picture of the shape " + shape_text(array) +
                        " is neither height x width (gray) nor height x width x 3 (RGB) nor height "
                        "x width x 4 (RGBA)");
}

PixelFormat format_of(int channels) {
  if (channels == 1) return PixelFormat::gray8;
  return channels == 3 ? PixelFormat::rgb : PixelFormat::rgba;
}

Size size_of(const py::buffer_info& array) {
  const py::ssize_t height = array.shape[0];
  const py::ssize_t width = array.shape[1];
  if (height < 1 || width < 1) {
    throw py::value_error("the picture is empty: shape " + shape_text(array));
  }
  if (height > largest_side || width > largest_side) {
    throw py::value_error("the picture is too large: shape " + shape_text(array));
  }
  return {static_cast<int>(width), static_cast<int>(height)};
}

py::ssize_t channel_stride(const py::buffer_info& array) {
  return array.ndim == 2 ? 1 : array.strides[2];
}

/// Whether the pixels of a row lie side by side, and the rows one after the other.
bool has_packed_rows(const py::buffer_info& array, int channels) {
  return channel_stride(array) == 1 && array.strides[1] == channels &&
         array.strides[0] >= channels * array.shape[1];
}

std::vector<std::uint8_t> pack(const py::buffer_info& array, int channels) {
  std::vector<std::uint8_t> packed;
  packed.reserve(static_cast<std::size_t>(array.shape[0]) * array.shape[1] * channels);
  const auto* first = static_cast<const std::uint8_t*>(array.ptr);
  for (py::ssize_t y = 0; y < array.shape[0]; ++y) {
    for (py::ssize_t x = 0; x < array.shape[1]; ++x) {
      const std::uint8_t* pixel = first + y * array.strides[0] + x * array.strides[1];
      for (int c = 0; c < channels; ++c) packed.push_back(pixel[c * channel_stride(array)]);
    }
  }
  return packed;
}

}  // namespace

PictureArray::PictureArray(const py::object& picture) : array_(require_bytes(picture)) {
  const int channels = channels_of(array_);
  view_.format = format_of(channels);
  view_.size = size_of(array_);
  if (has_packed_rows(array_, channels)) {
    view_.planes[0] = static_cast<const std::uint8_t*>(array_.ptr);
    view_.strides[0] = array_.strides[0];
  } else {
    copy_ = pack(array_, channels);
    view_.planes[0] = copy_.data();
    view_.strides[0] = static_cast<std::ptrdiff_t>(channels) * view_.size.width;
  }
}

}  // namespace patchcore
