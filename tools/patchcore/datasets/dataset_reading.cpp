// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Finds the categories of a data set.
#include "tools/patchcore/datasets/dataset_reading.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "tools/patchcore/datasets/good_bad_layout.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/datasets/train_test_layout.h"
#include "tools/patchcore/datasets/visa_layout.h"

namespace patchcore {
namespace {

struct Reader {
  DatasetLayout layout;
  bool (*fits)(const std::string& folder);
  Category (*read)(const std::string& folder);
};

constexpr Reader readers[] = {
    {DatasetLayout::train_test, is_train_test_category, read_train_test_category},
    {DatasetLayout::visa, is_visa_category, read_visa_category},
    {DatasetLayout::good_bad, is_good_bad_category, read_good_bad_category},
};

std::optional<CategoryFolder> as_category(const std::string& folder, DatasetLayout layout) {
  for (const Reader& reader : readers) {
    if ((layout == DatasetLayout::automatic || layout == reader.layout) && reader.fits(folder)) {
      return CategoryFolder{last_name(folder), folder, reader.layout};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<CategoryFolder> find_categories(const std::string& folder, DatasetLayout layout) {
  const std::vector<std::string> names = list_folders(folder);
  if (const auto itself = as_category(folder, layout)) return {*itself};
  std::vector<CategoryFolder> categories;
  for (const std::string& name : names) {
    if (const auto category = as_category(folder + "/" + name, layout)) {
      categories.push_back(*category);
    }
  }
  if (categories.empty()) {
    throw Error(ErrorCode::not_found,
                "\"" + folder +
                    "\" is no data set that is known: neither it nor a folder in it has "
                    "train/ and test/ (MVTec AD, BTAD), Data/Images/ (VisA), or good/ and bad/");
  }
  return categories;
}

std::vector<CategoryFolder> choose_categories(const std::vector<CategoryFolder>& categories,
                                              const std::vector<std::string>& names) {
  if (names.empty()) return categories;
  std::vector<CategoryFolder> chosen;
  for (const std::string& name : names) {
    const auto found = std::find_if(categories.begin(), categories.end(),
                                    [&](const auto& category) { return category.name == name; });
    if (found == categories.end()) {
      std::string all;
      for (const CategoryFolder& category : categories) {
        all += (all.empty() ? "" : ", ") + category.name;
      }
      throw Error(ErrorCode::not_found, "no category \"" + name + "\"; there are: " + all);
    }
    const bool twice = std::any_of(chosen.begin(), chosen.end(),
                                   [&](const auto& category) { return category.name == name; });
    if (!twice) chosen.push_back(*found);
  }
  return chosen;
}

Category read_category(const CategoryFolder& folder) {
  for (const Reader& reader : readers) {
    if (reader.layout == folder.layout) return reader.read(folder.path);
  }
  throw Error(ErrorCode::invalid_argument, "the layout of \"" + folder.path + "\" is not known");
}

}  // namespace patchcore
