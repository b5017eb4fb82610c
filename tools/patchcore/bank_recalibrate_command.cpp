// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank recalibrate`: a new threshold from good pictures.
#include "tools/patchcore/bank_recalibrate_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "core/bank_building.h"
#include "core/bank_file.h"
#include "core/detector.h"
#include "core/error.h"
#include "core/score_combination.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/datasets/picture_reading.h"
#include "tools/patchcore/detector_settings.h"
#include "tools/patchcore/existing_files.h"
#include "tools/patchcore/progress_bar.h"

namespace patchcore {
namespace {

struct RecalibrateOptions {
  std::string source;
  std::string pictures;
  std::string bank;
  bool replace = false;
  DetectorOptions detector;
};

/// Of the pictures that can be read; says of the others why not.
std::vector<float> score(const RecalibrateOptions& options) {
  const Detector detector(options.source, options.detector);
  const std::vector<std::string> paths = list_pictures(options.pictures).paths;
  std::vector<float> scores;
  Workspace workspace;
  ProgressBar progress;
  progress.begin("scoring", paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    try {
      const LoadedPicture picture = read_picture(paths[i]);
      scores.push_back(static_cast<float>(detector.detect(picture.view(), {}, workspace).score));
    } catch (const Error& error) {
      if (!is_of_picture(error)) throw;
      progress.say("passed over: \"" + paths[i] + "\": " + error.what());
    }
    progress.update(i + 1);
  }
  progress.end();
  if (scores.empty()) {
    throw Error(ErrorCode::not_found,
                "\"" + options.pictures + "\" has no picture that can be scored");
  }
  return scores;
}

/// What rounding alone can make of equal pictures.
double rounding_score_of(const BankEnsemble& ensemble) {
  std::vector<Calibration> calibrations;
  std::vector<double> scores;
  for (const BankFile& member : ensemble.members) {
    calibrations.push_back(member.calibration);
    scores.push_back(rounding_score(member.bank, member.scoring));
  }
  return scores.size() == 1 ? scores.front() : ScoreCombination(calibrations).score(scores);
}

void recalibrate(const RecalibrateOptions& options) {
  refuse_to_overwrite(options.bank, options.replace);
  check_bank_path_writable(options.bank);
  BankEnsemble file = read_bank_ensemble(options.source);
  const double before = file.calibration.threshold;
  file.calibration = calibrate(score(options), rounding_score_of(file));
  // An ensemble's members keep their own, which normalize their scores.
  if (file.members.size() == 1) {
    file.members.front().calibration = file.calibration;
    file.members.front().held_out = {};
  }
  // A bank asks for the index that its threshold was computed with.
  if (options.detector.index != IndexKind::automatic) {
    for (BankFile& member : file.members) {
      member.index = options.detector.index;
      member.recall.reset();
    }
  }
  write_bank_ensemble(options.bank, file);
  std::printf("%s: threshold %.5g from %zu pictures%s, before %.5g\n", options.bank.c_str(),
              file.calibration.threshold, file.calibration.scores.size(),
              file.calibration.is_guess ? " (a guess: too few)" : "", before);
}

}  // namespace

void add_bank_recalibrate_command(CLI::App& bank) {
  const auto options = std::make_shared<RecalibrateOptions>();
  CLI::App* command = bank.add_subcommand(
      "recalibrate",
      "Compute a bank's threshold again, from good pictures that it was not trained with");
  command->add_option("source", options->source, "Memory-bank file")->required();
  command->add_option("pictures", options->pictures, "Folder of good pictures")->required();
  command->add_option("--bank", options->bank, "Memory-bank file to write")->required();
  add_detector_settings(*command, options->detector);
  command->add_flag("--replace", options->replace, "Replace a file that exists");
  command->callback([options] { recalibrate(*options); });
}

}  // namespace patchcore
