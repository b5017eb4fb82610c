// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution with the batch normalization and the activation that follow it, as one step.
#include "core/backbone/convolution.h"

#include <ATen/ops/zeros.h>

#include <cstdint>

#include "core/torch_device.h"

namespace patchcore {
namespace {

/// TensorFlow puts an odd zero at the end of an axis: where the length is a multiple of an even
/// stride, for the kernels are odd.
bool has_odd_zero(const ConvolutionDescription& description, std::int64_t length) {
  return description.padding == Padding::tensorflow_same && description.stride % 2 == 0 &&
         length % description.stride == 0;
}

/// One zero more at the end than at the beginning is the same as equally many around a kernel that
/// begins with a zero, and needs no padded copy of the input.
FoldedConvolution begin_with_zeros(const FoldedConvolution& folded, int rows, int columns) {
  const at::Tensor& weight = folded.weight;
  const at::Tensor larger =
      at::zeros({weight.size(0), weight.size(1), weight.size(2) + rows, weight.size(3) + columns});
  larger.slice(2, rows).slice(3, columns).copy_(weight);
  return {larger.contiguous(at::MemoryFormat::ChannelsLast), folded.bias};
}

}  // namespace

Convolution::Convolution(const ConvolutionDescription& description, const TensorTable& weights,
                         const std::string& origin, Precision precision, ConvolutionMethod method,
                         const Device& device)
    : description_(description) {
  const FoldedConvolution folded = fold_convolution(description, weights, origin);
  const at::Device place = torch_device(device);
  const int odd_zeros = has_odd_zero(description, 0) ? 1 : 0;
  for (int rows = 0; rows <= odd_zeros; ++rows) {
    for (int columns = 0; columns <= odd_zeros; ++columns) {
      const FoldedConvolution padded = begin_with_zeros(folded, rows, columns);
      operators_[rows][columns] = make_convolution_operator(
          method, description, {padded.weight.to(place), padded.bias.to(place)},
          scalar_type(precision));
    }
  }
}

at::Tensor Convolution::operator()(const at::Tensor& input, const at::Tensor& shortcut) const {
  const int rows = has_odd_zero(description_, input.size(2)) ? 1 : 0;
  const int columns = has_odd_zero(description_, input.size(3)) ? 1 : 0;
  return (*operators_[rows][columns])(input, shortcut);
}

}  // namespace patchcore
