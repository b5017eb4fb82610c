// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An inverted residual block in one go, a few rows at a time: what it widens stays in the cache.
#include "core/backbone/inverted_residual.h"

#include <omp.h>

#include <algorithm>
#include <type_traits>

namespace patchcore {
namespace {

constexpr int stem_channels = 3;

/// Blocks of output channels computed for some rows before the next ones are: their weights stay in
/// the nearest cache.
constexpr std::size_t blocks_at_a_time = 3;

/// Of the rows that are narrowed together, so that weights are read for more than a few positions.
constexpr int positions_together = 64;

template <typename T>
void grow(std::vector<T>& values, std::size_t count) {
  if (values.size() < count) values.resize(count);
}

/// Widened rows, each [blocks, columns, channels_per_block].
struct WidenedRows {
  float* values = nullptr;
  int capacity = 0;  ///< row y lies at y % capacity
  std::size_t blocks = 0;
  std::size_t zeros_before = 0;  ///< columns of zeros
  std::size_t width = 0;
  std::size_t zeros_after = 0;

  std::size_t block_size() const {
    return (zeros_before + width + zeros_after) * channels_per_block;
  }
  std::size_t row_size() const { return blocks * block_size(); }

  /// The first position that is none of the zeros.
  float* row(int y, std::size_t block) const {
    return values + y % capacity * row_size() + block * block_size() +
           zeros_before * channels_per_block;
  }

  void write_zeros(int y) const {
    for (std::size_t block = 0; block < blocks; ++block) {
      float* first = row(y, block);
      std::fill_n(first - zeros_before * channels_per_block, zeros_before * channels_per_block, 0);
      std::fill_n(first + width * channels_per_block, zeros_after * channels_per_block, 0);
    }
  }
};

/// Widens what the block before has made.
template <typename Value>
class PointwiseWidening {
 public:
  explicit PointwiseWidening(const WeightedConvolution& convolution) : rows_(convolution) {}

  const ConvolutionDescription& description() const { return rows_.description(); }

  ConvolutionGrid rows(const BlockPicture&, const BlockFeatures<Value>& input) const {
    return {input.height, 0, 0};
  }
  ConvolutionGrid columns(const BlockPicture&, const BlockFeatures<Value>& input) const {
    return {input.width, 0, 0};
  }

  void prepare(const BlockPicture&, BlockWorkspace<Value>&) const {}

  /// Computes the rows [begin, end).
  void widen(const BlockPicture&, const BlockFeatures<Value>& input, const BlockWorkspace<Value>&,
             int begin, int end, const WidenedRows& widened) const {
    const std::size_t row_size = input.width * input.stride;
    for (std::size_t block = 0; block < rows_.blocks(); block += blocks_at_a_time) {
      auto row = rows_.row(block, std::min(blocks_at_a_time, rows_.blocks() - block));
      row.input_stride = input.stride;
      row.positions = widened.width;
      row.block_stride = widened.block_size();
      row.position_stride = channels_per_block;
      for (int y = begin; y < end; ++y) {
        if constexpr (std::is_same_v<Value, float>) {
          row.inputs[0] = input.values.data() + y * row_size;
        } else {
          row.inputs[0] = input.rounded.data() + y * row_size;
        }
        row.outputs = widened.row(y, block);
        rows_.compute(row);
      }
    }
  }

 private:
  SummingRows<Value> rows_;
};

/// Widens a picture by the network's stem.
template <typename Value>
class StemWidening {
 public:
  explicit StemWidening(const WeightedConvolution& convolution) : rows_(convolution) {}

  const ConvolutionDescription& description() const { return rows_.description(); }

  ConvolutionGrid rows(const BlockPicture& picture, const BlockFeatures<Value>&) const {
    return convolution_grid(description(), picture.height);
  }
  ConvolutionGrid columns(const BlockPicture& picture, const BlockFeatures<Value>&) const {
    return convolution_grid(description(), picture.width);
  }

  /// Puts the channels of a position together, and zeros around the picture.
  void prepare(const BlockPicture& picture, BlockWorkspace<Value>& workspace) const {
    const ConvolutionGrid grid = convolution_grid(description(), picture.height);
    const int height = grid.zeros_before + picture.height + grid.zeros_after;
    const std::size_t before =
        convolution_grid(description(), picture.width).zeros_before * stem_channels;
    const std::size_t row_size = padded_width(picture) * stem_channels;
    const std::size_t plane = static_cast<std::size_t>(picture.height) * picture.width;
    grow(workspace.picture, height * row_size);
#pragma omp parallel for schedule(static)
    for (int y = 0; y < height; ++y) {
      float* row = workspace.picture.data() + y * row_size;
      std::fill_n(row, row_size, 0.0F);
      const int from = y - grid.zeros_before;
      if (from < 0 || from >= picture.height) continue;
      row += before;
      const float* values = picture.values + static_cast<std::size_t>(from) * picture.width;
      for (int x = 0; x < picture.width; ++x) {
        for (int channel = 0; channel < stem_channels; ++channel)
          row[stem_channels * x + channel] = values[channel * plane + x];
      }
    }
  }

  void widen(const BlockPicture& picture, const BlockFeatures<Value>&,
             const BlockWorkspace<Value>& workspace, int begin, int end,
             const WidenedRows& widened) const {
    const std::size_t row_size = padded_width(picture) * stem_channels;
    auto row = rows_.row(0, rows_.blocks());
    row.input_stride = static_cast<std::size_t>(description().stride) * stem_channels;
    row.positions = widened.width;
    row.block_stride = widened.block_size();
    row.position_stride = channels_per_block;
    for (int y = begin; y < end; ++y) {
      for (std::size_t part = 0; part < row.parts; ++part)
        row.inputs[part] = workspace.picture.data() + (y * description().stride + part) * row_size;
      row.outputs = widened.row(y, 0);
      rows_.compute(row);
    }
  }

 private:
  std::size_t padded_width(const BlockPicture& picture) const {
    const ConvolutionGrid grid = convolution_grid(description(), picture.width);
    return static_cast<std::size_t>(grid.zeros_before + picture.width + grid.zeros_after);
  }

  SummingRows<float> rows_;
};

template <typename Value, typename Widening>
class InvertedResidualBlock : public InvertedResidual<Value> {
 public:
  InvertedResidualBlock(const WeightedConvolution& widening, const WeightedConvolution& depthwise,
                        const WeightedConvolution& narrowing)
      : widening_(widening),
        depthwise_(depthwise),
        narrowing_(narrowing),
        has_shortcut_(depthwise.description.stride == 1 && widening.description.stride == 1 &&
                      widening.description.input_channels ==
                          narrowing.description.output_channels) {}

  void run(const BlockPicture& picture, const BlockFeatures<Value>& input,
           BlockFeatures<Value>& output, BlockWorkspace<Value>& workspace) const override {
    const int height = widening_.rows(picture, input).outputs;
    const int width = widening_.columns(picture, input).outputs;
    const ConvolutionDescription& description = depthwise_.description();
    const Job job = {convolution_grid(description, height),
                     convolution_grid(description, width),
                     height,
                     picture,
                     input,
                     output,
                     workspace};
    prepare_output(job);
    WidenedRows widened;
    widened.blocks = depthwise_.blocks();
    widened.zeros_before = static_cast<std::size_t>(job.columns.zeros_before);
    widened.width = static_cast<std::size_t>(width);
    widened.zeros_after = static_cast<std::size_t>(job.columns.zeros_after);
    grow(workspace.zeros, widened.block_size());
    widening_.prepare(picture, workspace);

    const int parts = std::min(omp_get_max_threads(), job.rows.outputs);
    if (workspace.parts.size() < static_cast<std::size_t>(parts)) workspace.parts.resize(parts);
    const int together = std::clamp(positions_together / job.columns.outputs, 1, job.rows.outputs);
    for (int part = 0; part < parts; ++part) {
      grow(workspace.parts[part].convolved, static_cast<std::size_t>(together) *
                                                job.columns.outputs * widened.blocks *
                                                channels_per_block);
    }
    // Rows that two parts need are widened by both, unless there would be too many of them.
    const int widened_twice = (parts - 1) * std::max(0, description.kernel - description.stride);
    if (widened_twice * 16 > height) {
      run_in_two_passes(job, widened, parts, together);
    } else {
      run_in_strips(job, widened, parts, together);
    }
  }

 private:
  struct Job {
    ConvolutionGrid rows;
    ConvolutionGrid columns;
    int height;  ///< of the widened rows
    const BlockPicture& picture;
    const BlockFeatures<Value>& input;
    BlockFeatures<Value>& output;
    BlockWorkspace<Value>& workspace;
  };

  void prepare_output(const Job& job) const {
    BlockFeatures<Value>& output = job.output;
    output.height = job.rows.outputs;
    output.width = job.columns.outputs;
    output.stride = narrowing_.blocks() * channels_per_block;
    const std::size_t count = output.height * output.width * output.stride;
    grow(output.values, count);
    if constexpr (!std::is_same_v<Value, float>) grow(output.rounded, count);
  }

  void widen(const Job& job, const WidenedRows& widened, int begin, int end) const {
    widening_.widen(job.picture, job.input, job.workspace, begin, end, widened);
    for (int y = begin; y < end; ++y) widened.write_zeros(y);
  }

  /// All of the widened rows in memory, for small pictures.
  void run_in_two_passes(const Job& job, WidenedRows widened, int parts, int together) const {
    widened.capacity = job.height;
    grow(job.workspace.widened, widened.row_size() * widened.capacity);
    widened.values = job.workspace.widened.data();
#pragma omp parallel for schedule(static, 1)
    for (int part = 0; part < parts; ++part)
      widen(job, widened, job.height * part / parts, job.height * (part + 1) / parts);
#pragma omp parallel for schedule(static, 1)
    for (int part = 0; part < parts; ++part) {
      const int end = job.rows.outputs * (part + 1) / parts;
      for (int y = job.rows.outputs * part / parts; y < end; y += together)
        narrow(job, widened, y, std::min(end, y + together), job.workspace.parts[part].convolved);
    }
  }

  /// No more of the widened rows than a few outputs need.
  void run_in_strips(const Job& job, const WidenedRows& widened, int parts, int together) const {
    const ConvolutionDescription& description = depthwise_.description();
    const int capacity = (together - 1) * description.stride + description.kernel;
    for (int part = 0; part < parts; ++part)
      grow(job.workspace.parts[part].widened, widened.row_size() * capacity);
#pragma omp parallel for schedule(static, 1)
    for (int part = 0; part < parts; ++part) {
      WidenedRows mine = widened;
      mine.capacity = capacity;
      mine.values = job.workspace.parts[part].widened.data();
      const int end = job.rows.outputs * (part + 1) / parts;
      int widened_to = 0;
      for (int y = job.rows.outputs * part / parts; y < end; y += together) {
        const int strip_end = std::min(end, y + together);
        const int first = std::max(0, y * description.stride - job.rows.zeros_before);
        const int last = std::min(job.height, (strip_end - 1) * description.stride -
                                                  job.rows.zeros_before + description.kernel);
        widen(job, mine, std::max(first, widened_to), last);
        widened_to = last;
        narrow(job, mine, y, strip_end, job.workspace.parts[part].convolved);
      }
    }
  }

  /// Computes the output's rows [begin, end).
  void narrow(const Job& job, const WidenedRows& widened, int begin, int end,
              std::vector<Value>& convolved) const {
    const auto width = static_cast<std::size_t>(job.columns.outputs);
    const std::size_t row_size = width * widened.blocks * channels_per_block;
    for (int y = begin; y < end; ++y)
      convolve(job, widened, y, convolved.data() + (y - begin) * row_size);

    BlockFeatures<Value>& output = job.output;
    for (std::size_t block = 0; block < narrowing_.blocks(); block += blocks_at_a_time) {
      auto row = narrowing_.row(block, std::min(blocks_at_a_time, narrowing_.blocks() - block));
      const std::size_t first = begin * width * output.stride + block * channels_per_block;
      row.inputs[0] = convolved.data();
      row.input_stride = widened.blocks * channels_per_block;
      row.positions = (end - begin) * width;
      row.block_stride = channels_per_block;
      row.position_stride = output.stride;
      row.outputs = output.values.data() + first;
      row.shortcut = has_shortcut_ ? job.input.values.data() + first : nullptr;
      narrowing_.compute(row);
    }
    if constexpr (!std::is_same_v<Value, float>) {
      const std::size_t first = begin * width * output.stride;
      narrowing_.round(output.values.data() + first, (end - begin) * width * output.stride,
                       output.rounded.data() + first);
    }
  }

  /// The depthwise convolution for one row, [width, blocks, channels_per_block].
  void convolve(const Job& job, const WidenedRows& widened, int y, Value* results) const {
    const int first = y * depthwise_.description().stride - job.rows.zeros_before;
    for (std::size_t block = 0; block < widened.blocks; ++block) {
      DepthwiseRow<Value> row = depthwise_.row(block);
      for (int i = 0; i < depthwise_.description().kernel; ++i) {
        const bool outside = first + i < 0 || first + i >= job.height;
        row.inputs[i] =
            outside ? job.workspace.zeros.data()
                    : widened.row(first + i, block) - widened.zeros_before * channels_per_block;
      }
      row.positions = static_cast<std::size_t>(job.columns.outputs);
      row.outputs = results + block * channels_per_block;
      row.output_stride = widened.blocks * channels_per_block;
      depthwise_.compute(row);
    }
  }

  Widening widening_;
  DepthwiseRows<Value> depthwise_;
  SummingRows<Value> narrowing_;
  bool has_shortcut_;
};

}  // namespace

template <typename Value>
std::unique_ptr<const InvertedResidual<Value>> make_inverted_residual(
    const WeightedConvolution& widening, const WeightedConvolution& depthwise,
    const WeightedConvolution& narrowing) {
  if (widening.description.kernel == 1)
    return std::make_unique<InvertedResidualBlock<Value, PointwiseWidening<Value>>>(
        widening, depthwise, narrowing);
  return std::make_unique<InvertedResidualBlock<Value, StemWidening<Value>>>(widening, depthwise,
                                                                             narrowing);
}

template std::unique_ptr<const InvertedResidual<float>> make_inverted_residual(
    const WeightedConvolution&, const WeightedConvolution&, const WeightedConvolution&);
template std::unique_ptr<const InvertedResidual<Bfloat16Bits>> make_inverted_residual(
    const WeightedConvolution&, const WeightedConvolution&, const WeightedConvolution&);

}  // namespace patchcore
