// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what LibTorch's failures become: an error that says where, and what to do.
#include "core/torch_device.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

constexpr Device cpu = {DeviceKind::cpu, 0};
constexpr Device gpu = {DeviceKind::cuda, 3};

template <typename Exception>
[[noreturn]] void throw_as_error(const Exception& exception, const Device& device) {
  try {
    throw exception;
  } catch (...) {
    throw_torch_error("run the network", device);
  }
}

template <typename Exception>
Exception torch_exception(const char* text) {
  return Exception(c10::SourceLocation{__func__, __FILE__, __LINE__}, text);
}

}  // namespace

TEST(TorchDevice, IsLibtorchsOwn) {
  EXPECT_EQ(torch_device(cpu), at::Device(at::kCPU));
  EXPECT_EQ(torch_device(gpu), at::Device(at::kCUDA, 3));
}

TEST(TorchDevice, ComputesProductsWithAllBits) {
  at::globalContext().setAllowTF32CuBLAS(true);
  at::globalContext().setAllowTF32CuDNN(true);
  forbid_tf32();
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

TEST(TorchError, OfFullMemorySaysWhatToDo) {
  const auto full = torch_exception<c10::OutOfMemoryError>("CUDA out of memory");
  EXPECT_ERROR(throw_as_error(full, gpu), no_space,
               "not enough memory on cuda:3 to run the network");
  EXPECT_ERROR(throw_as_error(full, gpu), no_space, "set device=cpu");
  EXPECT_ERROR(throw_as_error(std::bad_alloc(), cpu), no_space,
               "not enough memory to run the network");
}

TEST(TorchError, OfAGpuNamesItAndTheWayWithout) {
  const auto failed = torch_exception<c10::Error>("CUDA error: no kernel image is available");
  EXPECT_ERROR(throw_as_error(failed, gpu), internal,
               "LibTorch failed on cuda:3 to run the network: CUDA error: no kernel image is "
               "available (device=cpu does without the GPU)");
}

TEST(TorchError, OfTheProcessorSpeaksOfNoGpu) {
  EXPECT_ERROR(throw_as_error(std::runtime_error("bad shape"), cpu), internal,
               "LibTorch failed to run the network: bad shape");
  try {
    throw_as_error(torch_exception<c10::Error>("bad shape"), cpu);
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "LibTorch failed to run the network: bad shape");
  }
}

TEST(TorchError, OfOursIsPassedOn) {
  EXPECT_ERROR(throw_as_error(Error(ErrorCode::cancelled, "stop"), gpu), cancelled, "stop");
}

}  // namespace patchcore
