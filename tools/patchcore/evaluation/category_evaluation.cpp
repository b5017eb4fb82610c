// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores the test pictures of a category and computes its figures.
#include "tools/patchcore/evaluation/category_evaluation.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/atomic_file.h"
#include "core/bank_file.h"
#include "core/error.h"
#include "core/inspection_area.h"
#include "core/scoring.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/datasets/picture_reading.h"
#include "tools/patchcore/evaluation/npy_file.h"
#include "tools/patchcore/evaluation/picture_sheet.h"
#include "tools/patchcore/evaluation/test_set_normalization.h"
#include "tools/patchcore/measurement.h"

namespace patchcore {
namespace {

/// How a bank wants pictures to be seen.
struct BankDescription {
  PreprocessOptions preprocess;
  InspectionArea area;
  std::vector<double> thresholds;  ///< of each member
};

BankDescription describe(const std::string& bank) {
  const BankEnsemble ensemble = read_bank_ensemble(bank);
  BankDescription description;
  description.preprocess = ensemble.members.front().preprocess;
  description.area = ensemble.members.front().area;
  for (const BankFile& member : ensemble.members) {
    description.thresholds.push_back(member.calibration.threshold);
  }
  return description;
}

/// A picture that was scored. Its map is small: it is on the grid of the patches.
struct Scored {
  const TestPicture* source = nullptr;
  Detection detection;
  std::unique_ptr<Mask> mask;  ///< null: not in the pixel figures
};

/// One run over a category.
class CategoryRun {
 public:
  CategoryRun(const Category& category, const std::string& bank, std::string folder,
              const EvaluationOptions& options, ProgressBar& progress)
      : category_(category),
        folder_(std::move(folder)),
        options_(options),
        progress_(progress),
        detector_(bank, options.detector),
        bank_(describe(bank)) {
    result_.name = category.name;
    result_.notes = category.notes;
  }

  CategoryResult run() {
    score_pictures();
    if (scored_.empty()) {
      throw Error(ErrorCode::not_found,
                  category_.test.empty()
                      ? "there are no pictures to test with"
                      : "none of " + count_of(category_.test.size(), "test picture") +
                            " can be scored; the last reason: " + result_.notes.back());
    }
    describe_bank();
    if (options_.normalization == Normalization::test_set) normalize();
    if (options_.maps) write_maps();
    compute_figures();
    choose_worst();
    write_sheets();
    return std::move(result_);
  }

 private:
  void score_pictures() {
    progress_.begin(category_.name + ": testing", category_.test.size());
    for (std::size_t i = 0; i < category_.test.size(); ++i) {
      try {
        score(category_.test[i]);
      } catch (const Error& error) {
        if (!is_of_picture(error)) throw;
        result_.notes.push_back("not tested: \"" + category_.test[i].path + "\": " + error.what());
      }
      progress_.update(i + 1);
    }
    progress_.end();
    if (!seconds_.empty()) result_.detection_seconds = measurement_of(seconds_).median;
    if (input_sizes_.size() > 1) {
      result_.notes.push_back("pictures are of different sizes: the network saw " +
                              std::to_string(input_sizes_.size()) + " sizes");
    }
    result_.input_sizes.assign(input_sizes_.begin(), input_sizes_.end());
  }

  void score(const TestPicture& source) {
    const LoadedPicture picture = read_picture(source.path);
    const auto begin = std::chrono::steady_clock::now();
    Scored scored;
    scored.source = &source;
    scored.detection = detector_.detect(picture.view(), detection_options(), workspace_);
    seconds_.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    input_sizes_.insert(size_text(scored.detection.input_size));
    scored.mask = mask_of(source, picture.size, scored.detection);
    result_.pictures.push_back(
        {source.path, source.type, source.anomalous, scored.detection.score, ""});
    scored_.push_back(std::move(scored));
  }

  DetectionOptions detection_options() const {
    DetectionOptions options;
    options.members = options_.normalization == Normalization::test_set;
    return options;
  }

  /// Of all pictures, once they are scored.
  void normalize() {
    normalization_.emplace();
    for (const Scored& scored : scored_) {
      normalization_->add(scored.detection.members, map_size(scored.detection),
                          share_seen(scored.detection));
    }
    for (std::size_t i = 0; i < scored_.size(); ++i) {
      result_.pictures[i].score = normalization_->score(scored_[i].detection.members);
    }
    result_.bank.threshold = normalization_->score(bank_.thresholds);
    result_.notes.emplace_back(
        "scores and maps are normalized over the test pictures, as published: the threshold is "
        "where every member of the bank is at its own");
  }

  /// As it is evaluated.
  ScoreMap full_map(const Scored& scored) const {
    const Size size = map_size(scored.detection);
    return normalization_
               ? normalization_->map(scored.detection.members, size, share_seen(scored.detection))
               : full_map_of(scored.detection, size);
  }

  /// At the resolution of the evaluated map; null if it has no say.
  std::unique_ptr<Mask> mask_of(const TestPicture& source, Size picture,
                                const Detection& detection) {
    const Size size = map_size(detection);
    if (!source.anomalous) return std::make_unique<Mask>(Mask{size, {}, false});
    if (source.mask.empty()) return nullptr;
    try {
      const LoadedMask mask = read_mask(source.mask);
      if (mask.size != picture) {
        note_mask(source, "is " + size_text(mask.size) + ", the picture " + size_text(picture));
      } else if (std::all_of(mask.values.begin(), mask.values.end(),
                             [](std::uint8_t value) { return value == 0; })) {
        note_mask(source, "is empty");
      } else {
        return std::make_unique<Mask>(
            options_.resolution == MapResolution::input
                ? mask_at_input(mask, bank_.preprocess,
                                resolve_inspection_area(bank_.area, picture).rect,
                                detection.input_size)
                : mask_at_picture(mask, detection.inspected));
      }
    } catch (const Error& error) {
      note_mask(source, error.what());
    }
    return nullptr;
  }

  void note_mask(const TestPicture& source, const std::string& what) {
    result_.notes.push_back("not in the pixel figures: the mask \"" + source.mask + "\" " + what);
  }

  Size map_size(const Detection& detection) const {
    if (options_.resolution == MapResolution::input) return detection.input_size;
    return {detection.inspected.width, detection.inspected.height};
  }

  void describe_bank() {
    const BankSummary& bank = detector_.bank();
    result_.bank = {bank.backbone,  bank.frames,    bank.patches,
                    bank.dimension, bank.threshold, bank.threshold_is_guess,
                    std::nullopt};
    if (bank.threshold_is_guess) {
      result_.notes.emplace_back(
          "the bank's threshold is a guess, as it was trained with few pictures");
    }
  }

  void compute_figures() {
    const std::vector<LabelledScore> scores = labelled_scores(result_);
    result_.image = ranking_figures(scores);
    result_.f1_at_threshold = f1_at(scores, result_.bank.threshold);
    if (!result_.image) {
      result_.notes.emplace_back(
          "no figures of the pictures: good and defective ones are needed to test with");
    }

    std::vector<const Scored*> with_mask;
    for (const Scored& scored : scored_) {
      if (scored.mask) with_mask.push_back(&scored);
    }
    const bool any_defect =
        std::any_of(with_mask.begin(), with_mask.end(),
                    [](const Scored* scored) { return scored->mask->of_anomalous_picture; });
    if (!any_defect) return;
    result_.pixel_pictures = with_mask.size();
    result_.pixels = pixel_figures(with_mask.size(), [&](std::size_t picture) {
      const Scored& scored = *with_mask[picture];
      return EvaluatedMap{full_map(scored), &*scored.mask};
    });
  }

  /// Good pictures with the highest scores and defective ones with the lowest, in turns.
  void choose_worst() {
    std::vector<std::size_t> good;
    std::vector<std::size_t> bad;
    for (std::size_t i = 0; i < result_.pictures.size(); ++i) {
      (result_.pictures[i].anomalous ? bad : good).push_back(i);
    }
    const auto score = [&](std::size_t i) { return result_.pictures[i].score; };
    std::stable_sort(good.begin(), good.end(),
                     [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
    std::stable_sort(bad.begin(), bad.end(),
                     [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
    for (std::size_t i = 0; i < worst_of_a_kind; ++i) {
      if (i < good.size()) result_.worst.push_back(good[i]);
      if (i < bad.size()) result_.worst.push_back(bad[i]);
    }
  }

  void write_sheets() {
    std::vector<std::size_t> chosen;
    if (options_.sheets == SheetChoice::worst) chosen = result_.worst;
    if (options_.sheets == SheetChoice::all) {
      for (std::size_t i = 0; i < scored_.size(); ++i) chosen.push_back(i);
    }
    if (chosen.empty()) return;
    progress_.begin(category_.name + ": sheets", chosen.size());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      write_sheet(scored_[chosen[i]], result_.pictures[chosen[i]]);
      progress_.update(i + 1);
    }
    progress_.end();
  }

  void write_sheet(const Scored& scored, PictureResult& result) {
    const LoadedPicture picture = read_picture(scored.source->path);
    std::optional<LoadedMask> mask;
    if (!scored.source->anomalous) {
      mask.emplace();
      mask->size = picture.size;
      mask->values.resize(picture.bgr.size() / 3);
    } else if (scored.mask) {
      mask = read_mask(scored.source->mask);
    }
    const std::vector<std::uint8_t> png =
        draw_sheet(picture, mask ? &*mask : nullptr, scored.detection);
    result.sheet = "sheets/" + name_of(*scored.source) + ".png";
    write(result.sheet, png);
  }

  void write_maps() {
    for (const Scored& scored : scored_) write_map(scored);
  }

  void write_map(const Scored& scored) {
    const std::string name = "maps/" + name_of(*scored.source);
    const ScoreMap map = full_map(scored);
    make_folder_of(name);
    write_npy(folder_ + "/" + name + ".npy",
              {static_cast<std::size_t>(map.height), static_cast<std::size_t>(map.width)},
              map.values.data(), map.values.size());
    if (!scored.mask) return;
    cv::Mat mask = cv::Mat::zeros(map.height, map.width, CV_8U);
    for (std::size_t i = 0; i < scored.mask->anomalous.size(); ++i) {
      mask.data[i] = scored.mask->anomalous[i] ? 255 : 0;
    }
    std::vector<std::uint8_t> png;
    cv::imencode(".png", mask, png);
    write(name + ".mask.png", png);
  }

  /// "TYPE/NAME", under which files about a picture are written.
  static std::string name_of(const TestPicture& source) {
    return source.type + "/" + last_name(source.path);
  }

  void make_folder_of(const std::string& name) const {
    std::error_code failure;
    const auto folder = std::filesystem::path(folder_ + "/" + name).parent_path();
    std::filesystem::create_directories(folder, failure);
    if (failure) {
      throw Error(ErrorCode::write_failed,
                  "cannot make the folder \"" + folder.string() + "\": " + failure.message());
    }
  }

  void write(const std::string& name, const std::vector<std::uint8_t>& bytes) const {
    make_folder_of(name);
    AtomicFile file(folder_ + "/" + name);
    file.write(bytes.data(), bytes.size());
    file.commit();
  }

  const Category& category_;
  const std::string folder_;
  const EvaluationOptions& options_;
  ProgressBar& progress_;
  const Detector detector_;
  const BankDescription bank_;
  Workspace workspace_;
  CategoryResult result_;
  std::vector<Scored> scored_;   ///< as CategoryResult::pictures
  std::vector<double> seconds_;  ///< of each
  std::optional<TestSetNormalization> normalization_;
  std::set<std::string> input_sizes_;
};

}  // namespace

CategoryResult evaluate_category(const Category& category, const std::string& bank,
                                 const std::string& folder, const EvaluationOptions& options,
                                 ProgressBar& progress) {
  return CategoryRun(category, bank, folder, options, progress).run();
}

}  // namespace patchcore
