// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Where the engine computes: the processor or a GPU.
#pragma once

#include <string>

#include "core/error.h"

namespace patchcore {

enum class DeviceKind { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;  ///< of the GPU
};

inline bool operator==(const Device& a, const Device& b) {
  return a.kind == b.kind && a.index == b.index;
}
inline bool operator!=(const Device& a, const Device& b) {
  return !(a == b);
}

/// "cpu" or "cuda:N".
std::string device_name(const Device& device);

/// The setting that leaves the choice to the program.
constexpr const char* automatic_device = "auto";

/// What decides it.
struct DeviceSupport {
  bool cuda = false;     ///< this LibTorch was built with CUDA
  int cuda_devices = 0;  ///< GPUs that it sees
};

DeviceSupport device_support();

/// @param asked  "auto", the first GPU if there is one, otherwise the processor; "cpu"; "cuda", the
///               first GPU; or "cuda:N"
/// @throws Error invalid_argument for another text, not_found for a GPU that is not there
Device resolve_device(const std::string& asked, const DeviceSupport& support);

/// What the setting came to.
struct DeviceInUse {
  Device device;
  /// Why it is the processor although there is a GPU; empty where all is as it should be.
  std::string reason;
};

/// Loads something onto the device that is asked for. Where the choice was left open and the GPU
/// fails at it, onto the processor: a GPU never keeps a program from working that works without.
/// @param load  void (const Device&); may be called twice
/// @throws Error as resolve_device() and @p load
template <typename Load>
DeviceInUse load_on_device(const std::string& asked, const DeviceSupport& support, Load&& load) {
  const Device device = resolve_device(asked, support);
  std::string reason;
  if (asked == automatic_device && device.kind != DeviceKind::cpu) {
    try {
      load(device);
      return {device, ""};
    } catch (const Error& error) {
      reason = error.what();
    }
    try {
      load(Device());
    } catch (const Error& error) {
      // A bad file is the same on both.
      if (error.what() == reason) throw;
      throw Error(
          error.code(),
          error.what() + (" (and " + device_name(device) + " failed before: ") + reason + ")");
    }
    return {Device(), reason};
  }
  load(device);
  return {device, ""};
}

}  // namespace patchcore
