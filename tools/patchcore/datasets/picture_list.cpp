// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pictures and folders in a folder.
#include "tools/patchcore/datasets/picture_list.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

#include "core/error.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;

constexpr const char* picture_extensions[] = {".png", ".jpg", ".jpeg", ".jpe",  ".bmp",
                                              ".dib", ".tif", ".tiff", ".webp", ".jp2",
                                              ".pgm", ".ppm", ".pnm",  ".pbm"};

std::vector<fs::directory_entry> entries_of(const std::string& folder) {
  std::error_code failure;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (entry->path().filename().string().front() != '.') entries.push_back(*entry);
  }
  if (failure) {
    const bool missing = failure == std::errc::no_such_file_or_directory;
    throw Error(missing ? ErrorCode::not_found : ErrorCode::read_failed,
                "cannot read the folder \"" + folder + "\": " + failure.message());
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return a.path().filename().string() < b.path().filename().string();
  });
  return entries;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return text;
}

std::string lower_case_extension(const std::string& path) {
  return lower_case(fs::path(path).extension().string());
}

bool has_picture_name(const std::string& path) {
  const std::string extension = lower_case_extension(path);
  return std::find(std::begin(picture_extensions), std::end(picture_extensions), extension) !=
         std::end(picture_extensions);
}

PictureList list_pictures(const std::string& folder) {
  PictureList list;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    std::error_code ignored;
    if (entry.is_directory(ignored)) continue;
    if (has_picture_name(entry.path().string())) {
      list.paths.push_back(entry.path().string());
    } else {
      ++list.others;
    }
  }
  return list;
}

std::vector<std::string> list_folders(const std::string& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    std::error_code ignored;
    if (entry.is_directory(ignored)) names.push_back(entry.path().filename().string());
  }
  return names;
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::optional<std::string> find_folder(const std::string& folder,
                                       std::initializer_list<const char*> names) {
  if (!is_folder(folder)) return std::nullopt;
  const std::vector<std::string> there = list_folders(folder);
  for (const char* name : names) {
    for (const std::string& candidate : there) {
      if (lower_case(candidate) == name) return (fs::path(folder) / candidate).string();
    }
  }
  return std::nullopt;
}

std::string last_name(const std::string& path) {
  std::error_code ignored;
  fs::path name = fs::path(path).lexically_normal();
  if (!name.has_filename()) name = name.parent_path();
  if (name.filename() == "." || name.filename() == ".." || name.filename().empty()) {
    name = fs::absolute(name, ignored).lexically_normal();
    if (!name.has_filename()) name = name.parent_path();
  }
  return name.filename().string();
}

std::string stem(const std::string& path) {
  return fs::path(path).stem().string();
}

std::string count_of(std::size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

}  // namespace patchcore
