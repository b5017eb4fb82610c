// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The VisA data set as it lies in folders.
#include "tools/patchcore/datasets/visa_layout.h"

#include <filesystem>
#include <map>
#include <system_error>

#include "core/error.h"
#include "core/regular_file.h"
#include "tools/patchcore/datasets/csv_table.h"
#include "tools/patchcore/datasets/good_bad_layout.h"
#include "tools/patchcore/datasets/picture_list.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;

const std::string& field(const CsvRow& row, const char* name, const std::string& origin) {
  const auto found = row.find(name);
  if (found == row.end()) {
    throw Error(ErrorCode::corrupt, "\"" + origin + "\" has no column \"" + name + "\"");
  }
  return found->second;
}

void read_split(const fs::path& root, const std::string& table, Category& category) {
  const RegularFile file(table);
  const std::vector<std::uint8_t> bytes = file.read(0, file.size());
  std::size_t without_mask = 0;
  for (const CsvRow& row : parse_csv(std::string(bytes.begin(), bytes.end()), table)) {
    if (field(row, "object", table) != category.name) continue;
    const std::string picture = (root / field(row, "image", table)).string();
    const bool anomalous = field(row, "label", table) != "normal";
    if (field(row, "split", table) == "train") {
      if (!anomalous) category.train.push_back(picture);
      continue;
    }
    const std::string& mask = field(row, "mask", table);
    if (anomalous && mask.empty()) ++without_mask;
    category.test.push_back({picture, anomalous ? "anomaly" : "normal", anomalous,
                             anomalous && !mask.empty() ? (root / mask).string() : ""});
  }
  if (without_mask > 0) {
    category.notes.push_back(count_of(without_mask, "defective picture") + " without a mask");
  }
}

void read_folders(const std::string& folder, Category& category) {
  const std::string images = folder + "/Data/Images";
  if (const auto normal = find_folder(images, {"normal"})) {
    share_out_good_pictures(list_pictures(*normal).paths, "normal", category);
  }
  const auto anomaly = find_folder(images, {"anomaly"});
  if (!anomaly) return;
  std::map<std::string, std::string> masks;
  const std::string mask_folder = folder + "/Data/Masks/Anomaly";
  if (is_folder(mask_folder)) {
    for (const std::string& path : list_pictures(mask_folder).paths) masks[stem(path)] = path;
  }
  std::size_t without_mask = 0;
  for (const std::string& path : list_pictures(*anomaly).paths) {
    const auto mask = masks.find(stem(path));
    if (mask == masks.end()) ++without_mask;
    category.test.push_back({path, "anomaly", true, mask == masks.end() ? "" : mask->second});
  }
  if (without_mask > 0) {
    category.notes.push_back(count_of(without_mask, "defective picture") + " without a mask");
  }
}

}  // namespace

bool is_visa_category(const std::string& folder) {
  return is_folder(folder + "/Data/Images");
}

Category read_visa_category(const std::string& folder) {
  Category category;
  category.name = last_name(folder);
  const fs::path root = fs::path(folder) / "..";
  const std::string table = (root / "split_csv" / "1cls.csv").lexically_normal().string();
  std::error_code ignored;
  if (fs::exists(table, ignored)) {
    read_split(fs::path(root).lexically_normal(), table, category);
  } else {
    read_folders(folder, category);
  }
  if (category.train.empty()) category.notes.push_back("there are no pictures to train with");
  return category;
}

}  // namespace patchcore
