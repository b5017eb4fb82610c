// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Networks of inverted residual blocks by kernels of our own, without LibTorch.
#include "core/backbone/inverted_residual_network.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>

#include "core/backbone/inverted_residual.h"
#include "core/backbone/network_tensors.h"
#include "core/error.h"

namespace patchcore {
namespace {

/// Whether the kernels can follow it up.
bool has_limits(const ConvolutionDescription& convolution) {
  return convolution.activation == Activation::none || convolution.activation == Activation::relu ||
         convolution.activation == Activation::relu6;
}

bool is_pointwise(const ConvolutionDescription& convolution) {
  return has_limits(convolution) && convolution.kernel == 1 && convolution.stride == 1 &&
         convolution.groups == 1;
}

bool is_depthwise(const ConvolutionDescription& convolution) {
  return has_limits(convolution) && convolution.groups == convolution.input_channels &&
         convolution.groups == convolution.output_channels &&
         (convolution.kernel == 3 || convolution.kernel == 5);
}

bool is_stem(const NetworkStep& step) {
  if (step.convolutions.size() != 1) return false;
  const ConvolutionDescription& convolution = step.convolutions[0];
  return has_limits(convolution) && convolution.input_channels == 3 && convolution.kernel == 3 &&
         convolution.groups == 1;
}

/// @param widens  whether by a pointwise convolution
bool is_block(const NetworkStep& step, bool widens) {
  if (step.convolutions.size() != (widens ? 3 : 2)) return false;
  return (!widens || is_pointwise(step.convolutions[0])) &&
         is_depthwise(step.convolutions[step.convolutions.size() - 2]) &&
         is_pointwise(step.convolutions.back());
}

/// The features without the zeros that fill their last block.
template <typename Value>
void copy_features(const BlockFeatures<Value>& features, std::size_t channels, float* values) {
  const std::size_t positions = static_cast<std::size_t>(features.height) * features.width;
  for (std::size_t position = 0; position < positions; ++position)
    std::copy_n(features.values.data() + position * features.stride, channels,
                values + position * channels);
}

/// Blocks that take so few channels multiply float32 even where the others multiply bfloat16: they
/// are the first ones, which do few of the products, and what rounding did there all others would
/// carry on.
constexpr int channels_of_float_blocks = 32;

/// Blocks that follow each other.
/// @tparam Value  what their convolutions across channels multiply
template <typename Value>
struct Blocks {
  struct Step {
    std::unique_ptr<const InvertedResidual<Value>> block;
    int channels = 0;                 ///< of the output
    std::vector<std::size_t> wanted;  ///< what the output is of the layers that were asked for
  };

  /// What a picture needs on its way.
  struct Memory {
    BlockFeatures<Value> features[2];  ///< of the latest blocks, in turns
    BlockWorkspace<Value> workspace;
    int latest = 0;  ///< of the features
  };

  std::vector<Step> steps;
};

/// Gives features to blocks that multiply other values.
template <typename Value>
void hand_over(BlockFeatures<float>& features, BlockFeatures<Value>& same) {
  same.height = features.height;
  same.width = features.width;
  same.stride = features.stride;
  std::swap(same.values, features.values);
  if constexpr (!std::is_same_v<Value, float>) {
    const std::size_t count = same.height * same.width * same.stride;
    if (same.rounded.size() < count) same.rounded.resize(count);
    row_convolution_kernels<Value>().back().round(same.values.data(), count, same.rounded.data());
  }
}

/// @tparam Value  of all but the first blocks
template <typename Value>
class InvertedResidualNetwork : public Backbone {
 public:
  InvertedResidualNetwork(const std::vector<NetworkStep>& steps, std::vector<std::string> layers,
                          const TensorTable& weights, const std::string& origin)
      : layers_(std::move(layers)) {
    const auto load = [&](const ConvolutionDescription& description) {
      return WeightedConvolution{description, fold_convolution(description, weights, origin)};
    };
    const std::size_t needed = steps_needed(steps, layers_);
    for (std::size_t i = 1; i < needed; ++i) {
      const std::vector<ConvolutionDescription>& own = steps[i].convolutions;
      // The stem widens for the first block, which has no convolution of its own for that.
      const ConvolutionDescription& widening = i == 1 ? steps[0].convolutions[0] : own[0];
      std::vector<std::size_t> wanted;
      for (const std::string& name : steps[i].layers) {
        const auto asked = std::find(layers_.begin(), layers_.end(), name);
        if (asked == layers_.end()) continue;
        wanted.push_back(asked - layers_.begin());
        max_stride_ = std::max(max_stride_, steps[i].stride);
        if (asked == layers_.begin()) first_stride_ = steps[i].stride;
      }
      const auto add = [&](auto& blocks, auto block) {
        blocks.steps.push_back({std::move(block), own.back().output_channels, std::move(wanted)});
      };
      const WeightedConvolution depthwise = load(own[own.size() - 2]);
      const WeightedConvolution narrowing = load(own.back());
      if (rest_.steps.empty() && own[0].input_channels <= channels_of_float_blocks) {
        add(first_, make_inverted_residual<float>(load(widening), depthwise, narrowing));
      } else {
        add(rest_, make_inverted_residual<Value>(load(widening), depthwise, narrowing));
      }
    }
  }

  FeatureMaps extract(const InputTensor& input) const override {
    check_input(input, max_stride_);
    try {
      std::unique_ptr<Frame> frame = take_frame();
      FeatureMaps maps(layers_.size());
      for (int picture = 0; picture < input.batch; ++picture) extract(input, picture, *frame, maps);
      give_back(std::move(frame));
      return maps;
    } catch (const std::bad_alloc&) {
      throw Error(ErrorCode::no_space, "no memory to run the network on pictures of " +
                                           size_text({input.width, input.height}) + " pixels");
    }
  }

  const std::vector<std::string>& layers() const override { return layers_; }
  int max_stride() const override { return max_stride_; }
  int first_stride() const override { return first_stride_; }

 private:
  /// All that a picture needs on its way.
  struct Frame {
    typename Blocks<float>::Memory first;
    typename Blocks<Value>::Memory rest;
  };

  void extract(const InputTensor& input, int picture, Frame& frame, FeatureMaps& maps) const {
    const std::size_t size = std::size_t{3} * input.height * input.width;
    const BlockPicture source = {input.height, input.width, input.values.data() + picture * size};
    const auto run = [&](const auto& blocks, auto& memory) {
      for (const auto& step : blocks.steps) {
        const auto& before = memory.features[memory.latest];
        memory.latest = 1 - memory.latest;
        auto& after = memory.features[memory.latest];
        step.block->run(source, before, after, memory.workspace);
        for (const std::size_t index : step.wanted)
          keep(after, step.channels, input.batch, picture, layers_[index], maps[index]);
      }
    };
    run(first_, frame.first);
    if (rest_.steps.empty()) return;
    hand_over(frame.first.features[frame.first.latest], frame.rest.features[frame.rest.latest]);
    run(rest_, frame.rest);
  }

  /// Copies the features of one picture into the map of all.
  template <typename Product>
  static void keep(const BlockFeatures<Product>& features, int channels, int batch, int picture,
                   const std::string& layer, FeatureMap& map) {
    const std::size_t size = static_cast<std::size_t>(features.height) * features.width * channels;
    if (picture == 0) {
      map = {layer, batch, features.height, features.width, channels, {}};
      // C++17's shared_ptr deletes arrays as such when it is told that it holds one.
      const std::shared_ptr<float[]> values(new float[batch * size]);
      map.values = std::shared_ptr<const float>(values, values.get());
    }
    // The map is ours until it is returned.
    copy_features(features, channels, const_cast<float*>(map.values.get()) + picture * size);
  }

  std::unique_ptr<Frame> take_frame() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (idle_.empty()) return std::make_unique<Frame>();
    std::unique_ptr<Frame> frame = std::move(idle_.back());
    idle_.pop_back();
    return frame;
  }

  void give_back(std::unique_ptr<Frame> frame) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(frame));
  }

  std::vector<std::string> layers_;
  Blocks<float> first_;
  Blocks<Value> rest_;  ///< after them
  int max_stride_ = 1;
  int first_stride_ = 1;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Frame>> idle_;  ///< under mutex_: memory of earlier frames
};

}  // namespace

bool has_inverted_residual_network(const std::vector<NetworkStep>& steps, Precision precision) {
  // Those for every machine are the definition, not fast.
  const bool has_kernels = precision == Precision::bf16
                               ? row_convolution_kernels<Bfloat16Bits>().size() > 1
                               : row_convolution_kernels<float>().size() > 1;
  if (!has_kernels || steps.size() < 2 || !is_stem(steps[0]) || !is_block(steps[1], false))
    return false;
  return std::all_of(steps.begin() + 2, steps.end(),
                     [](const NetworkStep& step) { return is_block(step, true); });
}

std::unique_ptr<Backbone> make_inverted_residual_network(const std::vector<NetworkStep>& steps,
                                                         std::vector<std::string> layers,
                                                         const TensorTable& weights,
                                                         const std::string& origin,
                                                         Precision precision) {
  if (precision == Precision::bf16)
    return std::make_unique<InvertedResidualNetwork<Bfloat16Bits>>(steps, std::move(layers),
                                                                   weights, origin);
  return std::make_unique<InvertedResidualNetwork<float>>(steps, std::move(layers), weights,
                                                          origin);
}

}  // namespace patchcore
