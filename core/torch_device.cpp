// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// LibTorch on the device that was chosen: its name for it, its arithmetic, its exceptions.
#include "core/torch_device.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include <new>

namespace patchcore {

at::Device torch_device(const Device& device) {
  if (device.kind == DeviceKind::cpu) return at::Device(at::kCPU);
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index));
}

void forbid_tf32() {
  at::globalContext().setAllowTF32CuBLAS(false);
  at::globalContext().setAllowTF32CuDNN(false);
}

void throw_torch_error(const std::string& task, const Device& device) {
  const bool on_gpu = device.kind != DeviceKind::cpu;
  const auto failed = [&](const std::string& reason) {
    const std::string where = on_gpu ? " on " + device_name(device) : "";
    const std::string remedy = on_gpu ? " (device=cpu does without the GPU)" : "";
    return Error(ErrorCode::internal,
                 "LibTorch failed" + where + " to " + task + ": " + reason + remedy);
  };
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const c10::OutOfMemoryError&) {
    throw Error(ErrorCode::no_space, "not enough memory on " + device_name(device) + " to " + task +
                                         ": end other programs that use the GPU, choose a smaller "
                                         "input size or bank, or set device=cpu");
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory to " + task);
  } catch (const c10::Error& error) {
    throw failed(error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw failed(error.what());
  }
}

}  // namespace patchcore
