// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Which numbers the backbone computes with.
#include "core/backbone/precision.h"

#include <ATen/Context.h>

#include "core/error.h"

namespace patchcore {

PrecisionSupport precision_support() {
  PrecisionSupport support;
#ifdef __x86_64__
  // What oneDNN and LibTorch ask for. Processors with AMX have the instructions for bf16, too.
  support.bf16_convolutions = at::hasMKLDNN() && __builtin_cpu_supports("avx512bw") &&
                              __builtin_cpu_supports("avx512vl") &&
                              __builtin_cpu_supports("avx512dq");
  support.fast_bf16 = support.bf16_convolutions && __builtin_cpu_supports("avx512bf16");
#endif
  return support;
}

Precision resolve_precision(Precision asked, const PrecisionSupport& support,
                            const Device& device) {
  if (device.kind != DeviceKind::cpu)
    return asked == Precision::automatic ? Precision::fp16 : asked;
  switch (asked) {
    case Precision::automatic:
      return support.fast_bf16 ? Precision::bf16 : Precision::fp32;
    case Precision::fp16:
      throw Error(
          ErrorCode::invalid_argument,
          "precision fp16 is for GPUs, and the device is the processor: choose auto, bf16 or "
          "fp32, or device=cuda");
    case Precision::fp32:
    case Precision::bf16:
      break;
  }
  return asked;
}

Precision training_precision(Precision asked, const Device& device) {
  const bool chosen = asked != Precision::automatic || device.kind != DeviceKind::cpu;
  return chosen ? asked : Precision::fp32;
}

}  // namespace patchcore
