// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the reading of picture files.
#include "tools/patchcore/datasets/picture_reading.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace patchcore {
namespace {

std::vector<int> pixel(const LoadedPicture& picture, int x, int y) {
  const std::uint8_t* bgr = picture.bgr.data() + 3 * (y * picture.size.width + x);
  return {bgr[0], bgr[1], bgr[2]};
}

/// Black but for one pixel.
cv::Mat dotted(int type, const cv::Scalar& colour, cv::Point at = {1, 0}) {
  cv::Mat picture = cv::Mat::zeros(3, 4, type);
  picture(cv::Rect(at, cv::Size(1, 1))).setTo(colour);
  return picture;
}

/// A JPEG with the EXIF tag that asks to turn it.
std::string turned_jpeg(const cv::Mat& picture, char orientation) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", picture, bytes, {cv::IMWRITE_JPEG_QUALITY, 100});
  const std::string exif = std::string("\xFF\xE1\x00\x22", 4) + std::string("Exif\0\0", 6) +
                           std::string("MM\0\x2A\0\0\0\x08\0\x01", 10) +
                           std::string("\x01\x12\0\x03\0\0\0\x01\0", 9) + orientation +
                           std::string("\0\0\0\0\0\0", 6);
  std::string file(bytes.begin(), bytes.end());
  return file.substr(0, 2) + exif + file.substr(2);
}

}  // namespace

TEST(ReadPicture, GivesColoursAsTheyAre) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "ä b.png";
  cv::imwrite(path, dotted(CV_8UC3, {10, 20, 30}));
  const LoadedPicture picture = read_picture(path);
  EXPECT_EQ(picture.size.width, 4);
  EXPECT_EQ(picture.size.height, 3);
  EXPECT_EQ(pixel(picture, 1, 0), (std::vector<int>{10, 20, 30}));
  EXPECT_EQ(pixel(picture, 2, 0), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(picture.view().planes[0], picture.bgr.data());
  EXPECT_EQ(picture.view().strides[0], 12);
}

TEST(ReadPicture, TakesGrayAlphaAndSixteenBits) {
  const test::TemporaryFolder folder;
  cv::imwrite(folder / "gray.png", dotted(CV_8UC1, {77}));
  EXPECT_EQ(pixel(read_picture(folder / "gray.png"), 1, 0), (std::vector<int>{77, 77, 77}));
  cv::imwrite(folder / "alpha.png", dotted(CV_8UC4, {10, 20, 30, 0}));
  EXPECT_EQ(pixel(read_picture(folder / "alpha.png"), 1, 0), (std::vector<int>{10, 20, 30}));
  for (const char* name : {"deep.png", "deep.tif"}) {
    cv::imwrite(folder / name, dotted(CV_16UC3, {0x1234, 0xFFFF, 0x00FF}));
    EXPECT_EQ(pixel(read_picture(folder / name), 1, 0), (std::vector<int>{0x12, 0xFF, 0})) << name;
  }
  cv::imwrite(folder / "deep gray.png", dotted(CV_16UC1, {0x4321}));
  EXPECT_EQ(pixel(read_picture(folder / "deep gray.png"), 1, 0),
            (std::vector<int>{0x43, 0x43, 0x43}));
}

TEST(ReadPicture, TurnsAsExifSays) {
  const test::TemporaryFolder folder;
  cv::Mat picture = cv::Mat::zeros(16, 32, CV_8UC3);
  picture(cv::Rect(0, 0, 8, 8)).setTo(cv::Scalar(255, 255, 255));
  // 6: to be turned clockwise, so that the upper left corner comes to the upper right.
  test::write_whole_file(folder / "turned.jpg", turned_jpeg(picture, '\x06'));
  const LoadedPicture turned = read_picture(folder / "turned.jpg");
  ASSERT_EQ(turned.size.width, 16);
  ASSERT_EQ(turned.size.height, 32);
  EXPECT_GT(pixel(turned, 12, 4)[0], 200);
  EXPECT_LT(pixel(turned, 4, 4)[0], 50);
}

TEST(ReadPicture, RefusesWhatIsNone) {
  const test::TemporaryFolder folder;
  EXPECT_ERROR(read_picture(folder / "none.png"), not_found, "none.png");
  EXPECT_ERROR(read_picture(folder.path()), read_failed, folder.path());
  test::write_whole_file(folder / "empty.png", "");
  EXPECT_ERROR(read_picture(folder / "empty.png"), unsupported_file, "empty.png");
  test::write_whole_file(folder / "text.png", "this is no picture");
  EXPECT_ERROR(read_picture(folder / "text.png"), unsupported_file, "text.png");
}

TEST(ReadPicture, RefusesAPictureThatIsCutShort) {
  const test::TemporaryFolder folder;
  cv::Mat picture(64, 64, CV_8UC3);
  cv::randu(picture, 0, 256);
  for (const char* name : {"cut.png", "cut.jpg"}) {
    cv::imwrite(folder / name, picture);
    const std::string file = test::read_whole_file(folder / name);
    test::write_whole_file(folder / name, file.substr(0, file.size() / 2));
    EXPECT_ERROR(read_picture(folder / name), unsupported_file, name);
  }
}

TEST(ReadPicture, RefusesACutJpegThatHasAThumbnail) {
  const test::TemporaryFolder folder;
  cv::Mat picture(64, 64, CV_8UC3);
  cv::randu(picture, 0, 256);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", picture, bytes);
  const std::string jpeg(bytes.begin(), bytes.end());
  const std::string comment = std::string("\xFF\xFE\x00\x06\xFF\xDA\xFF\xD9", 8);
  const std::string whole = jpeg.substr(0, 2) + comment + jpeg.substr(2);
  test::write_whole_file(folder / "whole.jpg", whole);
  EXPECT_EQ(read_picture(folder / "whole.jpg").size, (Size{64, 64}));
  test::write_whole_file(folder / "cut.jpg", whole.substr(0, whole.size() - 2));
  EXPECT_ERROR(read_picture(folder / "cut.jpg"), unsupported_file, "end is missing");
}

TEST(ReadPicture, RefusesFloats) {
  const test::TemporaryFolder folder;
  cv::imwrite(folder / "float.tif", cv::Mat(3, 4, CV_32FC3, cv::Scalar(0.5, 0.5, 0.5)));
  EXPECT_ERROR(read_picture(folder / "float.tif"), unsupported_file, "8 or 16 bits");
}

TEST(ReadMask, MarksWhatIsNotZero) {
  const test::TemporaryFolder folder;
  cv::imwrite(folder / "gray.png", dotted(CV_8UC1, {1}));
  cv::imwrite(folder / "deep.png", dotted(CV_16UC1, {3}));
  cv::imwrite(folder / "colour.png", dotted(CV_8UC3, {0, 0, 2}));
  for (const char* name : {"gray.png", "deep.png", "colour.png"}) {
    const LoadedMask mask = read_mask(folder / name);
    ASSERT_EQ(mask.values.size(), 12U) << name;
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(mask.values[i], i == 1 ? 255 : 0) << name << i;
    EXPECT_EQ(mask.view().strides[0], 4);
  }
}

TEST(ReadMask, TakesTheMiddleOfAJpeg) {
  const test::TemporaryFolder folder;
  cv::Mat picture = cv::Mat::zeros(32, 32, CV_8UC1);
  picture(cv::Rect(5, 5, 11, 11)).setTo(255);
  cv::imwrite(folder / "mask.JPG", picture, {cv::IMWRITE_JPEG_QUALITY, 60});
  const LoadedMask mask = read_mask(folder / "mask.JPG");
  int marked = 0;
  for (const std::uint8_t value : mask.values) marked += value == 255;
  EXPECT_NEAR(marked, 121, 6);
}

TEST(ReadMask, RefusesWhatIsNoPicture) {
  const test::TemporaryFolder folder;
  test::write_whole_file(folder / "text.png", "text");
  EXPECT_ERROR(read_mask(folder / "text.png"), unsupported_file, "text.png");
}

TEST(IsOfPicture, TellsABadPictureFromWhatConcernsAll) {
  EXPECT_TRUE(is_of_picture(Error(ErrorCode::unsupported_file, "no picture")));
  EXPECT_TRUE(is_of_picture(Error(ErrorCode::not_found, "gone")));
  EXPECT_FALSE(is_of_picture(Error(ErrorCode::no_space, "no memory")));
}

}  // namespace patchcore
