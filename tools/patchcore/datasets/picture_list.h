// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pictures and folders in a folder.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace patchcore {

struct PictureList {
  std::vector<std::string> paths;  ///< in the order of their names, byte by byte
  int others = 0;                  ///< files that are none, by their names; hidden ones don't count
};

/// Whether it is called like a picture that can be read: .png, .jpg, .jpeg, .jpe, .bmp, .dib,
/// .tif, .tiff, .webp, .jp2, .pgm, .ppm, .pnm, .pbm, in any case.
bool has_picture_name(const std::string& path);

/// Folders inside are not looked into.
/// @throws Error not_found, read_failed
PictureList list_pictures(const std::string& folder);

/// Names, not paths, in order; hidden ones are left out.
/// @throws Error not_found, read_failed
std::vector<std::string> list_folders(const std::string& folder);

bool is_folder(const std::string& path);

/// The folder inside @p folder that has one of the names in any case; the first name that is there
/// wins.
std::optional<std::string> find_folder(const std::string& folder,
                                       std::initializer_list<const char*> names);

/// The last part of a path, without the slashes that may follow it.
std::string last_name(const std::string& path);

/// ASCII letters only.
std::string lower_case(std::string text);

/// ".png" of "a/B.PNG".
std::string lower_case_extension(const std::string& path);

/// The last part of a path without its extension.
std::string stem(const std::string& path);

/// "1 picture" or "3 pictures".
std::string count_of(std::size_t number, const std::string& thing);

}  // namespace patchcore
