// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One engine for all streams that are scored against the same bank.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/detector.h"
#include "core/file_identity.h"

namespace patchcore {

/// Makes what is shared.
using DetectorLoader = std::function<std::shared_ptr<const Detector>(const std::string& bank_path,
                                                                     const DetectorOptions&)>;

/// Detectors in use, by the bank and the options that they were loaded with. A detector lives as
/// long as somebody holds it; nothing here does. Any thread.
class DetectorSharing {
 public:
  /// @param load  called without a lock; may throw
  explicit DetectorSharing(DetectorLoader load) : load_(std::move(load)) {}

  /// The detector that others use, or a new one. Who comes while it is being loaded waits for it,
  /// and gets the same Error if that fails; who comes afterwards tries again. A bank is another one
  /// when its file was replaced.
  ///
  /// DetectorOptions::threads is no matter of sharing: the first one decides with how many the bank
  /// is loaded. Set Workspace::threads for frames.
  /// @throws Error
  std::shared_ptr<const Detector> get(const std::string& bank_path, const DetectorOptions& options);

 private:
  /// What has to be the same.
  struct Key {
    std::string bank;  ///< canonical path
    FileIdentity identity;
    std::string weights;
    IndexKind index;
    Precision precision;
    std::string device;

    bool operator<(const Key& other) const;
  };

  /// Either being loaded or loaded.
  struct Entry {
    std::shared_ptr<Loading> loading;
    std::weak_ptr<const Detector> detector;
  };

  DetectorLoader load_;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;  ///< guarded by the mutex
};

/// DetectorSharing::get() of the one that the process has.
/// @throws Error
std::shared_ptr<const Detector> shared_detector(const std::string& bank_path,
                                                const DetectorOptions& options);

}  // namespace patchcore
