// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Picture files as frames.
#include "tools/patchcore/datasets/picture_reading.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/regular_file.h"
#include "tools/patchcore/datasets/picture_list.h"

namespace patchcore {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::unsupported_file, "\"" + path + "\" cannot be read as a picture: " + why);
}

/// Whether it is a JPEG whose end is missing, of which the decoder shows what there is.
bool is_cut_jpeg(const std::vector<std::uint8_t>& bytes) {
  constexpr std::uint8_t mark = 0xFF;
  constexpr std::uint8_t start_of_image = 0xD8;
  constexpr std::uint8_t start_of_scan = 0xDA;
  constexpr std::uint8_t end_of_image = 0xD9;
  if (bytes.size() < 4 || bytes[0] != mark || bytes[1] != start_of_image) return false;
  // Segments have a length; a thumbnail with an end of its own may lie in one.
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && bytes[at] == mark && bytes[at + 1] != start_of_scan) {
    at += 2 + (std::size_t{bytes[at + 2]} << 8 | bytes[at + 3]);
  }
  for (; at + 2 <= bytes.size(); ++at) {
    if (bytes[at] == mark && bytes[at + 1] == end_of_image) return false;
  }
  return true;
}

/// BGR of 8 or 16 bits.
cv::Mat decode(const std::string& path) {
  const RegularFile file(path);
  const std::vector<std::uint8_t> bytes = file.read(0, file.size());
  if (is_cut_jpeg(bytes)) refuse(path, "its end is missing");
  cv::Mat picture;
  try {
    if (!bytes.empty()) picture = cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH);
  } catch (const cv::Exception& error) {
    refuse(path, error.err);
  }
  if (picture.empty()) refuse(path, "it is of an unknown kind or broken");
  if (picture.depth() != CV_8U && picture.depth() != CV_16U) {
    refuse(path, "its values are not of 8 or 16 bits");
  }
  return picture;
}

/// JPEG, whose zeros are not all zero.
bool is_lossy(const std::string& path) {
  const std::string extension = lower_case_extension(path);
  return extension == ".jpg" || extension == ".jpeg" || extension == ".jpe";
}

}  // namespace

ImageView LoadedPicture::view() const {
  ImageView view;
  view.format = PixelFormat::bgr;
  view.size = size;
  view.planes[0] = bgr.data();
  view.strides[0] = 3 * static_cast<std::ptrdiff_t>(size.width);
  return view;
}

ImageView LoadedMask::view() const {
  ImageView view;
  view.format = PixelFormat::gray8;
  view.size = size;
  view.planes[0] = values.data();
  view.strides[0] = size.width;
  return view;
}

LoadedPicture read_picture(const std::string& path) {
  cv::Mat picture = decode(path);
  if (picture.depth() == CV_16U) {
    cv::Mat upper(picture.size(), CV_8UC3);
    std::transform(picture.begin<cv::Vec3w>(), picture.end<cv::Vec3w>(), upper.begin<cv::Vec3b>(),
                   [](const cv::Vec3w& pixel) {
                     return cv::Vec3b(static_cast<std::uint8_t>(pixel[0] >> 8),
                                      static_cast<std::uint8_t>(pixel[1] >> 8),
                                      static_cast<std::uint8_t>(pixel[2] >> 8));
                   });
    picture = upper;
  }
  LoadedPicture loaded;
  loaded.size = {picture.cols, picture.rows};
  const std::size_t row = 3 * static_cast<std::size_t>(picture.cols);
  loaded.bgr.resize(row * static_cast<std::size_t>(picture.rows));
  for (int y = 0; y < picture.rows; ++y) {
    std::memcpy(loaded.bgr.data() + row * static_cast<std::size_t>(y), picture.ptr(y), row);
  }
  return loaded;
}

LoadedMask read_mask(const std::string& path) {
  const cv::Mat mask = decode(path);
  const double smallest = is_lossy(path) ? 128 : 1;
  cv::Mat marked = cv::Mat::zeros(mask.size(), CV_8U);
  for (int channel = 0; channel < mask.channels(); ++channel) {
    cv::Mat plane;
    cv::extractChannel(mask, plane, channel);
    marked |= plane >= smallest;
  }
  LoadedMask loaded;
  loaded.size = {marked.cols, marked.rows};
  loaded.values.assign(marked.begin<std::uint8_t>(), marked.end<std::uint8_t>());
  return loaded;
}

bool is_of_picture(const Error& error) {
  return error.code() == ErrorCode::not_found || error.code() == ErrorCode::read_failed ||
         error.code() == ErrorCode::unsupported_file ||
         error.code() == ErrorCode::unsupported_frame;
}

}  // namespace patchcore
