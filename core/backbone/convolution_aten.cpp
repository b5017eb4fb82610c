// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution by aten's operators alone, on the device where its weights are.
#include <ATen/ops/conv2d.h>

#include <array>
#include <cstdint>

#include "core/backbone/activation.h"
#include "core/backbone/convolution_method.h"

namespace patchcore {
namespace {

constexpr std::array<std::int64_t, 2> dilation = {1, 1};

class AtenConvolution : public ConvolutionOperator {
 public:
  AtenConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded,
                  at::ScalarType type)
      : weight_(folded.weight.to(type).contiguous(at::MemoryFormat::ChannelsLast)),
        bias_(folded.bias.view({1, -1, 1, 1})),
        padding_{(description.kernel - 1) / 2, (description.kernel - 1) / 2},
        stride_{description.stride, description.stride},
        groups_(description.groups),
        activation_(description.activation) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    // Without a bias, as in the plain twin; added to 16-bit sums, it stays in float32.
    at::Tensor output = at::conv2d(input, weight_, {}, stride_, padding_, dilation, groups_)
                            .contiguous(at::MemoryFormat::ChannelsLast);
    output.add_(bias_);
    if (shortcut.defined()) output.add_(shortcut);
    activate(output, activation_);
    return output;
  }

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  std::array<std::int64_t, 2> padding_;
  std::array<std::int64_t, 2> stride_;
  std::int64_t groups_;
  Activation activation_;
};

}  // namespace

std::unique_ptr<const ConvolutionOperator> make_convolution_aten(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  return std::make_unique<AtenConvolution>(description, folded, type);
}

}  // namespace patchcore
