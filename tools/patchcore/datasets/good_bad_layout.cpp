// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Data sets that are a folder of good pictures and one of others.
#include "tools/patchcore/datasets/good_bad_layout.h"

#include <optional>

#include "tools/patchcore/datasets/picture_list.h"

namespace patchcore {
namespace {

constexpr std::size_t test_interval = 3;

std::optional<std::string> good_folder(const std::string& folder) {
  return find_folder(folder, {"good", "ok", "normal"});
}

std::optional<std::string> bad_folder(const std::string& folder) {
  return find_folder(folder, {"bad", "defective", "defect", "anomaly", "anomalous", "abnormal",
                              "ko", "nok", "ng"});
}

}  // namespace

bool is_good_bad_category(const std::string& folder) {
  return good_folder(folder) && bad_folder(folder);
}

Category read_good_bad_category(const std::string& folder) {
  Category category;
  category.name = last_name(folder);
  const std::string good = good_folder(folder).value_or(folder + "/good");
  const std::string bad = bad_folder(folder).value_or(folder + "/bad");
  const PictureList good_pictures = list_pictures(good);
  const PictureList bad_pictures = list_pictures(bad);
  share_out_good_pictures(good_pictures.paths, last_name(good), category);
  for (const std::string& path : bad_pictures.paths) {
    category.test.push_back({path, last_name(bad), true, ""});
  }
  for (const auto& [name, list] : {std::pair(good, &good_pictures), {bad, &bad_pictures}}) {
    if (list->paths.empty()) category.notes.push_back("\"" + name + "\" has no pictures");
    if (list->others > 0) {
      category.notes.push_back("\"" + name + "\": " + count_of(list->others, "file") +
                               " no picture by the name, passed over");
    }
  }
  return category;
}

void share_out_good_pictures(const std::vector<std::string>& good, const std::string& type,
                             Category& category) {
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i % test_interval == test_interval - 1) {
      category.test.push_back({good[i], type, false, ""});
    } else {
      category.train.push_back(good[i]);
    }
  }
  category.notes.push_back(
      "no split into training and testing: every third good picture is tested");
}

}  // namespace patchcore
