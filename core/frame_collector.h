// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Frames on their way into the collection: a bounded queue, and the thread that embeds them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/frame_embedding.h"
#include "core/inspection_area.h"
#include "core/novelty.h"
#include "core/patch_collections.h"
#include "core/trainer.h"
#include "core/types.h"

namespace patchcore {

/// Embeds frames on a thread of its own and collects their patches in the order in which they were
/// added, those of equal size that wait already up to batch_size in one pass of the network. The
/// patches are the same, bit by bit, as one by one.
class FrameCollector {
 public:
  /// Measured with tests/bench/batch_bench.cpp: 4 frames a pass take 6 to 8 % less time a frame
  /// than one, 8 take no less than 4.
  static constexpr std::size_t batch_size = 4;
  /// Frames that may wait, while as many as a batch are embedded. One is the network's input, 12
  /// bytes a pixel: 0.8 MB at 256 x 256 pixels. Frames that may be cut into tiles are large, and
  /// copies of themselves: one waits while another one is embedded.
  static constexpr std::size_t queue_size = 2 * batch_size;

  struct Options {
    InspectionArea area;  ///< of the frames, that is collected
    int threads = 0;
    std::int64_t max_frames = 0;  ///< that are collected at most; 0: no limit
    double min_novelty = 0;       ///< smaller ones are not collected; 0: all are
  };

  /// The embeddings and the collections are the collector's until it has finished or ended.
  /// @param members  of the ensemble, or one
  /// @param novelty  what the first member knows already
  /// @throws Error no_space if there can be no more threads
  FrameCollector(std::vector<const FrameEmbedding*> members, PatchCollections& collections,
                 Novelty novelty, const Options& options, CollectedCallback tell);
  /// Cancels and waits.
  ~FrameCollector();
  FrameCollector(const FrameCollector&) = delete;
  FrameCollector& operator=(const FrameCollector&) = delete;

  /// Prepares the frame, of which nothing is kept, and queues it; waits while the queue is full.
  /// One thread at a time; not after finish().
  /// @param cut_out  see resolve_inspection_area()
  /// @return false if the frame was not taken since the stream is flushing
  /// @throws Error of this frame, or what an earlier one failed with; cancelled after cancel()
  bool add(const ImageView& frame, const std::optional<Rect>& cut_out = {});

  /// While set, add() takes no frame and waits for nothing. Any thread.
  void set_flushing(bool flushing);

  /// Returns when all frames are collected and the thread has ended.
  /// @throws Error as add()
  void finish();

  /// Ends the waiting of add() and finish(), and drops the frames that wait. Any thread.
  void cancel();

  /// Returns when the thread has ended, after finish() or cancel() or on its own failure.
  void wait();

  std::int64_t added() const { return added_; }  ///< frames taken by add(); any thread
  CollectedSoFar collected() const;              ///< any thread
  /// Whether max_frames are collected, or will be without another one; any thread.
  bool complete() const;

 private:
  void run();
  bool take_batch();
  void collect_batch();
  void collect_tiles(const PreparedFrame& frame);
  /// The frame whose patches are in frame_patches_.
  void collect(const std::shared_ptr<const PatchBlending>& blending);
  void stop_if_cancelled() const;
  /// Needs the mutex.
  void throw_if_over() const;

  const std::vector<const FrameEmbedding*> members_;
  PatchCollections& collections_;  // of the collector's thread
  Novelty novelty_;                // of the collector's thread
  const Options options_;
  const CollectedCallback tell_;
  const std::size_t most_waiting_;
  const std::size_t most_at_once_;

  std::atomic<std::int64_t> added_{0};
  std::atomic<std::int64_t> frames_{0};
  std::atomic<std::int64_t> patches_{0};
  std::atomic<std::int64_t> skipped_{0};
  std::atomic<double> coverage_{0};
  std::atomic<bool> cancelled_{false};

  std::mutex mutex_;  // guards the following
  std::condition_variable changed_;
  std::deque<PreparedFrame> queue_;
  std::vector<PreparedFrame> spare_;  // their memory is used again
  bool flushing_ = false;
  bool ending_ = false;
  std::exception_ptr failure_;

  // Of the thread that adds.
  Workspace adding_workspace_;

  // Of the collector's thread.
  std::vector<PreparedFrame> batch_;
  InputTensor joined_;
  Workspace collecting_workspace_;
  std::vector<PatchMatrix> batch_patches_;  // by each member
  std::vector<PatchMatrix> frame_patches_;  // by each member

  std::mutex thread_mutex_;
  std::thread thread_;  // guarded by thread_mutex_
};

}  // namespace patchcore
