// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution by aten's operator: the plain twin of the others.
#include <ATen/Context.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/mkldnn_convolution.h>

#include <array>
#include <cstdint>

#include "core/backbone/convolution_finish.h"
#include "core/backbone/convolution_method.h"
#include "core/backbone/precision.h"

namespace patchcore {
namespace {

constexpr std::array<std::int64_t, 2> dilation = {1, 1};

class PlainConvolution : public ConvolutionOperator {
 public:
  PlainConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded,
                   at::ScalarType type)
      : weight_(folded.weight.to(type)),
        bias_(folded.bias),
        padding_{(description.kernel - 1) / 2, (description.kernel - 1) / 2},
        stride_{description.stride, description.stride},
        groups_(description.groups),
        activation_(description.activation) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    const at::Tensor output = convolve(input).contiguous(at::MemoryFormat::ChannelsLast);
    finish_convolution(output, bias_, shortcut, activation_);
    return output;
  }

 private:
  /// The sums alone. The bias stays out of them: sums that start at a large bias lose digits.
  /// oneDNN is asked for by name where there is one, since LibTorch would leave small and
  /// single-threaded 1x1 convolutions to a slower way of its own.
  at::Tensor convolve(const at::Tensor& input) const {
    static const bool has_bf16 = precision_support().bf16_convolutions;
    if (input.scalar_type() == at::kBFloat16 ? has_bf16 : at::hasMKLDNN())
      return at::mkldnn_convolution(input, weight_, {}, padding_, stride_, dilation, groups_);
    return at::conv2d(input, weight_, {}, stride_, padding_, dilation, groups_);
  }

  at::Tensor weight_;
  at::Tensor bias_;
  std::array<std::int64_t, 2> padding_;
  std::array<std::int64_t, 2> stride_;
  std::int64_t groups_;
  Activation activation_;
};

}  // namespace

std::unique_ptr<const ConvolutionOperator> make_convolution_plain(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  return std::make_unique<PlainConvolution>(description, folded, type);
}

}  // namespace patchcore
