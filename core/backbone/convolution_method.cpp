// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The ways in which a LibTorch computes a convolution, its bias, a shortcut and an activation.
#include "core/backbone/convolution_method.h"

#include "core/backbone/precision.h"
#include "core/kernels/winograd.h"

namespace patchcore {

bool has_convolution_kernels(Precision precision) {
  if (precision == Precision::fp32) return !winograd_kernels<float>().empty();
#ifdef __x86_64__
  // oneDNN multiplies with it, several times as fast.
  if (__builtin_cpu_supports("amx-bf16")) return false;
#endif
  return precision == Precision::bf16 && !winograd_kernels<Bfloat16Bits>().empty();
}

std::vector<ConvolutionMethod> convolution_methods(Precision precision) {
  std::vector<ConvolutionMethod> methods = {ConvolutionMethod::aten, ConvolutionMethod::plain};
  if (precision == Precision::bf16 && !precision_support().bf16_convolutions) return methods;
  if (has_convolution_prepacked()) methods.push_back(ConvolutionMethod::prepacked);
  if (has_convolution_fused()) methods.push_back(ConvolutionMethod::fused);
  if (has_convolution_kernels(precision)) methods.push_back(ConvolutionMethod::kernels);
  return methods;
}

ConvolutionMethod fastest_convolution_method(Precision precision, const Device& device) {
  if (device.kind != DeviceKind::cpu) return ConvolutionMethod::aten;
  return convolution_methods(precision).back();
}

at::ScalarType scalar_type(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::fp16:
      return at::kHalf;
    case Precision::automatic:
    case Precision::fp32:
      break;
  }
  return at::kFloat;
}

namespace {

/// The fastest of those that compute every convolution.
ConvolutionMethod fastest_general_method() {
  if (has_convolution_fused()) return ConvolutionMethod::fused;
  return has_convolution_prepacked() ? ConvolutionMethod::prepacked : ConvolutionMethod::plain;
}

}  // namespace

std::unique_ptr<const ConvolutionOperator> make_convolution_operator(
    ConvolutionMethod method, const ConvolutionDescription& description,
    const FoldedConvolution& folded, at::ScalarType type) {
  switch (method) {
    case ConvolutionMethod::aten:
      return make_convolution_aten(description, folded, type);
    case ConvolutionMethod::prepacked:
      return make_convolution_prepacked(description, folded, type);
    case ConvolutionMethod::fused:
      return make_convolution_fused(description, folded, type);
    case ConvolutionMethod::kernels:
      if (suits_convolution_pointwise(description))
        return make_convolution_pointwise(description, folded, type);
      if (suits_convolution_winograd(description))
        return make_convolution_winograd(description, folded, type);
      return make_convolution_operator(fastest_general_method(), description, folded, type);
    case ConvolutionMethod::plain:
      break;
  }
  return make_convolution_plain(description, folded, type);
}

}  // namespace patchcore
