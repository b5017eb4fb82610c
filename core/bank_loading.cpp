// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Loads banks beside the one that is in use.
#include "core/bank_loading.h"

#include <exception>
#include <utility>

#include "core/file_watch.h"
#include "core/thread_start.h"

namespace patchcore {

BankLoading::BankLoading(DetectorLoader load, Failed failed, std::chrono::milliseconds period)
    : load_(std::move(load)), failed_(std::move(failed)), period_(period) {}

BankLoading::~BankLoading() {
  stop();
}

void BankLoading::start(const BankSource& current) {
  const std::optional<FileIdentity> file = identify_file(current.path);
  const std::lock_guard<std::mutex> lock(mutex_);
  source_ = current;
  known_ = file;
  started_ = true;
}

void BankLoading::stop() {
  std::thread thread;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    started_ = false;
    requested_ = false;
    watching_ = false;
    thread = std::move(thread_);
  }
  changed_.notify_all();
  if (thread.joinable()) thread.join();
  // The thread has gone: what it left is freed here, without the lock.
  std::optional<LoadedBank> loaded;
  std::vector<std::shared_ptr<const void>> retired;
  const std::lock_guard<std::mutex> lock(mutex_);
  loaded.swap(loaded_);
  retired.swap(retired_);
}

/// With the mutex held.
void BankLoading::begin_thread() {
  if (thread_.joinable()) return;
  thread_ = start_thread("to load banks", [this] { run(); });
}

/// With the mutex held.
void BankLoading::drop_loaded() {
  if (loaded_) retired_.push_back(std::move(loaded_->detector));
  loaded_.reset();
}

void BankLoading::request(const BankSource& source) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!started_) return;
    begin_thread();
    source_ = source;
    requested_ = true;
    drop_loaded();
  }
  changed_.notify_all();
}

void BankLoading::watch(bool wanted) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!started_) return;
    if (wanted) begin_thread();
    watching_ = wanted;
  }
  changed_.notify_all();
}

std::optional<LoadedBank> BankLoading::take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(loaded_, std::nullopt);
}

void BankLoading::retire(std::shared_ptr<const void> used) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Without a thread there is nobody to leave it to.
    if (!thread_.joinable()) return;
    retired_.push_back(std::move(used));
  }
  changed_.notify_all();
}

void BankLoading::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  std::optional<FileWatch> file;
  while (started_) {
    if (!retired_.empty()) {
      std::vector<std::shared_ptr<const void>> retired;
      retired.swap(retired_);
      lock.unlock();
      retired.clear();
      lock.lock();
    } else if (requested_) {
      file.reset();
      load(lock);
    } else if (watching_) {
      if (!file) file.emplace(source_.path, known_);
      const auto is_woken = [this] {
        return !started_ || requested_ || !watching_ || !retired_.empty();
      };
      if (changed_.wait_for(lock, period_, is_woken)) continue;
      lock.unlock();
      const bool is_new = file->look();
      lock.lock();
      if (is_new && watching_) requested_ = true;
    } else {
      file.reset();
      changed_.wait(lock);
    }
  }
}

/// What was asked for last, unless something else is meanwhile. Releases the lock while it loads.
void BankLoading::load(std::unique_lock<std::mutex>& lock) {
  const BankSource source = source_;
  requested_ = false;
  lock.unlock();
  // Before it is read: if it is replaced meanwhile, it is news.
  const std::optional<FileIdentity> file = identify_file(source.path);
  const auto is_wanted = [this] { return started_ && !requested_; };
  std::shared_ptr<const Detector> detector;
  try {
    detector = load_(source.path, source.options);
  } catch (const std::exception& error) {
    lock.lock();
    const bool is_news = is_wanted();
    if (is_news) known_ = file;
    lock.unlock();
    if (is_news) failed_(source, error);
    lock.lock();
    return;
  }
  lock.lock();
  if (!is_wanted()) {
    retired_.push_back(std::move(detector));
    return;
  }
  known_ = file;
  drop_loaded();
  loaded_ = LoadedBank{source, std::move(detector)};
}

}  // namespace patchcore
