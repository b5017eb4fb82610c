// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// PNG files, made for tests.
#include "tests/support/png_files.h"

#include <gtest/gtest.h>
#include <png.h>

namespace patchcore::test {

void write_png(const std::string& path, Size size, const std::vector<std::uint8_t>& pixels,
               PngKind kind) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(size.width);
  image.height = static_cast<png_uint_32>(size.height);
  image.format = kind == PngKind::gray  ? PNG_FORMAT_GRAY
                 : kind == PngKind::rgb ? PNG_FORMAT_RGB
                                        : PNG_FORMAT_RGBA;
  ASSERT_EQ(pixels.size(), PNG_IMAGE_SIZE(image));
  ASSERT_TRUE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr))
      << image.message;
}

void write_mask(const std::string& path, Size size, Rect black) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.width) * size.height, 255);
  for (int y = black.y; y < black.y + black.height; ++y) {
    for (int x = black.x; x < black.x + black.width; ++x) pixels[y * size.width + x] = 0;
  }
  write_png(path, size, pixels);
}

}  // namespace patchcore::test
