// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The line in which frames of all streams wait for the engine that they share.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/detector.h"
#include "core/prepared_frame.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// What waits to be scored.
struct WaitingFrame {
  PreparedFrame prepared;
  DetectionOptions options;
  std::uint64_t time = 0;  ///< the caller's, given back with the result
};

struct ScoredFrame {
  Detection detection;
  std::uint64_t time = 0;  ///< of the frame
  double seconds = 0;      ///< that scoring took; its share, if others were scored with it
};

struct DetectionQueueOptions {
  /// Frames, each of another stream, that are scored in one pass of the network, >= 1.
  int batch_size = 1;
  /// How long the first frame of a batch waits for others, unless those of all streams wait
  /// already.
  std::chrono::nanoseconds batch_timeout{0};
  int threads = 0;  ///< that score, 0 for all processors

  /// @throws Error invalid_argument
  void validate() const;
};

/// One thread that scores the frames of all streams in the order in which they asked for it. Every
/// stream has one place in the line at most, and goes to its end for the next frame: a stream waits
/// for one frame of each of the others, however fast theirs come. Any thread.
class DetectionQueue {
 public:
  /// Prepares a frame, with the Workspace of the queue's thread.
  using Prepare = std::function<void(PreparedFrame& prepared, Workspace& workspace)>;
  /// Detector::detect() of frames whose inputs have one size, or a stand-in. Called on the queue's
  /// thread, and nowhere else.
  using Detect = std::function<std::vector<Detection>(const std::vector<DetectionRequest>& requests,
                                                      Workspace& workspace)>;

  /// @throws Error no_space if there can be no more threads
  DetectionQueue(Detect detect, const DetectionQueueOptions& options);

  /// No stream may be left. Waits for what is being scored.
  ~DetectionQueue();

  /// Streams that are open.
  std::size_t streams() const;

 private:
  friend class DetectionStream;
  struct Stream;
  struct Private;
  std::unique_ptr<Private> private_;
};

/// One stream's access to the queue. For one caller, save where it says something else. No call
/// but detect() waits for a frame that is being scored, the destructor neither.
class DetectionStream {
 public:
  explicit DetectionStream(std::shared_ptr<DetectionQueue> queue);
  ~DetectionStream();
  DetectionStream(const DetectionStream&) = delete;
  DetectionStream& operator=(const DetectionStream&) = delete;

  /// Has @p frame scored when it is this stream's turn. A frame of the stream that waits is
  /// replaced, and its place in the line taken over, so that memory and delay stay bounded however
  /// fast frames come. Takes what is in @p frame and leaves memory that can be used again.
  /// @return whether another one waited and is not going to be scored
  bool submit(WaitingFrame& frame);

  /// The results of submit() since the last call, oldest first. There are at most two if it is
  /// called before every submit().
  /// @throws what scoring threw; once
  std::vector<ScoredFrame> take();

  /// Drops the waiting frame and all results, that of the frame that is being scored, too.
  void forget();

  /// Has a frame scored and waits for it. Not together with submit().
  /// @param prepare  called on the queue's thread, before this returns
  /// @return nothing if the stream is flushing before it is the frame's turn
  /// @throws what scoring threw
  std::optional<ScoredFrame> detect(const DetectionQueue::Prepare& prepare,
                                    const DetectionOptions& options);

  /// While set, detect() does not wait for its turn. Any thread.
  void set_flushing(bool flushing);

  /// Whether others share the queue. Any thread.
  bool is_alone() const;

 private:
  const std::shared_ptr<DetectionQueue> queue_;
  const std::shared_ptr<DetectionQueue::Stream> stream_;
};

}  // namespace patchcore
