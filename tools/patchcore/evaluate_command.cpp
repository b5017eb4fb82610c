// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore evaluate`: how well banks tell defective pictures of a data set from good ones.
#include "tools/patchcore/evaluate_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "core/backbone/torchscript_file.h"
#include "core/ensemble_settings.h"
#include "core/error.h"
#include "tools/patchcore/datasets/dataset_reading.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/evaluation/category_evaluation.h"
#include "tools/patchcore/evaluation/result_folder.h"
#include "tools/patchcore/existing_files.h"
#include "tools/patchcore/folder_training.h"
#include "tools/patchcore/setting_names.h"
#include "tools/patchcore/training_settings.h"

namespace patchcore {
namespace {

using Json = nlohmann::ordered_json;

struct EvaluateOptions {
  std::string source;
  std::string output;
  std::string bank;
  std::vector<std::string> categories;
  DatasetLayout layout = DatasetLayout::automatic;
  bool overwrite = false;
  EvaluationOptions evaluation;
  TrainerOptions trainer;
};

const SettingNames<MapResolution>& resolution_names() {
  static const SettingNames<MapResolution> names = {{"input", MapResolution::input},
                                                    {"picture", MapResolution::picture}};
  return names;
}

const SettingNames<Normalization>& normalization_names() {
  static const SettingNames<Normalization> names = {{"fixed", Normalization::fixed},
                                                    {"test-set", Normalization::test_set}};
  return names;
}

const SettingNames<SheetChoice>& sheet_names() {
  static const SettingNames<SheetChoice> names = {
      {"none", SheetChoice::none}, {"worst", SheetChoice::worst}, {"all", SheetChoice::all}};
  return names;
}

std::string absolute(const std::string& path) {
  std::error_code failure;
  const auto full = std::filesystem::absolute(path, failure);
  return failure ? path : full.lexically_normal().string();
}

/// All that has a say in the figures.
Json settings_of(const EvaluateOptions& options) {
  Json settings = {
      {"source", absolute(options.source)},
      {"layout", name_in(layout_names(), options.layout)},
      {"resolution", name_in(resolution_names(), options.evaluation.resolution)},
      {"normalization", name_in(normalization_names(), options.evaluation.normalization)},
      {"sheets", name_in(sheet_names(), options.evaluation.sheets)},
      {"maps", options.evaluation.maps}};
  Json engine = training_settings_json(options.trainer);
  if (options.bank.empty()) {
    settings["bank"] = nullptr;
    settings.update(engine);
    return settings;
  }
  settings["bank"] = absolute(options.bank);
  for (const char* name : {"weights", "precision", "device", "index"}) {
    settings[name] = engine[name];
  }
  return settings;
}

DetectorOptions detector_options(const TrainerOptions& trainer) {
  DetectorOptions options;
  // A bank that is made here has its weights in it, but for a TorchScript file.
  const auto weights_of = [](const BackboneOptions& backbone) {
    return is_torchscript_name(backbone.name) ? backbone.name : backbone.weights;
  };
  std::vector<std::string> weights;
  for (const BackboneOptions& member : trainer.members()) weights.push_back(weights_of(member));
  options.weights = join_members(weights);
  options.allow_torchscript = trainer.backbone.allow_torchscript;
  options.threads = trainer.threads;
  options.index = trainer.index;
  options.precision = trainer.precision;
  options.device = trainer.device;
  return options;
}

/// A file is for all categories, a folder has one for each.
std::string given_bank(const EvaluateOptions& options, const std::string& category) {
  if (!is_folder(options.bank)) return options.bank;
  return options.bank + "/" + category + ".safetensors";
}

std::string figure_text(const std::optional<double>& value) {
  if (!value) return "-";
  char text[16];
  std::snprintf(text, sizeof text, "%.4f", *value);
  return text;
}

/// A command's run over several categories.
class Evaluation {
 public:
  explicit Evaluation(const EvaluateOptions& options)
      : options_(options),
        folders_(
            choose_categories(find_categories(options.source, options.layout), options.categories)),
        settings_(settings_of(options)),
        results_(options.output, settings_, options.overwrite) {}

  void run() {
    for (const CategoryFolder& folder : folders_) {
      try {
        evaluate(folder);
      } catch (const std::exception& error) {
        progress_.say(folder.name + ": failed: " + error.what());
        failures_.push_back({folder.name, error.what()});
      }
      // After each, so that what is done can be looked at.
      results_.write_report(failures_, settings_);
    }
    print();
    if (!failures_.empty()) {
      throw Error(ErrorCode::invalid_argument, std::to_string(failures_.size()) + " of " +
                                                   std::to_string(folders_.size()) +
                                                   " categories could not be evaluated, see above");
    }
  }

 private:
  void evaluate(const CategoryFolder& folder) {
    if (results_.finished(folder.name)) {
      progress_.say(folder.name + ": done already, kept");
      return;
    }
    const Category category = read_category(folder);
    const std::string own_folder = results_.category_folder(folder.name);
    std::vector<std::string> skipped;
    std::optional<double> training_seconds;
    std::string bank = given_bank(options_, folder.name);
    if (options_.bank.empty()) {
      bank = own_folder + "/bank.safetensors";
      if (!exists(bank)) {
        const FolderTraining training =
            train_on_pictures(category.train, options_.trainer, bank, folder.name, progress_);
        training_seconds = training.seconds;
        skipped = training.skipped;
      }
    }
    CategoryResult result =
        evaluate_category(category, bank, own_folder, options_.evaluation, progress_);
    result.folder = absolute(folder.path);
    result.bank.training_seconds = training_seconds;
    for (const std::string& reason : skipped) result.notes.push_back("not trained with: " + reason);
    for (const std::string& note : result.notes) progress_.say(folder.name + ": " + note);
    results_.finish(result);
  }

  void print() {
    const auto [results, unreadable] = results_.all_finished();
    for (const CategoryFailure& category : unreadable) {
      progress_.say(category.name + ": left out: " + category.reason);
    }
    std::size_t widest = 4;
    for (const CategoryResult& result : results) widest = std::max(widest, result.name.size());
    const auto row = [&](const std::string& name, const auto& value_of) {
      std::printf("%-*s", static_cast<int>(widest), name.c_str());
      for (const Figure& figure : all_figures()) {
        std::printf("  %*s", static_cast<int>(std::string(figure.name).size()),
                    figure_text(value_of(figure)).c_str());
      }
      std::printf("\n");
    };
    std::printf("%-*s", static_cast<int>(widest), "");
    for (const Figure& figure : all_figures()) std::printf("  %s", figure.name);
    std::printf("\n");
    for (const CategoryResult& result : results) {
      row(result.name, [&](const Figure& figure) { return figure.of(result); });
    }
    row("Mean", [&, &all = results](const Figure& figure) { return mean_figure(figure, all); });
    std::printf("%s/report.html\n", options_.output.c_str());
  }

  const EvaluateOptions& options_;
  const std::vector<CategoryFolder> folders_;
  const Json settings_;
  const ResultFolder results_;
  ProgressBar progress_;
  std::vector<CategoryFailure> failures_;
};

}  // namespace

void add_evaluate_command(CLI::App& app) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand(
      "evaluate",
      "Trains a bank for each category of a data set, or takes banks that are there, scores the "
      "test pictures and writes figures, a report and sheets; goes on where a run stopped");
  command->add_option("source", options->source, "Category or data set")->required();
  command->add_option("--output", options->output, "Folder for the results")->required();
  CLI::Option* bank = command->add_option(
      "--bank", options->bank,
      "Bank for all categories, or a folder with CATEGORY.safetensors (none: they are trained)");
  command
      ->add_option("--category", options->categories,
                   "Category of the data set; may be given several times (none: all)")
      ->allow_extra_args(false);
  add_choice(*command, "--layout", options->layout, layout_names(), "How the data set lies");
  add_choice(*command, "--resolution", options->evaluation.resolution, resolution_names(),
             "Where maps and masks are compared: at the network's input, as published, or at the "
             "picture's pixels");
  add_choice(*command, "--normalization", options->evaluation.normalization, normalization_names(),
             "How an ensemble's members are normalized before the mean: by what the bank knows, as "
             "in a pipeline, or over all test pictures, as published");
  add_choice(*command, "--sheets", options->evaluation.sheets, sheet_names(),
             "Of which pictures sheets with mask, map and overlay are drawn");
  command->add_flag("--maps", options->evaluation.maps, "Write all maps, for NumPy, and masks");
  command->add_flag("--replace", options->overwrite, "Replace the results that are there");
  const EngineSettings settings = add_training_settings(*command, options->trainer);
  for (CLI::Option* option : settings.training) option->excludes(bank);
  command->callback([options] {
    options->evaluation.detector = detector_options(options->trainer);
    Evaluation(*options).run();
  });
}

}  // namespace patchcore
