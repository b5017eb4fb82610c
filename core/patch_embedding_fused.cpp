// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The patch embedding with its chain of linear steps collapsed into one small convolution a layer.
#include "core/patch_embedding_fused.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace patchcore {
namespace {

/// Values [begin, end) of a vector.
struct Window {
  std::int64_t begin;
  std::int64_t end;

  std::int64_t size() const { return end - begin; }
};

/// What adaptive average pooling from @p inputs to @p outputs values averages for one of them.
Window pooling_window(std::int64_t output, std::int64_t inputs, std::int64_t outputs) {
  return {output * inputs / outputs, ((output + 1) * inputs + outputs - 1) / outputs};
}

/// How one layer enters the embedding.
struct LayerShape {
  std::int64_t channels;
  std::int64_t offsets;       ///< positions of a neighbourhood
  std::int64_t dimension;     ///< after the first pooling
  std::int64_t joined_begin;  ///< its place in the joined vector
  std::int64_t joined_size;   ///< of the joined vector
  std::int64_t target;        ///< after the second pooling
};

/// Calls @p function(target value, channel, offset, weight) for all that the two poolings add up;
/// the same first three may come more than once.
template <typename Function>
void for_each_term(const LayerShape& shape, Window targets, Function&& function) {
  const std::int64_t layer_end = shape.joined_begin + shape.dimension;
  for (std::int64_t target = targets.begin; target < targets.end; ++target) {
    const Window joined = pooling_window(target, shape.joined_size, shape.target);
    const std::int64_t begin = std::max(joined.begin, shape.joined_begin);
    const std::int64_t end = std::min(joined.end, layer_end);
    for (std::int64_t value = begin; value < end; ++value) {
      const Window unfolded = pooling_window(value - shape.joined_begin,
                                             shape.channels * shape.offsets, shape.dimension);
      const double weight = 1.0 / static_cast<double>(joined.size() * unfolded.size());
      for (std::int64_t element = unfolded.begin; element < unfolded.end; ++element) {
        function(target, element / shape.offsets, element % shape.offsets, weight);
      }
    }
  }
}

/// The output values that a channel reaches.
struct Reach {
  std::int32_t first = INT32_MAX;
  std::int32_t count = 0;
};

/// A depthwise convolution whose results are added to the output values that they belong to.
class LayerConvolution {
 public:
  explicit LayerConvolution(const LayerShape& shape, int patch_size)
      : channels_(shape.channels), patch_size_(patch_size), reach_(shape.channels) {
    // The target values whose windows touch the layer.
    targets_.begin = shape.joined_begin * shape.target / shape.joined_size;
    targets_.end = ((shape.joined_begin + shape.dimension) * shape.target + shape.joined_size - 1) /
                   shape.joined_size;
    for_each_term(shape, targets_, [&](std::int64_t target, std::int64_t channel, auto, auto) {
      const auto output = static_cast<std::int32_t>(target - targets_.begin);
      Reach& reach = reach_[channel];
      reach.first = std::min(reach.first, output);
      reach.count = output - reach.first + 1;
    });
    std::int32_t largest_reach = 0;
    for (const Reach& reach : reach_) largest_reach = std::max(largest_reach, reach.count);
    multiplier_ = largest_reach;

    std::vector<double> sums(multiplier_ * shape.offsets * channels_);
    for_each_term(
        shape, targets_,
        [&](std::int64_t target, std::int64_t channel, std::int64_t offset, double weight) {
          const std::int64_t step = target - targets_.begin - reach_[channel].first;
          sums[(step * shape.offsets + offset) * channels_ + channel] += weight;
        });
    weights_.assign(sums.begin(), sums.end());
  }

  /// The first target value that the layer adds to.
  std::int64_t first_target() const { return targets_.begin; }
  std::int64_t outputs() const { return targets_.size(); }

  /// Adds the layer's part at one position.
  /// @param outputs  outputs() values, the first of them belongs to first_target()
  void add(const FeatureMap& map, std::int64_t picture, int y, int x, float* outputs) const {
    const int reach = patch_size_ / 2;
    const int first_row = std::max(0, y - reach);
    const int last_row = std::min(map.height - 1, y + reach);
    const int first_column = std::max(0, x - reach);
    const int last_column = std::min(map.width - 1, x + reach);
    // Few enough channels at a time to stay in the nearest cache while all offsets are added up.
    constexpr std::int64_t block_size = 64;
    for (std::int64_t channel = 0; channel < channels_; channel += block_size) {
      const std::int64_t count = std::min(block_size, channels_ - channel);
      for (std::int64_t step = 0; step < multiplier_; ++step) {
        float sums[block_size] = {};
        for (int row = first_row; row <= last_row; ++row) {
          for (int column = first_column; column <= last_column; ++column) {
            const std::int64_t offset =
                static_cast<std::int64_t>(row - y + reach) * patch_size_ + column - x + reach;
            const float* weights =
                weights_.data() +
                ((step * patch_size_ * patch_size_ + offset) * channels_ + channel);
            const float* values =
                map.values.get() +
                (((picture * map.height + row) * map.width + column) * channels_ + channel);
            for (std::int64_t i = 0; i < count; ++i) sums[i] += weights[i] * values[i];
          }
        }
        for (std::int64_t i = 0; i < count; ++i) {
          const Reach& to = reach_[channel + i];
          if (step < to.count) outputs[to.first + step] += sums[i];
        }
      }
    }
  }

 private:
  std::int64_t channels_;
  int patch_size_;
  Window targets_ = {0, 0};
  std::vector<Reach> reach_;     ///< of each channel
  std::int64_t multiplier_ = 0;  ///< results of each channel
  std::vector<float> weights_;   ///< [multiplier, offsets, channels]
};

/// Where one output row or column lies between two of the input.
struct ResizeTap {
  int near = 0;
  int far = 0;
  float far_weight = 0;
};

/// Bilinear resizing along one axis, without aligned corners.
std::vector<ResizeTap> resize_taps(int from, int to) {
  std::vector<ResizeTap> taps(to);
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double source = std::max(0.0, (i + 0.5) * scale - 0.5);
    taps[i].near = std::min(static_cast<int>(source), from - 1);
    taps[i].far = std::min(taps[i].near + 1, from - 1);
    taps[i].far_weight = static_cast<float>(source - taps[i].near);
  }
  return taps;
}

/// One layer on its way into the output.
class FusedLayer {
 public:
  FusedLayer(const FeatureMap& map, const LayerShape& shape, int patch_size, int height, int width)
      : map_(map),
        convolution_(shape, patch_size),
        resized_(map.height != height || map.width != width) {
    if (!resized_) return;
    rows_ = resize_taps(map.height, height);
    columns_ = resize_taps(map.width, width);
    pooled_.resize(static_cast<std::size_t>(map.batch) * map.height * map.width *
                   convolution_.outputs());
  }

  /// Works out the values on the layer's own grid, if they are needed there.
  void pool() {
    if (!resized_) return;
    const std::int64_t rows = static_cast<std::int64_t>(map_.batch) * map_.height;
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < rows; ++row) {
      for (int x = 0; x < map_.width; ++x) {
        convolution_.add(map_, row / map_.height, static_cast<int>(row % map_.height), x,
                         pooled_.data() + (row * map_.width + x) * convolution_.outputs());
      }
    }
  }

  /// Adds the layer's part at one position of the output grid.
  /// @param target  the whole patch feature
  void add(std::int64_t picture, int y, int x, float* target) const {
    float* outputs = target + convolution_.first_target();
    if (!resized_) {
      convolution_.add(map_, picture, y, x, outputs);
      return;
    }
    const ResizeTap& row = rows_[y];
    const ResizeTap& column = columns_[x];
    const float* near_near = pooled_at(picture, row.near, column.near);
    const float* near_far = pooled_at(picture, row.near, column.far);
    const float* far_near = pooled_at(picture, row.far, column.near);
    const float* far_far = pooled_at(picture, row.far, column.far);
    const float near_row = 1 - row.far_weight;
    const float near_column = 1 - column.far_weight;
    const std::int64_t count = convolution_.outputs();
    for (std::int64_t i = 0; i < count; ++i) {
      outputs[i] += near_row * (near_column * near_near[i] + column.far_weight * near_far[i]) +
                    row.far_weight * (near_column * far_near[i] + column.far_weight * far_far[i]);
    }
  }

 private:
  const float* pooled_at(std::int64_t picture, int y, int x) const {
    return pooled_.data() + ((picture * map_.height + y) * map_.width + x) * convolution_.outputs();
  }

  const FeatureMap& map_;
  LayerConvolution convolution_;
  bool resized_;
  std::vector<ResizeTap> rows_;
  std::vector<ResizeTap> columns_;
  std::vector<float> pooled_;  ///< [batch, height, width, outputs]
};

std::int64_t dimension_after_pooling(int dimension, std::int64_t unpooled) {
  return dimension == dimension_none ? unpooled : dimension;
}

}  // namespace

void embed_fused(const FeatureMaps& maps, const PatchEmbeddingOptions& options,
                 PatchMatrix& patches) {
  std::int64_t joined_size = 0;
  for (const FeatureMap& map : maps) {
    joined_size += dimension_after_pooling(options.pretrain_embed_dimension, map.channels);
  }
  const std::int64_t target = dimension_after_pooling(options.target_embed_dimension, joined_size);

  const int height = maps.front().height;
  const int width = maps.front().width;
  std::vector<FusedLayer> layers;
  layers.reserve(maps.size());
  std::int64_t joined_begin = 0;
  for (const FeatureMap& map : maps) {
    const LayerShape shape = {
        map.channels,
        static_cast<std::int64_t>(options.patch_size) * options.patch_size,
        dimension_after_pooling(options.pretrain_embed_dimension, map.channels),
        joined_begin,
        joined_size,
        target};
    layers.emplace_back(map, shape, options.patch_size, height, width);
    joined_begin += shape.dimension;
  }
  for (FusedLayer& layer : layers) layer.pool();

  // Everything is allocated by now: no exception can arise inside of the parallel loops.
  const std::int64_t rows = static_cast<std::int64_t>(maps.front().batch) * height;
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < rows; ++row) {
    for (int x = 0; x < width; ++x) {
      float* feature = patches.row(row * width + x);
      std::fill_n(feature, target, 0.0F);
      for (const FusedLayer& layer : layers) {
        layer.add(row / height, static_cast<int>(row % height), x, feature);
      }
    }
  }
}

}  // namespace patchcore
