// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The setting `mask`: a picture whose black parts never raise an alarm.
#include "core/inspection_mask.h"

#include <algorithm>
#include <new>
#include <utility>

#include "core/error.h"
#include "core/gray_png.h"

namespace patchcore {
namespace {

/// One axis of a grid on the mask, in whole numbers, so that a cell that ends where a pixel does
/// touches no further one.
class CellAxis {
 public:
  /// @param covered_begin, covered  what the mask's @p pixels are stretched over
  /// @param shown_begin, shown      what the grid's @p cells are
  CellAxis(int covered_begin, int covered, int pixels, int shown_begin, int shown, int cells)
      : begin_(std::int64_t{shown_begin} - covered_begin),
        shown_(shown),
        cells_(cells),
        pixels_(pixels),
        divisor_(std::int64_t{cells} * covered) {}

  /// The first pixel that a cell touches.
  int first(int cell) const { return clamped(scaled(cell) / divisor_); }
  /// The pixel behind the last one.
  int end(int cell) const { return clamped((scaled(cell + 1) + divisor_ - 1) / divisor_); }

 private:
  std::int64_t scaled(int cell) const { return (begin_ * cells_ + cell * shown_) * pixels_; }
  int clamped(std::int64_t pixel) const {
    return static_cast<int>(std::clamp<std::int64_t>(pixel, 0, pixels_));
  }

  std::int64_t begin_;
  std::int64_t shown_;
  std::int64_t cells_;
  std::int64_t pixels_;
  std::int64_t divisor_;
};

}  // namespace

InspectionMask::InspectionMask(Size size, const std::vector<std::uint8_t>& gray) : size_(size) {
  if (size.width < 1 || size.height < 1 || std::int64_t{size.width} * size.height > max_pixels ||
      gray.size() != static_cast<std::size_t>(size.width) * size.height) {
    throw Error(ErrorCode::invalid_argument, "a mask of " + size_text(size) + " with " +
                                                 std::to_string(gray.size()) + " pixels, " +
                                                 std::to_string(max_pixels) + " are the most");
  }
  const auto width = static_cast<std::size_t>(size.width);
  sums_.resize((width + 1) * (static_cast<std::size_t>(size.height) + 1));
  for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y) {
    const std::uint8_t* const row = gray.data() + y * width;
    const std::uint32_t* const above = sums_.data() + y * (width + 1);
    std::uint32_t* const sums = sums_.data() + (y + 1) * (width + 1);
    std::uint32_t in_row = 0;
    for (std::size_t x = 0; x < width; ++x) {
      in_row += row[x] < black_below ? 1 : 0;
      sums[x + 1] = above[x + 1] + in_row;
    }
  }
  if (sums_.back() == gray.size()) {
    throw Error(ErrorCode::invalid_argument,
                "the mask is black everywhere, so nothing would be inspected: leave what is to be "
                "inspected white");
  }
}

std::uint32_t InspectionMask::black_pixels(int left, int top, int right, int bottom) const {
  const auto at = [this](int x, int y) {
    return sums_[static_cast<std::size_t>(y) * (static_cast<std::size_t>(size_.width) + 1) + x];
  };
  return at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
}

std::vector<std::uint8_t> InspectionMask::pixels() const {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(size_.width) * size_.height);
  for (int y = 0; y < size_.height; ++y) {
    for (int x = 0; x < size_.width; ++x) {
      pixels.push_back(black_pixels(x, y, x + 1, y + 1) > 0 ? 0 : 255);
    }
  }
  return pixels;
}

IgnoredPatches InspectionMask::ignored(Rect covered, Rect shown, PatchGrid grid) const {
  const CellAxis across(covered.x, covered.width, size_.width, shown.x, shown.width, grid.width);
  const CellAxis down(covered.y, covered.height, size_.height, shown.y, shown.height, grid.height);
  IgnoredPatches ignored;
  ignored.reserve(static_cast<std::size_t>(grid.width) * grid.height);
  for (int row = 0; row < grid.height; ++row) {
    for (int column = 0; column < grid.width; ++column) {
      const std::uint32_t black =
          black_pixels(across.first(column), down.first(row), across.end(column), down.end(row));
      ignored.push_back(black > 0 ? 1 : 0);
    }
  }
  const auto count = std::count(ignored.begin(), ignored.end(), 1);
  if (count == 0) return {};
  if (static_cast<std::size_t>(count) == ignored.size()) {
    throw Error(ErrorCode::unsupported_frame,
                "the mask leaves nothing to inspect of the " +
                    size_text({shown.width, shown.height}) + " pixels at " +
                    std::to_string(shown.x) + "," + std::to_string(shown.y) +
                    ": every cell of the grid of " + std::to_string(grid.width) + "x" +
                    std::to_string(grid.height) + " patches touches black; leave more of it white");
  }
  return ignored;
}

bool same_mask(const InspectionMaskPointer& a, const InspectionMaskPointer& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->size() == b->size() && a->pixels() == b->pixels();
}

InspectionMaskPointer read_inspection_mask(const std::string& path) {
  const GrayPicture picture = read_gray_png(path, InspectionMask::max_pixels);
  try {
    return std::make_shared<InspectionMask>(picture.size, picture.pixels);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory for the mask \"" + path + "\"");
  } catch (const Error& error) {
    throw Error(error.code(), "\"" + path + "\" cannot be used: " + error.what());
  }
}

void drop_ignored(const IgnoredPatches& ignored, PatchMatrix& patches) {
  if (ignored.empty()) return;
  std::size_t kept = 0;
  for (std::size_t row = 0; row < patches.rows; ++row) {
    if (ignored[row] != 0) continue;
    if (kept != row) std::copy_n(patches.row(row), patches.columns, patches.row(kept));
    ++kept;
  }
  patches.rows = kept;
  patches.values.resize(kept * patches.columns);
}

ScoreMap spread_over_grid(const IgnoredPatches& ignored, PatchGrid grid, ScoreMap scores) {
  scores.height = grid.height;
  scores.width = grid.width;
  if (ignored.empty()) return scores;
  std::vector<float> spread(ignored.size(), 0.0F);
  std::size_t next = 0;
  for (std::size_t i = 0; i < ignored.size(); ++i) {
    if (ignored[i] == 0) spread[i] = scores.values[next++];
  }
  scores.values = std::move(spread);
  return scores;
}

}  // namespace patchcore
