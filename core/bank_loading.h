// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Loads banks beside the one that is in use.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/detector.h"
#include "core/detector_sharing.h"
#include "core/file_identity.h"

namespace patchcore {

/// Which bank, and how it is to be loaded.
struct BankSource {
  std::string path;
  DetectorOptions options;
};

struct LoadedBank {
  BankSource source;
  std::shared_ptr<const Detector> detector;
};

/// Loads on a thread of its own what is asked for while another bank is in use. The newest request
/// wins: what an older one led to is dropped, be it a bank or a failure. It can also follow the
/// file that was asked for last, see FileWatch, and load it whenever it is another one. The thread
/// begins with the first request or watch.
///
/// No call but stop() ever waits for a load. Any thread may call; start() and stop() take turns.
class BankLoading {
 public:
  /// What a load failed with; on the loading thread, without a lock held.
  using Failed = std::function<void(const BankSource&, const std::exception&)>;

  /// Between two looks at the file. A new file is at rest when two have seen it, so that it is
  /// loaded within twice that.
  static constexpr std::chrono::milliseconds usual_period{500};

  /// @param load  called on the loading thread, without a lock held; may throw
  BankLoading(DetectorLoader load, Failed failed, std::chrono::milliseconds period = usual_period);
  ~BankLoading();
  BankLoading(const BankLoading&) = delete;
  BankLoading& operator=(const BankLoading&) = delete;

  /// Takes requests from now on.
  /// @param current  what is in use, or about to be, without having been asked for here
  void start(const BankSource& current);

  /// Waits for the load in progress, if there is one, and drops what was loaded. Does nothing if
  /// there was no start().
  void stop();

  /// Loads this next. Nothing happens while there is no start().
  /// @throws Error no_space if there can be no more threads
  void request(const BankSource& source);

  /// Whether the file that was asked for last is to be followed; not unless this was called after
  /// start(). Nothing happens while there is no start().
  /// @throws Error no_space if there can be no more threads
  void watch(bool wanted);

  /// What was loaded since the last call, if that is what was asked for last.
  std::optional<LoadedBank> take();

  /// Frees on the loading thread what may take a while, as banks do and threads that must end.
  void retire(std::shared_ptr<const void> used);

 private:
  void begin_thread();
  void drop_loaded();
  void run();
  void load(std::unique_lock<std::mutex>& lock);

  const DetectorLoader load_;
  const Failed failed_;
  const std::chrono::milliseconds period_;

  std::mutex mutex_;  ///< never held while anything is loaded or freed
  std::condition_variable changed_;
  // Guarded by the mutex.
  bool started_ = false;
  BankSource source_;                  ///< what was asked for last
  std::optional<FileIdentity> known_;  ///< the file that the latest load began with
  bool requested_ = false;
  bool watching_ = false;
  std::optional<LoadedBank> loaded_;
  std::vector<std::shared_ptr<const void>> retired_;
  std::thread thread_;
};

}  // namespace patchcore
