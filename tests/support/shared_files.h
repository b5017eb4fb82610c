// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The folder with reference values and pictures, which not every checkout has beside it.
#pragma once

#include <string>

namespace patchcore::test {

/// The path of @p name in $PATCHCORE_SHARED (without it: in ../shared, seen from the project's
/// root), or an empty string if there is no such file.
std::string shared_file(const std::string& name);

}  // namespace patchcore::test

/// Sets @p variable to the path of a shared file, or skips the test with its name.
#define PATCHCORE_SHARED_FILE_OR_SKIP(variable, name)                \
  const std::string variable = ::patchcore::test::shared_file(name); \
  if ((variable).empty()) GTEST_SKIP() << "no shared file " << (name) << ", see PATCHCORE_SHARED"
