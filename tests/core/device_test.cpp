// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the choice of the device, on machines that are not here: what is asked for, what is
// there, and what happens where the GPU fails.
#include "core/device.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/backbone/backbone.h"
#include "tests/support/expect_error.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

constexpr DeviceSupport without_cuda = {false, 0};
constexpr DeviceSupport without_gpu = {true, 0};
constexpr DeviceSupport two_gpus = {true, 2};
constexpr Device cpu = {DeviceKind::cpu, 0};

Device cuda(int index) {
  return {DeviceKind::cuda, index};
}

}  // namespace

TEST(Device, AutomaticIsTheFirstGpuIfThereIsOne) {
  EXPECT_EQ(resolve_device("auto", without_cuda), cpu);
  EXPECT_EQ(resolve_device("auto", without_gpu), cpu);
  EXPECT_EQ(resolve_device("auto", two_gpus), cuda(0));
}

TEST(Device, IsTheOneThatIsAskedFor) {
  for (const DeviceSupport& support : {without_cuda, without_gpu, two_gpus}) {
    EXPECT_EQ(resolve_device("cpu", support), cpu);
  }
  EXPECT_EQ(resolve_device("cuda", two_gpus), cuda(0));
  EXPECT_EQ(resolve_device("cuda:0", two_gpus), cuda(0));
  EXPECT_EQ(resolve_device("cuda:1", two_gpus), cuda(1));
  EXPECT_NE(resolve_device("cuda:1", two_gpus), cuda(0));
}

TEST(Device, RefusesOtherTexts) {
  for (const char* asked : {"", "gpu", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cuda: 0", "cuda:0 ",
                            "cuda0", "cuda:1.0", "cuda:99999999999999999999", " cpu", "auto:0"}) {
    SCOPED_TRACE(asked);
    EXPECT_ERROR(resolve_device(asked, two_gpus), invalid_argument, "auto, cpu, cuda or cuda:N");
  }
}

TEST(Device, SaysWhatIsMissing) {
  for (const char* asked : {"cuda", "cuda:0", "cuda:7"}) {
    SCOPED_TRACE(asked);
    EXPECT_ERROR(resolve_device(asked, without_cuda), not_found, "built without it");
    EXPECT_ERROR(resolve_device(asked, without_gpu), not_found, "finds none here");
  }
  EXPECT_ERROR(resolve_device("cuda:2", two_gpus), not_found, "finds 2 GPUs here");
  EXPECT_ERROR(resolve_device("cuda:1", (DeviceSupport{true, 1})), not_found, "finds 1 GPU here");
}

TEST(Device, HasTheNameThatASettingGivesIt) {
  for (const Device& device : {cpu, cuda(0), cuda(1)}) {
    EXPECT_EQ(resolve_device(device_name(device), two_gpus), device);
  }
}

TEST(Device, SupportIsConsistent) {
  const DeviceSupport support = device_support();
  EXPECT_GE(support.cuda_devices, 0);
  EXPECT_TRUE(support.cuda || support.cuda_devices == 0);
}

TEST(LoadOnDevice, LoadsOnceOntoTheDeviceThatWorks) {
  std::vector<Device> loaded;
  const auto load = [&](const Device& device) { loaded.push_back(device); };
  EXPECT_EQ(load_on_device("auto", two_gpus, load).device, cuda(0));
  EXPECT_EQ(load_on_device("cuda:1", two_gpus, load).device, cuda(1));
  const DeviceInUse last = load_on_device("auto", without_gpu, load);
  EXPECT_EQ(last.device, cpu);
  EXPECT_EQ(last.reason, "");
  EXPECT_EQ(loaded, (std::vector<Device>{cuda(0), cuda(1), cpu}));
}

TEST(LoadOnDevice, FallsBackToTheProcessorAndSaysWhy) {
  std::vector<Device> loaded;
  const DeviceInUse in_use = load_on_device("auto", two_gpus, [&](const Device& device) {
    if (device != cpu) throw Error(ErrorCode::no_space, "the GPU is full");
    loaded.push_back(device);
  });
  EXPECT_EQ(in_use.device, cpu);
  EXPECT_EQ(in_use.reason, "the GPU is full");
  EXPECT_EQ(loaded.size(), 1U);
}

TEST(LoadOnDevice, FailsWhereTheGpuWasAskedFor) {
  int calls = 0;
  const auto load = [&](const Device&) {
    ++calls;
    throw Error(ErrorCode::no_space, "the GPU is full");
  };
  EXPECT_ERROR(load_on_device("cuda", two_gpus, load), no_space, "the GPU is full");
  EXPECT_EQ(calls, 1);
}

TEST(LoadOnDevice, FailsWhereBothDo) {
  const auto corrupt = [](const Device&) { throw Error(ErrorCode::corrupt, "bad file"); };
  try {
    load_on_device("auto", two_gpus, corrupt);
    ADD_FAILURE() << "nothing thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::corrupt);
    EXPECT_STREQ(error.what(), "bad file");
  }
  const auto different = [](const Device& device) {
    throw Error(ErrorCode::invalid_argument, device == cpu ? "fp16 is for GPUs" : "driver too old");
  };
  EXPECT_ERROR(load_on_device("auto", two_gpus, different), invalid_argument, "fp16 is for GPUs");
  EXPECT_ERROR(load_on_device("auto", two_gpus, different), invalid_argument,
               "cuda:0 failed before: driver too old");
}

// A LibTorch that cannot compute where it is told to stands in for a GPU that fails.
TEST(LoadOnDevice, SurvivesAGpuThatCannotRunTheNetwork) {
  if (device_support().cuda_devices > 0) GTEST_SKIP() << "a GPU is here, and it works";
  const TensorTable weights = test::formula_weights("resnet18", {"layer1"});
  std::unique_ptr<Backbone> backbone;
  const DeviceInUse in_use = load_on_device("auto", {true, 1}, [&](const Device& device) {
    backbone = make_backbone("resnet18", {"layer1"}, weights, "", Precision::fp32, device);
  });
  EXPECT_EQ(in_use.device, cpu);
  EXPECT_NE(in_use.reason.find("LibTorch failed on cuda:0 to build resnet18"), std::string::npos)
      << in_use.reason;
  ASSERT_NE(backbone, nullptr);
  EXPECT_EQ(backbone->max_stride(), 4);
}

}  // namespace patchcore
