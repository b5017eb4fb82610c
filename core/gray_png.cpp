// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PNG files that need not be trusted, as gray pictures.
#include "core/gray_png.h"

#include <png.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "core/error.h"
#include "core/regular_file.h"

namespace patchcore {
namespace {

constexpr std::uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
/// Of 16 bits in four channels, uncompressed, and what may lie around them.
constexpr std::uint64_t largest_pixel_bytes = 8;
constexpr std::uint64_t other_bytes = 1 << 20;

/// libpng's state, freed in every case.
struct PngImage {
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(&image); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;

  png_image image = {};
};

[[noreturn]] void refuse(const std::string& path, const char* problem) {
  throw Error(ErrorCode::corrupt, "the picture \"" + path + "\" cannot be read: " + problem +
                                      "; copy or save it again");
}

}  // namespace

GrayPicture read_gray_png(const std::string& path, std::int64_t max_pixels) {
  const RegularFile file(path);
  const bool is_png = [&] {
    std::uint8_t begin[sizeof(signature)] = {};
    if (file.size() < sizeof(begin)) return false;
    file.read(0, begin, sizeof(begin));
    return std::equal(std::begin(begin), std::end(begin), std::begin(signature));
  }();
  if (!is_png) {
    throw Error(ErrorCode::unsupported_file, "\"" + path + "\" is no PNG picture: save it as one");
  }
  const std::string limit = std::to_string(max_pixels) + " pixels are the most";
  if (file.size() > largest_pixel_bytes * static_cast<std::uint64_t>(max_pixels) + other_bytes) {
    throw Error(ErrorCode::unsupported_file, "the picture \"" + path + "\" is too large: " + limit);
  }
  const std::vector<std::uint8_t> bytes = file.read(0, file.size());

  PngImage png;
  png_image& image = png.image;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) {
    refuse(path, image.message);
  }
  const std::int64_t pixels = static_cast<std::int64_t>(image.width) * image.height;
  if (pixels > max_pixels) {
    throw Error(ErrorCode::unsupported_file,
                "the picture \"" + path + "\" has " + std::to_string(image.width) + "x" +
                    std::to_string(image.height) + " pixels, " + limit + ": make it smaller");
  }
  image.format = PNG_FORMAT_GRAY;
  try {
    GrayPicture picture;
    picture.size = {static_cast<int>(image.width), static_cast<int>(image.height)};
    picture.pixels.resize(static_cast<std::size_t>(pixels));
    const png_color white = {255, 255, 255};
    if (!png_image_finish_read(&image, &white, picture.pixels.data(), picture.size.width,
                               nullptr)) {
      refuse(path, image.message);
    }
    return picture;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory for the picture \"" + path + "\"");
  }
}

}  // namespace patchcore
