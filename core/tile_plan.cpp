// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// How the patches of a frame's tiles make one score map.
#include "core/tile_plan.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/options.h"

namespace patchcore {
namespace {

constexpr double max_patches = 1 << 24;
constexpr int max_input = 1024;  ///< a side, pixels: what heatmaps are drawn at

int common_cells(int length, int tile, int tile_cells) {
  return std::max(tile_cells,
                  static_cast<int>(std::lround(static_cast<double>(length) * tile_cells / tile)));
}

/// One axis of all tiles on the common grid.
class TileCells {
 public:
  /// @param begins  of the tiles, pixels
  TileCells(const std::vector<int>& begins, int length, int tile, int tile_cells)
      : tile_cells_(tile_cells), cells_(common_cells(length, tile, tile_cells)) {
    const int last = cells_ - tile_cells;
    for (const int begin : begins) {
      const int nearest =
          length == tile
              ? 0
              : static_cast<int>(std::lround(static_cast<double>(begin) * last / (length - tile)));
      // Rounding may leave no gap.
      first_.push_back(first_.empty() ? 0 : std::min(nearest, first_.back() + tile_cells));
    }
    first_.back() = last;
    for (std::size_t i = first_.size() - 1; i-- > 0;) {
      first_[i] = std::max(first_[i], first_[i + 1] - tile_cells);
    }
    weigh();
  }

  int cells() const { return cells_; }
  /// The first cell of a tile.
  int first(std::size_t tile) const { return first_[tile]; }
  /// Those of all tiles that cover a cell sum to 1.
  float weight(std::size_t tile, int cell) const {
    return weights_[tile * static_cast<std::size_t>(tile_cells_) + static_cast<std::size_t>(cell)];
  }

 private:
  void weigh() {
    std::vector<double> sums(static_cast<std::size_t>(cells_));
    std::vector<double> weights;
    for (std::size_t tile = 0; tile < first_.size(); ++tile) {
      const int before = tile == 0 ? 0 : first_[tile - 1] + tile_cells_ - first_[tile];
      const int after =
          tile + 1 == first_.size() ? 0 : first_[tile] + tile_cells_ - first_[tile + 1];
      for (int cell = 0; cell < tile_cells_; ++cell) {
        double weight = 1;
        if (before > 0) weight = std::min(weight, (cell + 0.5) / before);
        if (after > 0) weight = std::min(weight, (tile_cells_ - cell - 0.5) / after);
        weights.push_back(weight);
        sums[static_cast<std::size_t>(first_[tile] + cell)] += weight;
      }
    }
    weights_.reserve(weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const std::size_t tile = i / static_cast<std::size_t>(tile_cells_);
      const std::size_t cell = i % static_cast<std::size_t>(tile_cells_);
      weights_.push_back(
          static_cast<float>(weights[i] / sums[static_cast<std::size_t>(first_[tile]) + cell]));
    }
  }

  int tile_cells_;
  int cells_;
  std::vector<int> first_;
  std::vector<float> weights_;  ///< [tiles, tile_cells]
};

void check_size(const TileLayout& layout, PatchGrid tile_grid) {
  const double tiles =
      static_cast<double>(layout.columns().size()) * static_cast<double>(layout.rows().size());
  const double patches = tiles * tile_grid.width * tile_grid.height;
  if (patches <= max_patches) return;
  throw Error(ErrorCode::unsupported_frame,
              size_text({layout.part().width, layout.part().height}) + " pixels in tiles of " +
                  size_text(layout.tile()) + " are " +
                  std::to_string(static_cast<std::int64_t>(patches)) + " patches, " +
                  std::to_string(static_cast<std::int64_t>(max_patches)) +
                  " are the most: train with a larger tile-size or a smaller input-size");
}

/// Those of the common grid that a tile covers; empty if none of them is ignored.
IgnoredPatches ignored_of_tile(const IgnoredPatches& ignored, PatchGrid grid, PatchGrid tile_grid,
                               int first_row, int first_column) {
  IgnoredPatches own;
  if (ignored.empty()) return own;
  own.reserve(static_cast<std::size_t>(tile_grid.height) * tile_grid.width);
  for (int row = 0; row < tile_grid.height; ++row) {
    const auto begin =
        ignored.begin() + static_cast<std::ptrdiff_t>(first_row + row) * grid.width + first_column;
    own.insert(own.end(), begin, begin + tile_grid.width);
  }
  return std::count(own.begin(), own.end(), 1) == 0 ? IgnoredPatches() : own;
}

bool all_ignored(const IgnoredPatches& ignored) {
  return !ignored.empty() && std::count(ignored.begin(), ignored.end(), 0) == 0;
}

/// Numbers of the positions that are not ignored.
std::vector<std::uint32_t> number_positions(PatchGrid grid, const IgnoredPatches& ignored,
                                            std::size_t& count) {
  std::vector<std::uint32_t> numbers(static_cast<std::size_t>(grid.height) * grid.width);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (ignored.empty() || ignored[i] == 0) numbers[i] = next++;
  }
  count = next;
  return numbers;
}

int seen_side(int tile_input, int length, int tile) {
  return std::max(1,
                  static_cast<int>(std::lround(static_cast<double>(tile_input) * length / tile)));
}

/// Aspect kept, unless a side would be less than any picture's.
Size limited(Size size) {
  const int longer = std::max(size.width, size.height);
  if (longer <= max_input) return size;
  const auto side = [&](int length) {
    const double limit = static_cast<double>(length) * max_input / longer;
    return std::max(smallest_input_side, static_cast<int>(std::lround(limit)));
  };
  return {side(size.width), side(size.height)};
}

}  // namespace

PatchGrid common_grid(const TileLayout& layout, PatchGrid tile_grid) {
  check_size(layout, tile_grid);
  return {common_cells(layout.part().height, layout.tile().height, tile_grid.height),
          common_cells(layout.part().width, layout.tile().width, tile_grid.width)};
}

TilePlan plan_tiles(const TileLayout& layout, PatchGrid tile_grid, Size tile_input,
                    const IgnoredPatches& ignored) {
  const Rect& part = layout.part();
  const Size tile = layout.tile();
  TilePlan plan;
  plan.grid = common_grid(layout, tile_grid);
  plan.input_size = limited({seen_side(tile_input.width, part.width, tile.width),
                             seen_side(tile_input.height, part.height, tile.height)});
  const TileCells across(layout.columns(), part.width, tile.width, tile_grid.width);
  const TileCells down(layout.rows(), part.height, tile.height, tile_grid.height);
  const auto blending = std::make_shared<PatchBlending>();
  const std::vector<std::uint32_t> numbers =
      number_positions(plan.grid, ignored, blending->positions);
  for (std::size_t row = 0; row < layout.rows().size(); ++row) {
    for (std::size_t column = 0; column < layout.columns().size(); ++column) {
      const int first_row = down.first(row);
      const int first_column = across.first(column);
      Tile next = {layout.rect(row, column),
                   ignored_of_tile(ignored, plan.grid, tile_grid, first_row, first_column)};
      if (all_ignored(next.ignored)) continue;
      std::size_t patch = 0;
      for (int y = 0; y < tile_grid.height; ++y) {
        for (int x = 0; x < tile_grid.width; ++x, ++patch) {
          if (!next.ignored.empty() && next.ignored[patch] != 0) continue;
          blending->position.push_back(
              numbers[static_cast<std::size_t>(first_row + y) * plan.grid.width +
                      static_cast<std::size_t>(first_column + x)]);
          blending->weight.push_back(down.weight(row, y) * across.weight(column, x));
        }
      }
      plan.tiles.push_back(std::move(next));
    }
  }
  plan.blending = blending;
  return plan;
}

}  // namespace patchcore
