// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine's errors as exceptions of Python.
#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "core/error.h"

namespace patchcore {

/// As Python code compares it, e.g. "not_found".
const char* error_code_name(ErrorCode code);

/// Of all codes, in their order.
std::vector<const char*> error_code_names();

/// Makes every Error that leaves a function of the module a `patchcore.Error`.
void translate_errors();

}  // namespace patchcore
