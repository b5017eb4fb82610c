// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Frames on their way into the collection: a bounded queue, and the thread that embeds them.
#include "core/frame_collector.h"

#include <new>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/frame_batch.h"
#include "core/member_inputs.h"
#include "core/patch_matrix.h"
#include "core/thread_start.h"
#include "core/threads.h"

namespace patchcore {
namespace {

[[noreturn]] void throw_cancelled() {
  throw Error(ErrorCode::cancelled, "the collecting of frames was cancelled");
}

bool equal_size(const PreparedFrame& a, const PreparedFrame& b) {
  return a.input.width == b.input.width && a.input.height == b.input.height;
}

}  // namespace

FrameCollector::FrameCollector(std::vector<const FrameEmbedding*> members,
                               PatchCollections& collections, Novelty novelty,
                               const Options& options, CollectedCallback tell)
    : members_(std::move(members)),
      collections_(collections),
      novelty_(std::move(novelty)),
      options_(options),
      tell_(std::move(tell)),
      most_waiting_(members_.front()->has_tiles() ? 1 : queue_size),
      most_at_once_(members_.front()->has_tiles() ? 1 : batch_size),
      batch_patches_(members_.size()),
      frame_patches_(members_.size()),
      thread_(start_thread("to collect frames", [this] { run(); })) {}

CollectedSoFar FrameCollector::collected() const {
  return {frames_, patches_, skipped_, coverage_};
}

bool FrameCollector::complete() const {
  if (options_.max_frames == 0) return false;
  return frames_ >= options_.max_frames ||
         (options_.min_novelty == 0 && added_ >= options_.max_frames);
}

FrameCollector::~FrameCollector() {
  cancel();
  wait();
}

void FrameCollector::wait() {
  const std::lock_guard<std::mutex> lock(thread_mutex_);
  if (thread_.joinable()) thread_.join();
}

void FrameCollector::throw_if_over() const {
  if (failure_) std::rethrow_exception(failure_);
  if (cancelled_) throw_cancelled();
}

bool FrameCollector::add(const ImageView& frame, const std::optional<Rect>& cut_out) {
  use_threads(options_.threads);
  PreparedFrame prepared;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] {
      return queue_.size() < most_waiting_ || flushing_ || cancelled_ || failure_ != nullptr;
    });
    throw_if_over();
    if (flushing_) return false;
    if (!spare_.empty()) {
      prepared = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  // Nobody else adds, so the place stays free.
  prepare_for_members(members_, frame, resolve_inspection_area(options_.area, frame.size, cut_out),
                      prepared, adding_workspace_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(prepared));
    ++added_;
  }
  changed_.notify_all();
  return true;
}

void FrameCollector::set_flushing(bool flushing) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    flushing_ = flushing;
  }
  changed_.notify_all();
}

void FrameCollector::finish() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  wait();
  const std::lock_guard<std::mutex> lock(mutex_);
  throw_if_over();
}

void FrameCollector::cancel() {
  {
    // Nobody may be between looking and waiting.
    const std::lock_guard<std::mutex> lock(mutex_);
    cancelled_ = true;
  }
  changed_.notify_all();
}

void FrameCollector::run() {
  std::exception_ptr failure;
  try {
    use_threads(options_.threads);
    while (take_batch()) collect_batch();
    return;
  } catch (const std::bad_alloc&) {
    failure = std::make_exception_ptr(
        Error(ErrorCode::no_space, "no memory left to embed frame " + std::to_string(frames_ + 1) +
                                       ": set a smaller memory-limit or input size"));
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failure_ = failure;
  }
  changed_.notify_all();
}

/// Waits for frames and takes those of one size from the front of the queue.
/// @return whether there are any; none means that the thread ends
bool FrameCollector::take_batch() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    for (PreparedFrame& done : batch_) spare_.push_back(std::move(done));
    batch_.clear();
    changed_.wait(lock, [this] { return !queue_.empty() || ending_ || cancelled_; });
    if (cancelled_) return false;
    while (!queue_.empty() && batch_.size() < most_at_once_ &&
           (batch_.empty() || equal_size(batch_.front(), queue_.front()))) {
      batch_.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  changed_.notify_all();
  return !batch_.empty();
}

void FrameCollector::collect_batch() {
  const std::size_t frames = batch_.size();
  if (batch_.front().tiles) {
    collect_tiles(batch_.front());
    return;
  }
  std::vector<const PreparedFrame*> prepared;
  for (const PreparedFrame& frame : batch_) prepared.push_back(&frame);
  for (std::size_t member = 0; member < members_.size(); ++member) {
    members_[member]->embed(member_batch(prepared, member, joined_), collecting_workspace_);
    std::swap(collecting_workspace_.patches, batch_patches_[member]);
  }
  for (std::size_t i = 0; i < frames; ++i) {
    for (std::size_t member = 0; member < members_.size(); ++member) {
      PatchMatrix& patches = frame_patches_[member];
      if (frames > 1) {
        copy_frame_patches(batch_patches_[member], frames, i, patches);
      } else {
        std::swap(batch_patches_[member], patches);
      }
      drop_ignored(member_ignored(batch_[i], member), patches);
    }
    collect(nullptr);
  }
}

/// Of a single bank.
void FrameCollector::collect_tiles(const PreparedFrame& frame) {
  PatchMatrix& all = frame_patches_.front();
  all.rows = 0;
  all.values.clear();
  members_.front()->embed_tiles(frame, collecting_workspace_, [&](const PatchMatrix& patches) {
    stop_if_cancelled();
    all.columns = patches.columns;
    append_rows(all, patches);
  });
  collect(frame.tiles->blending);
}

void FrameCollector::stop_if_cancelled() const {
  if (cancelled_) throw_cancelled();
}

void FrameCollector::collect(const std::shared_ptr<const PatchBlending>& blending) {
  stop_if_cancelled();
  // Some may have waited when the last one that was wanted came.
  if (options_.max_frames > 0 && frames_ == options_.max_frames) return;
  const double novelty = novelty_.measure(frame_patches_.front());
  coverage_ = novelty_.coverage();
  if (novelty < options_.min_novelty) {
    ++skipped_;
  } else {
    collections_.add(
        frame_patches_, [this](double) { stop_if_cancelled(); }, blending);
    novelty_.learn_measured();
    for (const PatchMatrix& patches : frame_patches_) {
      patches_ += static_cast<std::int64_t>(patches.rows);
    }
    ++frames_;
  }
  if (tell_) tell_(collected());
}

}  // namespace patchcore
