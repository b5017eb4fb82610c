// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The module patchcore._engine, upon which the package patchcore stands.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "core/types.h"
#include "tools/python/map_arrays.h"
#include "tools/python/picture_scoring.h"
#include "tools/python/python_error.h"
#include "tools/python/settings_binding.h"
#include "tools/python/training_run.h"

PYBIND11_MODULE(_engine, module) {
  namespace py = pybind11;
  using namespace patchcore;

  module.doc() = "The engine of patchcore-gst. Use the package patchcore.";
  module.attr("version") = PATCHCORE_VERSION;
  module.attr("error_codes") = py::tuple(py::cast(error_code_names()));
  translate_errors();
  bind_settings(module);
  bind_training_run(module);
  bind_picture_scoring(module);
  bind_map_arrays(module);
  module.def("relative_score", &relative_score, py::arg("score"), py::arg("threshold"));
}
