// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A memory bank from picture files.
#include "tools/patchcore/folder_training.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "core/error.h"
#include "tools/patchcore/datasets/picture_reading.h"

namespace patchcore {
namespace {

std::optional<LoadedPicture> read_or_skip(const std::string& path,
                                          std::vector<std::string>& skipped) {
  try {
    return read_picture(path);
  } catch (const Error& error) {
    if (!is_of_picture(error)) throw;
    skipped.emplace_back(error.what());
    return std::nullopt;
  }
}

void add_or_skip(Trainer& trainer, const std::string& path, std::vector<std::string>& skipped) {
  const std::optional<LoadedPicture> picture = read_or_skip(path, skipped);
  if (!picture) return;
  try {
    trainer.add(picture->view());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported_frame) throw;
    skipped.push_back("\"" + path + "\": " + error.what());
  }
}

/// Builds and waits, with the bar.
TrainingReport build(Trainer& trainer, const std::string& bank, const std::string& label,
                     ProgressBar& progress) {
  constexpr int whole = 100;
  std::optional<Error> failure;
  TrainingReport report;
  std::atomic<int> percent = 0;
  std::atomic<bool> over = false;
  TrainingCallbacks callbacks;
  callbacks.progress = [&](TrainingStage, int done, const std::string&) { percent = done; };
  callbacks.done = [&](const TrainingReport& done) {
    report = done;
    over = true;
  };
  callbacks.failed = [&](const Error& error) {
    failure = error;
    over = true;
  };
  progress.begin(label + ": building, percent", whole);
  trainer.start_build(bank, callbacks);
  while (!over) {
    progress.update(static_cast<std::size_t>(percent));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  trainer.wait();
  if (failure) throw Error(*failure);
  progress.update(whole);
  progress.end();
  return report;
}

}  // namespace

FolderTraining train_on_pictures(const std::vector<std::string>& pictures,
                                 const TrainerOptions& options, const std::string& bank,
                                 const std::string& label, ProgressBar& progress) {
  if (pictures.empty()) {
    throw Error(ErrorCode::not_found, "there are no pictures to train with");
  }
  const auto begin = std::chrono::steady_clock::now();
  Trainer::check_destination(bank);
  FolderTraining training;
  Trainer trainer(options);
  progress.begin(label + ": training", pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    add_or_skip(trainer, pictures[i], training.skipped);
    progress.update(i + 1);
  }
  progress.end();
  if (trainer.added() == 0) {
    throw Error(ErrorCode::not_found,
                "none of " + std::to_string(pictures.size()) +
                    " pictures can be trained with; the first: " + training.skipped.front());
  }
  training.report = build(trainer, bank, label, progress);
  training.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return training;
}

}  // namespace patchcore
