// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A convolution whose weights oneDNN has laid out once: LibTorch 1.13 and later.
#include <ATen/Context.h>

#include <cstdint>

#include "core/backbone/convolution_finish.h"
#include "core/backbone/convolution_method.h"
#include "core/backbone/convolution_operators.h"
#include "core/backbone/packed_weights.h"

namespace patchcore {
namespace {

c10::optional<c10::OperatorHandle> find_prepack() {
  return find_operator("mkldnn_prepacked::conv2d_prepack", "",
                       {"W", "B", "stride", "padding", "dilation", "groups", "input_size", "attr"});
}

c10::optional<c10::OperatorHandle> find_run() {
  return find_operator("mkldnn_prepacked::conv2d_run", "", {"X", "W_prepack"});
}

class PrepackedConvolution : public ConvolutionOperator {
 public:
  PrepackedConvolution(const ConvolutionDescription& description, const FoldedConvolution& folded,
                       at::ScalarType type)
      : run_(*find_run()),
        // Without a bias, as in the plain twin.
        weight_([prepack = *find_prepack(), weight = folded.weight.to(type),
                 padding = rows_and_columns((description.kernel - 1) / 2),
                 stride = rows_and_columns(description.stride),
                 groups =
                     std::int64_t{description.groups}](const PackedWeights::InputSize& input_size) {
          return call_operator(prepack,
                               {weight, c10::IValue(), stride, padding, rows_and_columns(1), groups,
                                input_size, std::string("none")});
        }),
        bias_(folded.bias),
        activation_(description.activation) {}

  at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const override {
    const at::Tensor output = call_operator(run_, {input, weight_.for_input(input)})
                                  .toTensor()
                                  .contiguous(at::MemoryFormat::ChannelsLast);
    finish_convolution(output, bias_, shortcut, activation_);
    return output;
  }

 private:
  c10::OperatorHandle run_;
  PackedWeights weight_;
  at::Tensor bias_;
  Activation activation_;
};

}  // namespace

bool has_convolution_prepacked() {
  return at::hasMKLDNN() && find_prepack() && find_run();
}

std::unique_ptr<const ConvolutionOperator> make_convolution_prepacked(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type) {
  return std::make_unique<PrepackedConvolution>(description, folded, type);
}

}  // namespace patchcore
