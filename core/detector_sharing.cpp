// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// One engine for all streams that are scored against the same bank.
#include "core/detector_sharing.h"

#include <exception>
#include <optional>
#include <tuple>

namespace patchcore {

DetectorSharing::Key::Key(const std::string& bank_path, const FileIdentity& bank_file,
                          const DetectorOptions& options)
    : bank(canonical_path(bank_path)),
      file(bank_file),
      weights(canonical_path(options.weights)),
      allow_torchscript(options.allow_torchscript),
      index(options.index),
      precision(options.precision),
      device(options.device) {}

bool DetectorSharing::Key::operator<(const Key& other) const {
  return std::tie(bank, file, weights, allow_torchscript, index, precision, device) <
         std::tie(other.bank, other.file, other.weights, other.allow_torchscript, other.index,
                  other.precision, other.device);
}

std::shared_ptr<const Detector> DetectorSharing::get(const std::string& bank_path,
                                                     const DetectorOptions& options) {
  const std::optional<FileIdentity> file = identify_file(bank_path);
  if (!file) return load_(bank_path, options);  // which says what is wrong
  const Key key(bank_path, *file, options);

  std::promise<Pointer> promise;
  std::shared_future<Pointer> loading;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    forget_unused();
    Entry& entry = entries_[key];
    if (Pointer loaded = entry.loaded.lock()) return loaded;
    loading = entry.loading;
    if (!loading.valid()) entry.loading = promise.get_future().share();
  }
  return loading.valid() ? loading.get() : load(key, bank_path, options, std::move(promise));
}

DetectorSharing::Pointer DetectorSharing::load(const Key& key, const std::string& bank_path,
                                               const DetectorOptions& options,
                                               std::promise<Pointer> promise) {
  try {
    Pointer detector = load_(bank_path, options);
    // Replaced meanwhile, it is nobody's who asks for the old file or the new one.
    const bool same_file = identify_file(bank_path) == key.file;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (same_file) {
        entries_[key] = {{}, detector};
      } else {
        entries_.erase(key);
      }
    }
    promise.set_value(detector);
    return detector;
  } catch (...) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      entries_.erase(key);
    }
    promise.set_exception(std::current_exception());
    throw;
  }
}

/// With the mutex held.
void DetectorSharing::forget_unused() {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const bool used = entry->second.loading.valid() || !entry->second.loaded.expired();
    entry = used ? std::next(entry) : entries_.erase(entry);
  }
}

std::shared_ptr<const Detector> shared_detector(const std::string& bank_path,
                                                const DetectorOptions& options) {
  static DetectorSharing sharing([](const std::string& path, const DetectorOptions& asked) {
    return std::make_shared<const Detector>(path, asked);
  });
  return sharing.get(bank_path, options);
}

}  // namespace patchcore
