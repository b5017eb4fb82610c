// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The pretrained network that turns pictures into feature maps: interface and catalogue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/options.h"
#include "core/types.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// What the catalogue knows of a network, weights apart.
struct BackboneDescription {
  std::string name;                         ///< as torchvision spells it, e.g. wide_resnet50_2
  std::vector<std::string> default_layers;  ///< where the features are taken by default
  PreprocessOptions preprocess;             ///< what its weights were trained with
  PatchEmbeddingOptions embedding;          ///< default dimensions
  std::string how_to_get_weights;           ///< a sentence for messages
};

/// A network with its weights, up to the last layer asked for, batch normalization folded.
/// Immutable after construction; extract() may be called from any thread.
class Backbone {
 public:
  virtual ~Backbone() = default;

  /// @param input  any batch, sides at least max_stride()
  /// @return one map for each of layers(), in that order
  /// @throws Error unsupported_frame if the input is too small, internal if LibTorch fails
  virtual FeatureMaps extract(const InputTensor& input) const = 0;

  virtual const std::vector<std::string>& layers() const = 0;

  /// Pixels of the input for one step on the coarsest grid asked for.
  virtual int max_stride() const = 0;

  /// Pixels of the input for one step on the grid of the first of layers(). Of an input that it
  /// does not divide, networks leave out the last pixels or add some. 0 if it is not known that
  /// the grid of an input that it divides is the quotient.
  virtual int first_stride() const = 0;
};

/// All names, in the order in which they are listed to people.
std::vector<std::string> backbone_names();

/// @param name  one of backbone_names(), here and below, or what the published implementation calls
///              it; the description has the former
/// @throws Error not_found that lists the known names, or for a published name says how to export
///         the network
BackboneDescription describe_backbone(const std::string& name);

/// Every layer of the network that may be asked for, first to last.
/// @throws Error not_found
std::vector<std::string> backbone_layers(const std::string& name);

/// One parameter of a network, as PyTorch's state_dict has it.
struct ParameterShape {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// The parameters that the network needs up to the last of @p layers, first to last.
/// @throws Error not_found, invalid_argument as select_backbone_weights()
std::vector<ParameterShape> backbone_parameters(const std::string& name,
                                                const std::vector<std::string>& layers);

/// Those of @p weights that the network needs for @p layers, by the network's names where the
/// checkpoint has others, batch normalization not folded: what a bank file keeps.
/// @param origin  the file, for messages
/// @throws Error not_found for a layer that does not exist (the message lists those that do),
/// invalid_argument if no layer or one twice is asked for, corrupt if a tensor is missing, has
/// another shape than the network's or holds no floating-point numbers
TensorTable select_backbone_weights(const std::string& name, const std::vector<std::string>& layers,
                                    const TensorTable& weights, const std::string& origin);

/// @param weights    by the network's names, see select_backbone_weights()
/// @param precision  what resolve_precision() gives for the device
/// @param device     where it runs. A GPU is tried at once, so that it fails here, not at a frame.
/// @throws as select_backbone_weights(); Error no_space, internal if LibTorch or the GPU fails
std::unique_ptr<Backbone> make_backbone(const std::string& name,
                                        const std::vector<std::string>& layers,
                                        const TensorTable& weights, const std::string& origin,
                                        Precision precision = Precision::fp32,
                                        const Device& device = {});

}  // namespace patchcore
