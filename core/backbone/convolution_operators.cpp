// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// LibTorch's operators that are no part of its C++ interface, by name.
#include "core/backbone/convolution_operators.h"

#include <algorithm>
#include <utility>

namespace patchcore {

c10::optional<c10::OperatorHandle> find_operator(const char* name, const char* overload,
                                                 std::initializer_list<const char*> arguments) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!found) return {};
  const auto& known = found->schema().arguments();
  const bool same = std::equal(known.begin(), known.end(), arguments.begin(), arguments.end(),
                               [](const c10::Argument& argument, const char* expected) {
                                 return argument.name() == expected;
                               });
  if (!same) return {};
  return *found;
}

c10::IValue call_operator(const c10::OperatorHandle& found, std::vector<c10::IValue> arguments) {
  found.callBoxed(arguments);
  return std::move(arguments.front());
}

std::vector<std::int64_t> rows_and_columns(std::int64_t value) {
  return {value, value};
}

}  // namespace patchcore
