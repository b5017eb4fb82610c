// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The line in which frames of all streams wait for the engine that they share.
#include "core/detection_queue.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/thread_start.h"
#include "core/threads.h"

namespace patchcore {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point before) {
  return std::chrono::duration<double>(Clock::now() - before).count();
}

Size input_size(const PreparedFrame& frame) {
  return {frame.input.width, frame.input.height};
}

}  // namespace

void DetectionQueueOptions::validate() const {
  if (batch_size < 1) {
    throw Error(ErrorCode::invalid_argument,
                "a batch has one frame or more, not " + std::to_string(batch_size));
  }
  if (batch_timeout.count() < 0 || threads < 0 || threads > max_threads) {
    throw Error(
        ErrorCode::invalid_argument,
        "neither the time that a batch waits nor a number of threads may be negative, and there "
        "are " +
            std::to_string(max_threads) + " threads at most");
  }
}

/// Guarded by the queue's mutex.
struct DetectionQueue::Stream {
  WaitingFrame waiting;
  const Prepare* prepare = nullptr;  ///< of detect(), whose caller waits; null: is prepared
  bool has_frame = false;            ///< that waits
  bool in_line = false;              ///< has one and none in progress
  bool in_progress = false;
  bool flushing = false;
  std::uint64_t generation = 0;  ///< results of an older one are dropped
  std::vector<ScoredFrame> results;
  std::exception_ptr failure;
  std::condition_variable changed;  ///< for detect()
};

struct DetectionQueue::Private {
  /// A frame that has left the line.
  struct Job {
    std::shared_ptr<Stream> stream;
    std::uint64_t generation = 0;
    const Prepare* prepare = nullptr;
    WaitingFrame frame;
    ScoredFrame scored;
    std::exception_ptr failure;
    bool done = false;
  };

  Private(Detect function, const DetectionQueueOptions& settings)
      : detect(std::move(function)), options(settings) {}

  // With the mutex.
  void add_frame(const std::shared_ptr<Stream>& stream);
  void drop_frame(const std::shared_ptr<Stream>& stream);
  void join_line(const std::shared_ptr<Stream>& stream);
  bool wait_for_batch(std::unique_lock<std::mutex>& lock);
  void take_batch();
  void deliver(Job& job);

  // Without the mutex, on the queue's thread.
  void run();
  void prepare_jobs();
  void score_jobs(const std::vector<Job*>& same_size);
  std::vector<Job*> next_of_one_size();

  const Detect detect;
  const DetectionQueueOptions options;

  mutable std::mutex mutex;  ///< never held while a frame is scored
  std::condition_variable changed;
  // Guarded by the mutex.
  std::deque<std::shared_ptr<Stream>> line;
  std::size_t streams = 0;
  bool stopping = false;

  // Of the queue's thread.
  std::vector<Job> batch;  ///< keeps its memory; the first `batched` are in use
  std::size_t batched = 0;
  Workspace workspace;

  std::thread thread;
};

/// The stream's waiting frame has been set.
void DetectionQueue::Private::add_frame(const std::shared_ptr<Stream>& stream) {
  stream->has_frame = true;
  join_line(stream);
}

void DetectionQueue::Private::drop_frame(const std::shared_ptr<Stream>& stream) {
  stream->has_frame = false;
  if (!std::exchange(stream->in_line, false)) return;
  line.erase(std::find(line.begin(), line.end(), stream));
}

/// If it is not in it and has a frame that waits. Not while one is in progress: those that wait for
/// theirs, in detect(), could not do so either.
void DetectionQueue::Private::join_line(const std::shared_ptr<Stream>& stream) {
  if (stream->in_line || stream->in_progress || !stream->has_frame) return;
  stream->in_line = true;
  line.push_back(stream);
  changed.notify_one();
}

/// @return false if the thread is to end
bool DetectionQueue::Private::wait_for_batch(std::unique_lock<std::mutex>& lock) {
  changed.wait(lock, [this] { return stopping || !line.empty(); });
  const auto is_full = [this] {
    const std::size_t most = std::min(static_cast<std::size_t>(options.batch_size), streams);
    return stopping || line.size() >= most;
  };
  if (options.batch_timeout.count() > 0) changed.wait_for(lock, options.batch_timeout, is_full);
  return !stopping;
}

void DetectionQueue::Private::take_batch() {
  // The line may have got empty while this waited for a batch.
  batched = std::min(line.size(), static_cast<std::size_t>(options.batch_size));
  if (batch.size() < batched) batch.resize(batched);
  for (std::size_t i = 0; i < batched; ++i) {
    Job& job = batch[i];
    job.stream = std::move(line.front());
    line.pop_front();
    job.stream->in_line = false;
    job.stream->has_frame = false;
    job.stream->in_progress = true;
    job.generation = job.stream->generation;
    job.prepare = job.stream->prepare;
    std::swap(job.frame, job.stream->waiting);
    job.scored = {};
    job.scored.time = job.frame.time;
    job.failure = nullptr;
    job.done = false;
  }
}

void DetectionQueue::Private::prepare_jobs() {
  for (std::size_t i = 0; i < batched; ++i) {
    Job& job = batch[i];
    if (job.prepare == nullptr) continue;
    const Clock::time_point before = Clock::now();
    try {
      (*job.prepare)(job.frame.prepared, workspace);
    } catch (...) {
      job.failure = std::current_exception();
      job.done = true;
    }
    job.scored.seconds = seconds_since(before);
  }
}

/// Those of the batch that are still to be scored and have the size of the first one.
std::vector<DetectionQueue::Private::Job*> DetectionQueue::Private::next_of_one_size() {
  std::vector<Job*> jobs;
  for (std::size_t i = 0; i < batched; ++i) {
    Job& job = batch[i];
    if (job.done) continue;
    if (jobs.empty() ||
        input_size(job.frame.prepared) == input_size(jobs.front()->frame.prepared)) {
      jobs.push_back(&job);
    }
  }
  return jobs;
}

void DetectionQueue::Private::score_jobs(const std::vector<Job*>& same_size) {
  const Clock::time_point before = Clock::now();
  std::vector<DetectionRequest> requests;
  requests.reserve(same_size.size());
  for (const Job* job : same_size) requests.push_back({&job->frame.prepared, job->frame.options});
  try {
    std::vector<Detection> detections = detect(requests, workspace);
    const double share = seconds_since(before) / static_cast<double>(same_size.size());
    for (std::size_t i = 0; i < same_size.size(); ++i) {
      same_size[i]->scored.detection = std::move(detections[i]);
      same_size[i]->scored.seconds += share;
      same_size[i]->done = true;
    }
  } catch (...) {
    if (same_size.size() == 1) {
      same_size.front()->failure = std::current_exception();
      same_size.front()->done = true;
      return;
    }
    // A stream that fails takes no other with it.
    for (Job* job : same_size) score_jobs({job});
  }
}

void DetectionQueue::Private::deliver(Job& job) {
  Stream& stream = *job.stream;
  stream.in_progress = false;
  join_line(job.stream);
  if (stream.generation != job.generation) return;
  if (job.failure) {
    // Moved, so that whoever it is thrown to frees it.
    stream.failure = std::move(job.failure);
  } else {
    stream.results.push_back(std::move(job.scored));
  }
  stream.changed.notify_all();
}

void DetectionQueue::Private::run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (wait_for_batch(lock)) {
    take_batch();
    lock.unlock();
    prepare_jobs();
    std::vector<Job*> jobs = next_of_one_size();
    while (!jobs.empty()) {
      score_jobs(jobs);
      jobs = next_of_one_size();
    }
    lock.lock();
    for (std::size_t i = 0; i < batched; ++i) deliver(batch[i]);
    // The last of what a closed stream had is freed without the lock.
    lock.unlock();
    for (std::size_t i = 0; i < batched; ++i) batch[i].stream.reset();
    lock.lock();
  }
}

DetectionQueue::DetectionQueue(Detect detect, const DetectionQueueOptions& options) {
  options.validate();
  private_ = std::make_unique<Private>(std::move(detect), options);
  private_->workspace.threads = options.threads;
  private_->thread = start_thread("to score frames", [self = private_.get()] { self->run(); });
}

DetectionQueue::~DetectionQueue() {
  {
    const std::lock_guard<std::mutex> lock(private_->mutex);
    private_->stopping = true;
  }
  private_->changed.notify_one();
  private_->thread.join();
}

std::size_t DetectionQueue::streams() const {
  const std::lock_guard<std::mutex> lock(private_->mutex);
  return private_->streams;
}

DetectionStream::DetectionStream(std::shared_ptr<DetectionQueue> queue)
    : queue_(std::move(queue)), stream_(std::make_shared<DetectionQueue::Stream>()) {
  const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
  queue_->private_->streams += 1;
}

DetectionStream::~DetectionStream() {
  forget();
  {
    const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
    queue_->private_->streams -= 1;
  }
  // A batch that waits for this one's frame need not any more.
  queue_->private_->changed.notify_one();
}

bool DetectionStream::submit(WaitingFrame& frame) {
  const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
  std::swap(stream_->waiting, frame);
  stream_->prepare = nullptr;
  const bool replaced = stream_->has_frame;
  queue_->private_->add_frame(stream_);
  return replaced;
}

std::vector<ScoredFrame> DetectionStream::take() {
  std::vector<ScoredFrame> results;
  std::exception_ptr failure;
  {
    const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
    results.swap(stream_->results);
    failure = std::exchange(stream_->failure, nullptr);
  }
  if (failure) std::rethrow_exception(failure);
  return results;
}

void DetectionStream::forget() {
  std::vector<ScoredFrame> results;  // freed without the lock
  std::exception_ptr failure;
  const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
  results.swap(stream_->results);
  failure = std::exchange(stream_->failure, nullptr);
  queue_->private_->drop_frame(stream_);
  stream_->generation += 1;
}

std::optional<ScoredFrame> DetectionStream::detect(const DetectionQueue::Prepare& prepare,
                                                   const DetectionOptions& options) {
  DetectionQueue::Stream& stream = *stream_;
  std::unique_lock<std::mutex> lock(queue_->private_->mutex);
  if (stream.flushing) return std::nullopt;
  stream.waiting.options = options;
  stream.prepare = &prepare;
  queue_->private_->add_frame(stream_);
  stream.changed.wait(lock, [&] {
    return !stream.results.empty() || stream.failure || (stream.flushing && stream.has_frame);
  });
  queue_->private_->drop_frame(stream_);
  if (stream.failure) {
    const std::exception_ptr failure = std::exchange(stream.failure, nullptr);
    lock.unlock();
    std::rethrow_exception(failure);
  }
  if (stream.results.empty()) return std::nullopt;
  ScoredFrame scored = std::move(stream.results.back());
  stream.results.clear();
  return scored;
}

void DetectionStream::set_flushing(bool flushing) {
  const std::lock_guard<std::mutex> lock(queue_->private_->mutex);
  stream_->flushing = flushing;
  stream_->changed.notify_all();
}

bool DetectionStream::is_alone() const {
  return queue_->streams() <= 1;
}

}  // namespace patchcore
