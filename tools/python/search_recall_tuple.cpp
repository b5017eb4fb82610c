// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How near an approximate index comes to exact search, for Python.
#include "tools/python/search_recall_tuple.h"

namespace py = pybind11;

namespace patchcore {

py::object tuple_of(const std::optional<SearchRecall>& recall) {
  if (!recall) return py::none();
  return py::make_tuple(recall->neighbours, recall->mean_score_error, recall->largest_score_error);
}

}  // namespace patchcore
