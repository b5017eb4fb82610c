// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore train`: memory banks from folders of pictures.
#include "tools/patchcore/train_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "core/error.h"
#include "tools/patchcore/datasets/dataset_reading.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/existing_files.h"
#include "tools/patchcore/folder_training.h"
#include "tools/patchcore/setting_names.h"
#include "tools/patchcore/training_settings.h"

namespace patchcore {
namespace {

struct TrainOptions {
  std::string source;
  std::string bank;
  std::vector<std::string> categories;
  DatasetLayout layout = DatasetLayout::automatic;
  bool overwrite = false;
  TrainerOptions trainer;
};

struct Task {
  Category category;
  std::string bank;
};

/// A data set's categories, or nothing for a folder's pictures. Stray pictures beside categories
/// are not what is meant.
std::vector<CategoryFolder> find(const TrainOptions& options) {
  try {
    return choose_categories(find_categories(options.source, options.layout), options.categories);
  } catch (const Error& error) {
    const bool may_be_plain = error.code() == ErrorCode::not_found && options.categories.empty() &&
                              options.layout == DatasetLayout::automatic;
    if (!may_be_plain) throw;
    if (!list_pictures(options.source).paths.empty()) return {};
    throw Error(error.code(), std::string(error.what()) + "; nor are there pictures in it");
  }
}

void print(const std::string& name, const FolderTraining& training) {
  const TrainingReport& report = training.report;
  std::printf("%s: %lld pictures, bank of %lld x %lld, threshold %.4g%s, %.1f s\n", name.c_str(),
              static_cast<long long>(report.frames), static_cast<long long>(report.bank_patches),
              static_cast<long long>(report.dimension), report.threshold,
              report.threshold_is_guess ? " (a guess: too few pictures)" : "", training.seconds);
  std::fflush(stdout);
}

void train(const Task& task, const TrainOptions& options, ProgressBar& progress) {
  const std::string& name = task.category.name;
  for (const std::string& note : task.category.notes) progress.say(name + ": " + note);
  if (task.category.train.empty()) {
    throw Error(ErrorCode::not_found, "there are no pictures to train with");
  }
  const FolderTraining training =
      train_on_pictures(task.category.train, options.trainer, task.bank, name, progress);
  for (const std::string& skipped : training.skipped) progress.say(name + ": " + skipped);
  print(name, training);
}

/// One bank.
void train_one(const TrainOptions& options, const std::vector<CategoryFolder>& folders) {
  refuse_to_overwrite(options.bank, options.overwrite);
  ProgressBar progress;
  Task task;
  task.bank = options.bank;
  if (folders.empty()) {
    task.category.name = last_name(options.source);
    task.category.train = list_pictures(options.source).paths;
  } else {
    task.category = read_category(folders.front());
  }
  train(task, options, progress);
}

/// A folder of banks. Those that are there are kept; what fails does not stop the others.
void train_all(const TrainOptions& options, const std::vector<CategoryFolder>& folders) {
  std::error_code failure;
  std::filesystem::create_directories(options.bank, failure);
  if (failure) {
    throw Error(ErrorCode::write_failed,
                "cannot make the folder \"" + options.bank + "\" for the banks of " +
                    std::to_string(folders.size()) + " categories" + ": " + failure.message());
  }
  ProgressBar progress;
  std::size_t failed = 0;
  for (const CategoryFolder& folder : folders) {
    const std::string bank = options.bank + "/" + folder.name + ".safetensors";
    if (!options.overwrite && exists(bank)) {
      progress.say(folder.name + ": \"" + bank + "\" is there already and kept");
      continue;
    }
    try {
      train({read_category(folder), bank}, options, progress);
    } catch (const std::exception& error) {
      progress.say(folder.name + ": failed: " + error.what());
      ++failed;
    }
  }
  if (failed > 0) {
    throw Error(ErrorCode::invalid_argument, std::to_string(failed) + " of " +
                                                 std::to_string(folders.size()) +
                                                 " categories have no bank, see above");
  }
}

void run(const TrainOptions& options) {
  const std::vector<CategoryFolder> folders = find(options);
  if (folders.size() > 1) {
    train_all(options, folders);
  } else {
    train_one(options, folders);
  }
}

}  // namespace

void add_train_command(CLI::App& app) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = app.add_subcommand(
      "train",
      "Makes a memory bank of good pictures: those in a folder, or those for training of a data "
      "set as MVTec AD, BTAD, VisA, or with good/ and bad/");
  command->add_option("source", options->source, "Folder of pictures, category or data set")
      ->required();
  command
      ->add_option("--bank", options->bank,
                   "File to write; for several categories a folder, for CATEGORY.safetensors")
      ->required();
  command
      ->add_option("--category", options->categories,
                   "Category of the data set; may be given several times (none: all)")
      ->allow_extra_args(false);
  add_choice(*command, "--layout", options->layout, layout_names(), "How the data set lies");
  command->add_flag("--replace", options->overwrite, "Replace banks that are there");
  add_training_settings(*command, options->trainer);
  command->callback([options] { run(*options); });
}

}  // namespace patchcore
