// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// LibTorch's operators that are no part of its C++ interface, by name.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace patchcore {

/// The operator, if this LibTorch has it with just these arguments: names and meanings of such
/// operators change from release to release.
c10::optional<c10::OperatorHandle> find_operator(const char* name, const char* overload,
                                                 std::initializer_list<const char*> arguments);

/// Calls an operator that has one result.
c10::IValue call_operator(const c10::OperatorHandle& found, std::vector<c10::IValue> arguments);

/// An argument of type int[]: the same for rows and columns.
std::vector<std::int64_t> rows_and_columns(std::int64_t value);

}  // namespace patchcore
