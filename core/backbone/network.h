// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A network as a row of steps: what every family describes itself as, and what runs it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/backbone/convolution.h"

namespace patchcore {

/// One step from tensor to tensor: a stem, a pooling, a block.
struct NetworkStep {
  std::vector<std::string> layers;  ///< the names that its output has; may be empty
  int stride = 1;                   ///< pixels of the network's input for one of the output
  std::vector<ConvolutionDescription> convolutions;
  /// Computes the output. The input may be someone's feature map and is never changed.
  at::Tensor (*forward)(const std::vector<Convolution>& convolutions,
                        const at::Tensor& input) = nullptr;
};

/// Runs the steps from the first to the last that a layer asked for needs.
class Network : public Backbone {
 public:
  /// @param steps    of the whole network
  /// @param layers   names among those of the steps, each once
  /// @param weights  with the parameters_of() every convolution needed
  /// @param origin   the file, for messages
  /// @param precision  what resolve_precision() gives for the device
  /// @param method     one of convolution_methods(precision); aten on other devices
  /// @param device     where it runs; maps are in the processor's memory all the same
  Network(const std::vector<NetworkStep>& steps, std::vector<std::string> layers,
          const TensorTable& weights, const std::string& origin, Precision precision,
          ConvolutionMethod method, const Device& device = {});

  FeatureMaps extract(const InputTensor& input) const override;
  const std::vector<std::string>& layers() const override { return layers_; }
  int max_stride() const override { return max_stride_; }
  int first_stride() const override { return first_stride_; }

 private:
  struct Step {
    at::Tensor (*forward)(const std::vector<Convolution>&, const at::Tensor&);
    std::vector<Convolution> convolutions;
    std::vector<std::size_t> wanted;  ///< what its output is in layers_
  };

  std::vector<std::string> layers_;
  Precision precision_;
  Device device_;
  std::vector<Step> steps_;
  int max_stride_ = 1;
  int first_stride_ = 1;
};

/// How many of @p steps must run for @p layers.
/// @param layers  names among those of the steps
std::size_t steps_needed(const std::vector<NetworkStep>& steps,
                         const std::vector<std::string>& layers);

}  // namespace patchcore
