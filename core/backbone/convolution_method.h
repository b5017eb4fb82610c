// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The ways in which a LibTorch computes a convolution, its bias, a shortcut and an activation.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "core/backbone/convolution_description.h"
#include "core/backbone/folded_convolution.h"
#include "core/device.h"

namespace patchcore {

enum class ConvolutionMethod {
  aten,       ///< aten's operators for all of it: the one for GPUs, and slow on processors
  plain,      ///< aten's operator and a pass of ours for the rest: the definition, in any LibTorch
  prepacked,  ///< weights laid out once for oneDNN, then the same pass
  fused,      ///< weights laid out once, and all in oneDNN's own pass: LibTorch 2
  kernels,    ///< by kernels of ours where they suit, else by the fastest of the others
};

/// What this LibTorch and this machine's processor have, the fastest last; aten and plain are
/// always there.
/// @param precision  fp32 or bf16
std::vector<ConvolutionMethod> convolution_methods(Precision precision);
/// @param precision  what resolve_precision() gives for the device
ConvolutionMethod fastest_convolution_method(Precision precision, const Device& device = {});

/// LibTorch's name for it.
/// @param precision  not automatic
at::ScalarType scalar_type(Precision precision);

/// activation(weight * input + bias + shortcut). Immutable: may be called from any thread.
class ConvolutionOperator {
 public:
  virtual ~ConvolutionOperator() = default;

  /// @param input     [batch, channels, height, width], channels_last; left as it is
  /// @param shortcut  of the output's shape and format, or undefined; left as it is
  /// @return a tensor of its own, channels_last
  virtual at::Tensor operator()(const at::Tensor& input, const at::Tensor& shortcut) const = 0;
};

/// @param description  stride, groups, activation; its (kernel - 1) / 2 zeros go on all sides
/// @param folded       its kernel may be larger than the description's; on the processor, save for
///                     aten, which computes on the device where the weights are
/// @param type         float32 or bfloat16, with aten also float16: of input, output and shortcut
std::unique_ptr<const ConvolutionOperator> make_convolution_operator(
    ConvolutionMethod method, const ConvolutionDescription& description,
    const FoldedConvolution& folded, at::ScalarType type);

/// The methods, one file each.
/// @{
std::unique_ptr<const ConvolutionOperator> make_convolution_aten(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
std::unique_ptr<const ConvolutionOperator> make_convolution_plain(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
std::unique_ptr<const ConvolutionOperator> make_convolution_prepacked(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
std::unique_ptr<const ConvolutionOperator> make_convolution_fused(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
bool has_convolution_prepacked();
/// The two of ours, for what they suit; float32 or bfloat16.
std::unique_ptr<const ConvolutionOperator> make_convolution_pointwise(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
std::unique_ptr<const ConvolutionOperator> make_convolution_winograd(
    const ConvolutionDescription& description, const FoldedConvolution& folded,
    at::ScalarType type);
bool has_convolution_prepacked();
bool has_convolution_fused();
/// Whether the processor has instructions with which the kernels of ours are faster than oneDNN.
bool has_convolution_kernels(Precision precision);
/// 1x1, of one group, with channels that fill registers and an activation that limits.
bool suits_convolution_pointwise(const ConvolutionDescription& description);
/// 3x3, and of stride 1 as well.
bool suits_convolution_winograd(const ConvolutionDescription& description);
/// @}

}  // namespace patchcore
