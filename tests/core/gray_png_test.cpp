// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of pictures that others made: the values are right, a broken file is
// refused, and a huge one costs nothing.
#include "core/gray_png.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/expect_error.h"
#include "tests/support/png_files.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

constexpr std::int64_t plenty = 1 << 20;

class GrayPngTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  const std::string path_ = folder_ / "picture.png";
};

}  // namespace

TEST_F(GrayPngTest, ReadsGrayAsItIs) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 7 * 5; ++i) pixels.push_back(static_cast<std::uint8_t>(7 * i));
  test::write_png(path_, {7, 5}, pixels);
  const GrayPicture picture = read_gray_png(path_, plenty);
  EXPECT_EQ(picture.size, (Size{7, 5}));
  EXPECT_EQ(picture.pixels, pixels);
}

TEST_F(GrayPngTest, MakesColoursGray) {
  test::write_png(path_, {3, 1}, {0, 0, 0, 255, 255, 255, 0, 255, 0}, test::PngKind::rgb);
  const GrayPicture picture = read_gray_png(path_, plenty);
  EXPECT_EQ(picture.pixels[0], 0);
  EXPECT_EQ(picture.pixels[1], 255);
  EXPECT_GT(picture.pixels[2], 128);
}

// A drawing program's erased parts have black under their transparency.
TEST_F(GrayPngTest, LaysWhatIsTransparentOnWhite) {
  test::write_png(path_, {3, 1}, {0, 0, 0, 0, 0, 0, 0, 255, 200, 200, 200, 0}, test::PngKind::rgba);
  EXPECT_EQ(read_gray_png(path_, plenty).pixels, (std::vector<std::uint8_t>{255, 0, 255}));
}

TEST_F(GrayPngTest, RefusesOtherFiles) {
  EXPECT_ERROR(read_gray_png(path_, plenty), not_found, path_);
  EXPECT_ERROR(read_gray_png(folder_.path(), plenty), read_failed, "a folder");
  for (const std::string& content : {std::string(), std::string("P5 2 2 255\nabcd"),
                                     std::string("\xFF\xD8\xFF\xE0 and so on, a JPEG file")}) {
    test::write_whole_file(path_, content);
    EXPECT_ERROR(read_gray_png(path_, plenty), unsupported_file, "no PNG");
  }
}

TEST_F(GrayPngTest, RefusesEveryTruncation) {
  test::write_png(path_, {20, 20}, std::vector<std::uint8_t>(400, 9));
  const std::string whole = test::read_whole_file(path_);
  // The last chunk, of 12 bytes, says no more than that the picture ends.
  for (std::size_t size = 8; size < whole.size() - 12; ++size) {
    test::write_whole_file(path_, whole.substr(0, size));
    EXPECT_ERROR(read_gray_png(path_, plenty), corrupt, path_);
  }
}

// Whatever is altered, the reading ends with a picture or an error.
TEST_F(GrayPngTest, SurvivesEveryAlteredByte) {
  test::write_png(path_, {20, 20}, std::vector<std::uint8_t>(400, 9));
  const std::string whole = test::read_whole_file(path_);
  int refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flipped : {0x01, 0x80, 0xFF}) {
      std::string altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ flipped);
      test::write_whole_file(path_, altered);
      try {
        const GrayPicture picture = read_gray_png(path_, plenty);
        EXPECT_EQ(picture.pixels.size(),
                  static_cast<std::size_t>(picture.size.width) * picture.size.height);
      } catch (const Error& error) {
        ++refused;
        EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
      }
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(GrayPngTest, RefusesMorePixelsThanAllowed) {
  test::write_png(path_, {20, 20}, std::vector<std::uint8_t>(400, 9));
  EXPECT_NO_THROW(read_gray_png(path_, 400));
  EXPECT_ERROR(read_gray_png(path_, 399), unsupported_file, "20x20");
}

// The size in the header is what others say it is; so is the size of the file.
TEST_F(GrayPngTest, RefusesHugeFilesBeforeReadingThem) {
  test::write_png(path_, {20, 20}, std::vector<std::uint8_t>(400, 9));
  std::filesystem::resize_file(path_, std::uintmax_t{1} << 40);
  EXPECT_ERROR(read_gray_png(path_, plenty), unsupported_file, "too large");
}

}  // namespace patchcore
