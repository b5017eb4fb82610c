// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Data sets as MVTec AD and BTAD lie in folders.
#include "tools/patchcore/datasets/train_test_layout.h"

#include <map>
#include <utility>

#include "tools/patchcore/datasets/picture_list.h"

namespace patchcore {
namespace {

bool means_good(const std::string& folder) {
  const std::string name = lower_case(folder);
  return name == "good" || name == "ok" || name == "normal";
}

/// Lists a folder's pictures and says what of it is of no use.
std::vector<std::string> pictures_in(const std::string& folder, Category& category) {
  PictureList list = list_pictures(folder);
  if (list.others > 0) {
    category.notes.push_back("\"" + folder + "\": " + count_of(list.others, "file") +
                             " that by the name " + (list.others == 1 ? "is" : "are") +
                             " no picture, passed over");
  }
  if (list.paths.empty()) category.notes.push_back("\"" + folder + "\" has no pictures");
  return std::move(list.paths);
}

/// From the name of a picture to its mask.
std::map<std::string, std::string> masks_in(const std::string& folder) {
  const std::string suffix = "_mask";
  std::map<std::string, std::string> masks;
  for (const std::string& path : list_pictures(folder).paths) {
    std::string name = stem(path);
    const std::size_t length = name.size();
    if (length > suffix.size() &&
        name.compare(length - suffix.size(), suffix.size(), suffix) == 0) {
      name.resize(length - suffix.size());
    }
    masks.emplace(name, path);
  }
  return masks;
}

void read_defects(const std::string& folder, const std::string& ground_truth,
                  const std::string& type, Category& category) {
  const std::vector<std::string> pictures = pictures_in(folder, category);
  const bool has_masks = is_folder(ground_truth);
  std::map<std::string, std::string> masks;
  if (has_masks) masks = masks_in(ground_truth);
  std::size_t without = 0;
  for (const std::string& path : pictures) {
    TestPicture picture{path, type, true, ""};
    if (const auto mask = masks.find(stem(path)); mask != masks.end()) {
      picture.mask = mask->second;
      masks.erase(mask);
    } else {
      ++without;
    }
    category.test.push_back(picture);
  }
  if (without > 0) {
    category.notes.push_back(type + ": " + std::to_string(without) + " of " +
                             count_of(pictures.size(), "picture") + " without a mask" +
                             (has_masks ? "" : " (there is no \"" + ground_truth + "\")"));
  }
  if (!masks.empty()) {
    category.notes.push_back(type + ": " + count_of(masks.size(), "mask") + " without a picture");
  }
}

}  // namespace

bool is_train_test_category(const std::string& folder) {
  return is_folder(folder + "/train") && is_folder(folder + "/test");
}

Category read_train_test_category(const std::string& folder) {
  Category category;
  category.name = last_name(folder);
  for (const std::string& name : list_folders(folder + "/train")) {
    if (means_good(name)) {
      const std::vector<std::string> pictures = pictures_in(folder + "/train/" + name, category);
      category.train.insert(category.train.end(), pictures.begin(), pictures.end());
    } else {
      category.notes.push_back("\"train/" + name +
                               "\" is not used: training takes good, ok or normal");
    }
  }
  if (category.train.empty()) category.notes.push_back("there are no pictures to train with");

  for (const std::string& type : list_folders(folder + "/test")) {
    const std::string pictures = folder + "/test/" + type;
    if (!means_good(type)) {
      read_defects(pictures, folder + "/ground_truth/" + type, type, category);
      continue;
    }
    for (const std::string& path : pictures_in(pictures, category)) {
      category.test.push_back({path, type, false, ""});
    }
  }
  return category;
}

}  // namespace patchcore
