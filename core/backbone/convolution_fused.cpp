// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution with all that follows it in oneDNN's own pass: LibTorch 2.
#include <ATen/Context.h>
#include <ATen/core/List.h>

#include <cstdint>
#include <string>

#include "core/backbone/activation.h"
#include "core/backbone/convolution_method.h"
#include "core/backbone/convolution_operators.h"
#include "core/backbone/packed_weights.h"

namespace patchcore {
namespace {

c10::optional<c10::OperatorHandle> find_reorder() {
  return find_operator("mkldnn::_reorder_convolution_weight", "",
                       {"self", "padding", "stride", "dilation", "groups", "input_size"});
}

c10::optional<c10::OperatorHandle> find_pointwise() {
  return find_operator(
      "mkldnn::_convolution_pointwise", "",
      {"X", "W", "B", "padding", "stride", "dilation", "groups", "attr", "scalars", "algorithm"});
}

c10::optional<c10::OperatorHandle> find_pointwise_binary() {
  return find_operator("mkldnn::_convolution_pointwise", "binary",
                       {"X", "other", "W", "B", "padding", "stride", "dilation", "groups",
                        "binary_attr", "alpha", "unary_attr", "unary_scalars", "unary_algorithm"});
}

using Scalars = c10::List<c10::optional<at::Scalar>>;

/// The activation by the operators' name for it, and its parameters.
struct ActivationArguments {
  explicit ActivationArguments(Activation activation) {
    switch (activation) {
      case Activation::none:
        break;
      case Activation::relu:
        name = "relu";
        break;
      case Activation::relu6:
        name = "hardtanh";
        scalars.push_back(at::Scalar(0.0));
        scalars.push_back(at::Scalar(6.0));
        break;
      case Activation::silu:
        name = "swish";
        break;
      case Activation::sigmoid:
        name = "sigmoid";
        break;
    }
  }

  std::string name = "none";
  Scalars scalars;
};

class FusedConvolution : public ConvolutionOperator {
 public:
  FusedConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded,
                   at::ScalarType type)
      : pointwise_(*find_pointwise()),
        pointwise_binary_(*find_pointwise_binary()),
        weight_([reorder = *find_reorder(), weight = folded.weight.to(type),
                 padding = rows_and_columns((description.kernel - 1) / 2),
                 stride = rows_and_columns(description.stride),
                 groups =
                     std::int64_t{description.groups}](const PackedWeights::InputSize& input_size) {
          return call_operator(reorder,
                               {weight, padding, stride, rows_and_columns(1), groups, input_size});
        }),
        bias_(folded.bias.to(type)),
        padding_(rows_and_columns((description.kernel - 1) / 2)),
        stride_(rows_and_columns(description.stride)),
        groups_(description.groups),
        activation_(description.activation),
        arguments_(description.activation) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    return (shortcut.defined() ? add(input, shortcut) : convolve(input))
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

 private:
  at::Tensor convolve(const at::Tensor& input) const {
    return call_operator(pointwise_, {input, weight_.for_input(input), bias_, padding_, stride_,
                                      rows_and_columns(1), groups_, arguments_.name,
                                      arguments_.scalars, c10::IValue()})
        .toTensor();
  }

  /// The operator knows ReLU alone to follow a sum.
  at::Tensor add(const at::Tensor& input, const at::Tensor& shortcut) const {
    const bool is_relu = activation_ == Activation::relu;
    const c10::IValue relu = is_relu ? arguments_.name : c10::IValue();
    const at::Tensor sum =
        call_operator(pointwise_binary_,
                      {input, shortcut, weight_.for_input(input), bias_, padding_, stride_,
                       rows_and_columns(1), groups_, std::string("add"), c10::IValue(), relu,
                       Scalars(), c10::IValue()})
            .toTensor();
    if (!is_relu) activate(sum, activation_);
    return sum;
  }

  c10::OperatorHandle pointwise_;
  c10::OperatorHandle pointwise_binary_;
  PackedWeights weight_;
  at::Tensor bias_;
  std::vector<std::int64_t> padding_;
  std::vector<std::int64_t> stride_;
  std::int64_t groups_;
  Activation activation_;
  ActivationArguments arguments_;
};

}  // namespace

bool has_convolution_fused() {
  return at::hasMKLDNN() && find_reorder() && find_pointwise() && find_pointwise_binary();
}

std::unique_ptr<const ConvolutionOperator> make_convolution_fused(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  return std::make_unique<FusedConvolution>(description, folded, type);
}

}  // namespace patchcore
