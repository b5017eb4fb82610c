// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where the engine computes: the processor or a GPU.
#include "core/device.h"

#include <ATen/Context.h>

#include <algorithm>
#include <cctype>

namespace patchcore {
namespace {

/// Longer numbers name no GPU, and would not fit.
constexpr std::size_t most_digits = 4;

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= most_digits &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

void require_gpu(const std::string& asked, int index, const DeviceSupport& support) {
  if (!support.cuda) {
    throw Error(ErrorCode::not_found,
                "device=" + asked +
                    " needs CUDA, and this program's LibTorch was built without it: set device=cpu "
                    "or auto, or build with -Dlibtorch= and a LibTorch for CUDA");
  }
  if (index < support.cuda_devices) return;
  const std::string count = std::to_string(support.cuda_devices);
  throw Error(ErrorCode::not_found,
              support.cuda_devices == 0
                  ? "device=" + asked +
                        " needs a GPU, and CUDA finds none here: check the driver with nvidia-smi, "
                        "or set device=cpu or auto"
                  : "device=" + asked + " is not there, CUDA finds " + count +
                        (support.cuda_devices == 1 ? " GPU" : " GPUs") +
                        " here: the first is cuda:0, the last cuda:" +
                        std::to_string(support.cuda_devices - 1));
}

}  // namespace

std::string device_name(const Device& device) {
  return device.kind == DeviceKind::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

DeviceSupport device_support() {
  DeviceSupport support;
  support.cuda = at::Context::hasCUDART();
  if (support.cuda && at::hasCUDA()) support.cuda_devices = static_cast<int>(at::getNumGPUs());
  return support;
}

Device resolve_device(const std::string& asked, const DeviceSupport& support) {
  const std::string cuda = "cuda";
  if (asked == "cpu") return {};
  if (asked == automatic_device) {
    if (support.cuda_devices == 0) return {};
    return {DeviceKind::cuda, 0};
  }
  const std::string number = asked == cuda                   ? "0"
                             : asked.substr(0, 5) == "cuda:" ? asked.substr(5)
                                                             : "";
  if (!is_number(number)) {
    throw Error(ErrorCode::invalid_argument,
                "device is \"" + asked + "\", it must be auto, cpu, cuda or cuda:N, as cuda:0");
  }
  const int index = std::stoi(number);
  require_gpu(asked, index, support);
  return {DeviceKind::cuda, index};
}

}  // namespace patchcore
