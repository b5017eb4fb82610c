// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what the backbone is shown: the published picture values, the same for every format,
// and the right part of the frame.
#include "core/preprocess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>

#include "core/error.h"
#include "core/pixel_formats.h"
#include "core/pixel_rows.h"
#include "core/weights/safetensors.h"
#include "tests/support/pictures.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

const char* const golden_pictures[] = {
    "cookie_0_good.png", "cookie_1_good.png", "cookie_2_good.png",      "cookie_3_good.png",
    "cookie_4_good.png", "cookie_5_good.png", "cookie_6_defective.png", "cookie_7_defective.png"};

/// As the published code has it.
PreprocessOptions reference_options() {
  PreprocessOptions options;
  options.mode = ResizeMode::shorter_side;
  options.crop = Size{224, 224};
  options.mean = {0.485F, 0.456F, 0.406F};
  options.deviation = {0.229F, 0.224F, 0.225F};
  return options;
}

InputTensor run(const PreprocessOptions& options, const ImageView& frame) {
  InputTensor output;
  Workspace workspace;
  Preprocess(options).run(frame, output, workspace);
  return output;
}

/// The picture in RGB, pixel by pixel, rounded to whole numbers.
test::Picture rgb_of(const ImageView& picture) {
  test::Picture rgb(PixelFormat::rgb, picture.size);
  const PixelRows rows(picture, 0, picture.size.width);
  std::vector<float> row(static_cast<std::size_t>(rows.layout().values));
  for (int y = 0; y < picture.size.height; ++y) {
    rows.read(y, row.data());
    for (int x = 0; x < picture.size.width; ++x) {
      for (int colour = 0; colour < 3; ++colour) {
        const float value = row[rows.layout().offsets[colour] + x * rows.layout().step];
        rgb.at(0, y)[3 * x + colour] = static_cast<std::uint8_t>(std::lround(value));
      }
    }
  }
  return rgb;
}

/// The largest difference, in units of the raw picture, 0 to 255.
double largest_difference(const InputTensor& a, const std::vector<float>& b,
                          const PreprocessOptions& options) {
  EXPECT_EQ(a.values.size(), b.size());
  const std::size_t plane = a.values.size() / 3;
  double largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i)
    largest = std::max(largest,
                       std::abs(double{a.values[i]} - b[i]) * options.deviation[i / plane] * 255);
  return largest;
}

std::string message_of(const PreprocessOptions& options, Size frame) {
  try {
    Preprocess(options).geometry(frame);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST(Preprocess, GivesThePublishedValues) {
  PATCHCORE_SHARED_FILE_OR_SKIP(golden_path, "golden/preprocess.safetensors");
  const Safetensors golden = read_safetensors(golden_path);
  const PreprocessOptions options = reference_options();
  for (int i = 0; i < 8; ++i) {
    PATCHCORE_SHARED_FILE_OR_SKIP(path, std::string("golden/pictures/") + golden_pictures[i]);
    const cv::Mat picture = cv::imread(path, cv::IMREAD_COLOR);
    ASSERT_FALSE(picture.empty());
    ImageView view;
    view.format = PixelFormat::bgr;
    view.size = {picture.cols, picture.rows};
    view.planes[0] = picture.data;
    view.strides[0] = static_cast<std::ptrdiff_t>(picture.step);
    const StoredTensor& expected =
        require_tensor(golden.tensors, "tensor_0" + std::to_string(i), golden_path);
    EXPECT_LE(largest_difference(run(options, view), expected.to_floats(), options), 2)
        << golden_pictures[i];
  }
}

TEST(Preprocess, SeesTheSameInEveryFormat) {
  PreprocessOptions options;
  for (const ResizeMode mode : {ResizeMode::area, ResizeMode::exact, ResizeMode::shorter_side}) {
    options.mode = mode;
    options.area_side = 64;
    options.exact = {64, 96};
    options.shorter_side = 61;
    options.crop = Size{48, 45};
    for (const Size size : {Size{67, 45}, Size{131, 240}}) {
      const InputTensor expected = run(options, test::make_scene(PixelFormat::rgb, size).view());
      for (const PixelFormat format : test::all_pixel_formats) {
        if (format == PixelFormat::gray8) continue;
        const InputTensor found = run(options, test::make_scene(format, size, 29).view());
        EXPECT_EQ(found.width, expected.width);
        EXPECT_LE(largest_difference(found, expected.values, options), 0.51)
            << test::pixel_format_name(format);
      }
    }
  }
}

TEST(Preprocess, ShowsGrayInAllThreeColours) {
  PreprocessOptions options;
  options.area_side = 64;
  const InputTensor gray = run(options, test::make_scene(PixelFormat::gray8, {67, 45}).view());
  const InputTensor colours = run(options, test::make_scene(PixelFormat::rgb, {67, 45}).view());
  const std::size_t plane = gray.values.size() / 3;
  for (std::size_t i = 0; i < plane; ++i) {
    EXPECT_EQ(gray.values[i], gray.values[plane + i]);
    EXPECT_EQ(gray.values[i], gray.values[2 * plane + i]);
    EXPECT_NEAR(gray.values[i], colours.values[plane + i], 1e-5);
  }
}

TEST(Preprocess, NormalizesEachColour) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {32, 32};
  options.mean = {0.1F, 0.2F, 0.3F};
  options.deviation = {0.5F, 0.25F, 2};
  test::Picture picture(PixelFormat::rgb, {32, 32});
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      picture.at(0, y)[3 * x] = 51;
      picture.at(0, y)[3 * x + 1] = 102;
      picture.at(0, y)[3 * x + 2] = 255;
    }
  }
  const InputTensor output = run(options, picture.view());
  ASSERT_EQ(output.values.size(), 3U * 32 * 32);
  EXPECT_NEAR(output.values[0], 0.2, 1e-6);
  EXPECT_NEAR(output.values[32 * 32], 0.8, 1e-6);
  EXPECT_NEAR(output.values[2 * 32 * 32], 0.35, 1e-6);
}

// A workspace grown by a large frame must not leak into the next, and one from a small frame must
// grow.
TEST(Preprocess, IsIndependentOfWhatTheWorkspaceSawBefore) {
  PreprocessOptions options;
  options.area_side = 64;
  const Preprocess preprocess(options);
  Workspace workspace;
  InputTensor output;
  for (const Size size : {Size{40, 33}, Size{300, 200}, Size{40, 33}}) {
    const test::Picture picture = test::make_scene(PixelFormat::i420, size);
    preprocess.run(picture.view(), output, workspace);
    EXPECT_EQ(output.values, run(options, picture.view()).values);
  }
}

TEST(Preprocess, KeepsTheAspectInAreaMode) {
  const Preprocess preprocess{PreprocessOptions()};
  EXPECT_EQ(preprocess.geometry(Size{1920, 1080}).input, (Size{352, 192}));
  EXPECT_EQ(preprocess.geometry(Size{1080, 1920}).input, (Size{192, 352}));
  EXPECT_EQ(preprocess.geometry(Size{300, 300}).input, (Size{256, 256}));
  EXPECT_EQ(preprocess.geometry(Size{4000, 32}).input, (Size{2848, 32}));
  const InputGeometry geometry = preprocess.geometry(Size{641, 479});
  EXPECT_EQ(geometry.inspected.x, 0);
  EXPECT_EQ(geometry.inspected.y, 0);
  EXPECT_EQ(geometry.inspected.width, 641);
  EXPECT_EQ(geometry.inspected.height, 479);
}

TEST(Preprocess, SaysWhichPartOfTheFrameACropShows) {
  const Preprocess preprocess(reference_options());
  const InputGeometry geometry = preprocess.geometry(Size{1024, 512});
  EXPECT_EQ(geometry.input, (Size{224, 224}));
  EXPECT_EQ(geometry.inspected.x, 288);
  EXPECT_EQ(geometry.inspected.y, 32);
  EXPECT_EQ(geometry.inspected.width, 448);
  EXPECT_EQ(geometry.inspected.height, 448);
}

TEST(Preprocess, SaysWhichPartACropOfAnExactSizeShows) {
  PreprocessOptions options;
  options.mode = ResizeMode::exact;
  options.exact = {320, 160};
  options.crop = Size{224, 128};
  // 4 and 3 pixels of the frame become one.
  const InputGeometry geometry = Preprocess(options).geometry({100, 50, 1280, 480});
  EXPECT_EQ(geometry.input, (Size{224, 128}));
  EXPECT_EQ(geometry.inspected.x, 100 + 4 * 48);
  EXPECT_EQ(geometry.inspected.y, 50 + 3 * 16);
  EXPECT_EQ(geometry.inspected.width, 4 * 224);
  EXPECT_EQ(geometry.inspected.height, 3 * 128);
}

TEST(Preprocess, ShowsAllOfAFrameWithoutACrop) {
  PreprocessOptions options = reference_options();
  options.crop.reset();
  const InputGeometry geometry = Preprocess(options).geometry(Size{1000, 300});
  EXPECT_EQ(geometry.input, (Size{853, 256}));
  EXPECT_EQ(geometry.inspected.x, 0);
  EXPECT_EQ(geometry.inspected.y, 0);
  EXPECT_EQ(geometry.inspected.width, 1000);
  EXPECT_EQ(geometry.inspected.height, 300);
}

// What a crop keeps are the same pixels, to the last bit, as without it.
TEST(Preprocess, KeepsTheCentreOfWhatItShowsWithoutACrop) {
  PreprocessOptions options;
  const test::Picture scene = test::make_scene(PixelFormat::rgb, {131, 97});
  for (const ResizeMode mode : {ResizeMode::exact, ResizeMode::shorter_side}) {
    options.mode = mode;
    options.exact = {96, 64};
    options.shorter_side = 60;
    options.crop.reset();
    const InputTensor all = run(options, scene.view());
    options.crop = Size{64, 48};
    const InputTensor centre = run(options, scene.view());
    ASSERT_EQ(centre.width, 64);
    ASSERT_EQ(centre.height, 48);
    const int left = (all.width - 64) / 2;
    const int top = (all.height - 48) / 2;
    for (int row = 0; row < 3 * 48; ++row) {
      const float* expected =
          all.values.data() + (row / 48 * all.height + top + row % 48) * all.width + left;
      for (int x = 0; x < 64; ++x) ASSERT_EQ(centre.values[row * 64 + x], expected[x]);
    }
  }
}

// A part is what a frame of its own would be, and what the same part of the picture in RGB would
// be: odd positions split columns and rows that share their chroma.
TEST(Preprocess, SeesAPartAsAFrameOfItsOwn) {
  const Size size = {131, 97};
  PreprocessOptions options;
  options.area_side = 64;
  for (const ResizeMode mode : {ResizeMode::area, ResizeMode::exact, ResizeMode::shorter_side}) {
    options.mode = mode;
    options.exact = {64, 96};
    options.shorter_side = 40;
    options.crop = Size{36, 33};
    for (const PixelFormat format : test::all_pixel_formats) {
      const test::Picture scene = test::make_scene(format, size, 29);
      const test::Picture rgb = rgb_of(scene.view());
      for (const Rect& part : {Rect{0, 0, 131, 97}, Rect{1, 1, 41, 33}, Rect{2, 3, 40, 35},
                               Rect{17, 0, 32, 97}, Rect{88, 64, 43, 33}, Rect{99, 65, 32, 32}}) {
        InputTensor found;
        Workspace workspace;
        Preprocess(options).run(scene.view(), part, found, workspace);
        ImageView cropped = rgb.view();
        cropped.size = {part.width, part.height};
        cropped.planes[0] += part.y * cropped.strides[0] + 3 * part.x;
        const InputTensor expected = run(options, cropped);
        EXPECT_EQ(found.width, expected.width);
        EXPECT_EQ(found.height, expected.height);
        // The pixels that are compared with were rounded to whole numbers.
        const double tolerance = is_yuv(format) ? 0.5001 : 0;
        EXPECT_LE(largest_difference(found, expected.values, options), tolerance)
            << test::pixel_format_name(format) << " at " << part.x << "," << part.y;
      }
    }
  }
}

// Nothing of the frame around it may shine through the filter.
TEST(Preprocess, SeesNothingBesideThePart) {
  PreprocessOptions options;
  options.area_side = 64;
  const Rect part = {33, 21, 45, 39};
  for (const PixelFormat format : {PixelFormat::rgb, PixelFormat::bgrx, PixelFormat::gray8}) {
    test::Picture scene = test::make_scene(format, {131, 97});
    InputTensor before;
    InputTensor after;
    Workspace workspace;
    Preprocess(options).run(scene.view(), part, before, workspace);
    const auto bytes = static_cast<int>(row_bytes(format, 1)[0]);
    for (int y = 0; y < 97; ++y) {
      const bool is_beside = y < part.y || y >= part.y + part.height;
      for (int x = 0; x < 131; ++x) {
        if (!is_beside && x >= part.x && x < part.x + part.width) continue;
        for (int i = 0; i < bytes; ++i) scene.at(0, y)[bytes * x + i] ^= 0xFF;
      }
    }
    Preprocess(options).run(scene.view(), part, after, workspace);
    EXPECT_EQ(before.values, after.values);
  }
}

TEST(Preprocess, SaysWhichPartOfTheFrameIsSeenOfAPart) {
  const InputGeometry whole = Preprocess(PreprocessOptions()).geometry({100, 50, 960, 540});
  EXPECT_EQ(whole.input, (Size{352, 192}));
  EXPECT_EQ(whole.inspected.x, 100);
  EXPECT_EQ(whole.inspected.y, 50);
  EXPECT_EQ(whole.inspected.width, 960);
  EXPECT_EQ(whole.inspected.height, 540);
  const InputGeometry crop = Preprocess(reference_options()).geometry({100, 50, 1024, 512});
  EXPECT_EQ(crop.inspected.x, 388);
  EXPECT_EQ(crop.inspected.y, 82);
  EXPECT_EQ(crop.inspected.width, 448);
}

TEST(Preprocess, RefusesAPartThatIsNotInTheFrame) {
  const test::Picture picture = test::make_scene(PixelFormat::rgb, {67, 45});
  InputTensor output;
  Workspace workspace;
  for (const Rect& part : {Rect{-1, 0, 40, 40}, Rect{0, -1, 40, 40}, Rect{28, 0, 40, 40},
                           Rect{0, 6, 40, 40}, Rect{0, 0, 68, 45}}) {
    EXPECT_THROW(Preprocess(PreprocessOptions()).run(picture.view(), part, output, workspace),
                 Error);
  }
  EXPECT_THROW(
      Preprocess(PreprocessOptions()).run(picture.view(), {0, 0, 31, 40}, output, workspace),
      Error);
}

TEST(Preprocess, RefusesAFrameSmallerThanTheCoarsestGrid) {
  EXPECT_NE(message_of(PreprocessOptions(), {31, 200}).find("31x200"), std::string::npos);
  EXPECT_NE(message_of(PreprocessOptions(), {200, 31}).find("32"), std::string::npos);
  EXPECT_NE(message_of(PreprocessOptions(), {0, 0}), "");
  EXPECT_EQ(message_of(PreprocessOptions(), {32, 32}), "");
}

TEST(Preprocess, RefusesACropLargerThanTheShorterSide) {
  PreprocessOptions options = reference_options();
  options.crop = Size{300, 257};
  EXPECT_THROW(Preprocess{options}, Error);
}

TEST(Preprocess, RefusesAFrameThatIsTooNarrowForTheCrop) {
  PreprocessOptions options = reference_options();
  options.crop = Size{448, 256};
  EXPECT_EQ(message_of(options, {1920, 1080}), "");
  EXPECT_NE(message_of(options, {1080, 1920}).find("256x455, which has no centre of 448x256"),
            std::string::npos);
  EXPECT_NE(message_of(options, {400, 300}).find("a picture of 400x300"), std::string::npos);
}

TEST(Preprocess, RefusesAFrameThatWouldBecomeTooLong) {
  PreprocessOptions options = reference_options();
  options.crop.reset();
  EXPECT_EQ(message_of(options, {1600, 100}), "");
  EXPECT_NE(message_of(options, {1601, 100}).find("more than 4096"), std::string::npos);
  options.crop = Size{448, 256};
  EXPECT_EQ(message_of(options, {1601, 100}), "");
}

TEST(Preprocess, RefusesAFrameWithoutData) {
  ImageView frame;
  frame.size = {64, 64};
  EXPECT_THROW(run(PreprocessOptions(), frame), Error);
}

}  // namespace patchcore
