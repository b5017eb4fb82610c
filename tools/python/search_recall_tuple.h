// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How near an approximate index comes to exact search, for Python.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "core/search_recall.h"

namespace patchcore {

/// As the fields of patchcore.SearchRecall; None if there is none.
pybind11::object tuple_of(const std::optional<SearchRecall>& recall);

}  // namespace patchcore
