// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One engine for all streams that are scored against the same bank.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/detector.h"
#include "core/file_identity.h"

namespace patchcore {

/// Makes what is shared.
using DetectorLoader = std::function<std::shared_ptr<const Detector>(
    const std::string& bank_path, const DetectorOptions& options)>;

/// Detectors in use, by their bank and options. Each lives as long as somebody holds it; this only
/// knows of it. Any thread.
class DetectorSharing {
 public:
  /// @param load  called without a lock held; may throw
  explicit DetectorSharing(DetectorLoader load) : load_(std::move(load)) {}

  /// The detector that others use, or else a new one. Who comes while it is being loaded waits for
  /// it, and gets the same exception if that fails; who comes later tries again. A file that was
  /// replaced or written to is another bank.
  ///
  /// DetectorOptions::threads does not tell detectors apart: it is how many load the bank, as the
  /// first one wishes. How many score frames is Workspace::threads.
  /// @throws Error
  std::shared_ptr<const Detector> get(const std::string& bank_path, const DetectorOptions& options);

 private:
  using Pointer = std::shared_ptr<const Detector>;

  /// What has to be the same.
  struct Key {
    Key(const std::string& bank_path, const FileIdentity& file, const DetectorOptions& options);

    bool operator<(const Key& other) const;

    std::string bank;
    FileIdentity file;
    // Which weights these are need not be known: a bank takes none but its own.
    std::string weights;
    bool allow_torchscript;
    IndexKind index;
    Precision precision;
    std::string device;
  };

  struct Entry {
    std::shared_future<Pointer> loading;  ///< valid while it is
    std::weak_ptr<const Detector> loaded;
  };

  Pointer load(const Key& key, const std::string& bank_path, const DetectorOptions& options,
               std::promise<Pointer> promise);
  void forget_unused();

  const DetectorLoader load_;
  std::mutex mutex_;              ///< never held while a bank is loaded
  std::map<Key, Entry> entries_;  ///< guarded by the mutex
};

/// DetectorSharing::get() of the one that the process has.
/// @throws Error
std::shared_ptr<const Detector> shared_detector(const std::string& bank_path,
                                                const DetectorOptions& options);

}  // namespace patchcore
