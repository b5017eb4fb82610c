// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Finds the categories of a data set.
#pragma once

#include <string>
#include <vector>

#include "tools/patchcore/datasets/dataset.h"

namespace patchcore {

struct CategoryFolder {
  std::string name;
  std::string path;
  DatasetLayout layout = DatasetLayout::automatic;  ///< what it was found to be
};

/// The categories that @p folder has, in order of their names; or @p folder itself, if it is one.
/// @param layout  automatic: any, tried in the order of DatasetLayout
/// @throws Error not_found if there are none, read_failed
std::vector<CategoryFolder> find_categories(const std::string& folder, DatasetLayout layout);

/// Those of @p categories that have one of the names, in the order of the names; all without names.
/// @throws Error not_found with the names that there are
std::vector<CategoryFolder> choose_categories(const std::vector<CategoryFolder>& categories,
                                              const std::vector<std::string>& names);

/// @throws Error not_found, read_failed, corrupt
Category read_category(const CategoryFolder& folder);

}  // namespace patchcore
