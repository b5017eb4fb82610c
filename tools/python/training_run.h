// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A training run as Python sees it: any thread may use it, and Ctrl-C ends it.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <string>

#include "core/trainer.h"

namespace patchcore {

/// A Trainer whose calls may come from several threads of Python. Every call is made with Python's
/// lock held, and gives it up while the engine works.
class TrainingRun {
 public:
  /// @throws Error
  explicit TrainingRun(const TrainerOptions& options);
  /// Cancels and waits.
  ~TrainingRun();

  /// @param picture  see PictureArray
  /// @throws Error as Trainer::add(), and once a build was started
  void add(const pybind11::object& picture);

  /// Writes the bank. Whatever ends it early, a signal or an exception of @p progress, cancels the
  /// build, which then leaves no file.
  /// @param progress  called on this thread with the stage, the percentage of the whole and a text,
  ///                  while the build waits; or None
  /// @throws Error as Trainer::start_build(), and what TrainingCallbacks::failed says
  TrainingReport build(const std::string& path, const pybind11::object& progress);

  /// Ends everything soon; other calls throw ErrorCode::cancelled.
  void cancel() { trainer_->cancel(); }

  const Trainer& trainer() const { return *trainer_; }

 private:
  std::unique_ptr<Trainer> trainer_;

  std::mutex mutex_;  ///< one thread adds or starts the build at a time; not wanted with Python's
                      ///< lock held
  bool build_started_ = false;  ///< guarded by the mutex
};

/// Adds TrainingRun.
void bind_training_run(pybind11::module_& module);

}  // namespace patchcore
