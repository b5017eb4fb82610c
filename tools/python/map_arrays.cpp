// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Anomaly maps in arrays of NumPy.
#include "tools/python/map_arrays.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "core/heatmap.h"
#include "core/scoring.h"

namespace py = pybind11;

namespace patchcore {
namespace {

using Packed = py::array_t<float, py::array::c_style | py::array::forcecast>;
using Shape = std::pair<int, int>;           // height, width
using Box = std::tuple<int, int, int, int>;  // x, y, width, height

Size size_of(const Shape& shape) {
  if (shape.first < 1 || shape.second < 1) {
    throw py::value_error("the shape " + std::to_string(shape.first) + " x " +
                          std::to_string(shape.second) + " is empty");
  }
  return {shape.second, shape.first};
}

ScoreMap map_of(const Packed& array) {
  if (array.ndim() != 2 || array.size() == 0) throw py::value_error("the map has no two sides");
  return {static_cast<int>(array.shape(0)),
          static_cast<int>(array.shape(1)),
          {array.data(), array.data() + array.size()}};
}

py::array_t<float> full_map(const Packed& map, const Shape& shape, double share_seen) {
  const Size size = size_of(shape);
  const ScoreMap small = map_of(map);
  ScoreMap full;
  {
    const py::gil_scoped_release release;
    full = full_anomaly_map(small, size, share_seen);
  }
  return array_of(full);
}

/// Puts a picture of the size of its target, with blue first, on a transparent one.
void lay_onto(const OverlayPicture& picture, const Size& canvas, std::uint8_t* rgba) {
  for (int row = 0; row < picture.size.height; ++row) {
    const int y = picture.target.y + row;
    if (y < 0 || y >= canvas.height) continue;
    for (int column = 0; column < picture.size.width; ++column) {
      const int x = picture.target.x + column;
      if (x < 0 || x >= canvas.width) continue;
      const std::uint8_t* bgra =
          &picture.pixels[4 * (static_cast<std::size_t>(row) * picture.size.width + column)];
      std::uint8_t* pixel = rgba + 4 * (static_cast<std::size_t>(y) * canvas.width + x);
      pixel[0] = bgra[2];
      pixel[1] = bgra[1];
      pixel[2] = bgra[0];
      pixel[3] = bgra[3];
    }
  }
}

py::array_t<std::uint8_t> heatmap(const Packed& map, const Box& inspected, double usual_score,
                                  double threshold, const Shape& shape, double opacity) {
  if (!(opacity >= 0 && opacity <= 1)) throw py::value_error("opacity must be from 0 to 1");
  const Size canvas = size_of(shape);
  Detection detection;
  detection.map = map_of(map);
  const auto [x, y, width, height] = inspected;
  detection.inspected = {x, y, width, height};
  // So it is drawn pixel by pixel of the picture, and needs no scaling.
  detection.input_size = {width, height};
  detection.usual_score = usual_score;
  detection.threshold = threshold;
  py::array_t<std::uint8_t> picture({canvas.height, canvas.width, 4});
  std::uint8_t* rgba = picture.mutable_data();
  {
    const py::gil_scoped_release release;
    std::fill_n(rgba, 4 * static_cast<std::size_t>(canvas.width) * canvas.height, std::uint8_t{0});
    lay_onto(draw_heatmap(detection, opacity), canvas, rgba);
  }
  return picture;
}

}  // namespace

py::array_t<float> array_of(const ScoreMap& map) {
  return py::array_t<float>({map.height, map.width}, map.values.data());
}

void bind_map_arrays(py::module_& module) {
  module.def("full_map", &full_map, py::arg("map"), py::arg("shape"), py::arg("share_seen"));
  module.def("heatmap", &heatmap, py::arg("map"), py::arg("inspected"), py::arg("usual_score"),
             py::arg("threshold"), py::arg("shape"), py::arg("opacity"));
}

}  // namespace patchcore
