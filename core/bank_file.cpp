// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The memory-bank file: one self-contained safetensors file.
#include "core/bank_file.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "core/atomic_file.h"
#include "core/bank_settings.h"
#include "core/bank_tensors.h"
#include "core/error.h"
#include "core/member_inputs.h"
#include "core/score_combination.h"
#include "core/weights/safetensors.h"

namespace patchcore {
namespace {

constexpr char settings_key[] = "patchcore";

void require(bool condition, const std::string& problem) {
  if (!condition) throw Error(ErrorCode::invalid_argument, problem);
}

bool is_score(double value) {
  return std::isfinite(value) && value >= 0;
}

bool is_share(double value) {
  return value >= 0 && value <= 1;
}

void check_calibration(const Calibration& calibration) {
  require(is_score(calibration.threshold) && is_score(calibration.usual_score) &&
              std::all_of(calibration.scores.begin(), calibration.scores.end(), is_score),
          "its calibration has scores that are no finite numbers from 0 on");
}

/// What a bank must fulfil, whether it was read or is to be written.
/// @throws Error invalid_argument
void check_bank(const BankFile& content) {
  content.preprocess.validate();
  content.embedding.validate();
  content.coreset.validate();
  content.scoring.validate();
  require(!content.backbone.empty(), "it names no backbone");
  require(!content.layers.empty(), "it names no layers");
  require(content.weights_sha256.size() == 64 &&
              content.weights_sha256.find_first_not_of("0123456789abcdef") == std::string::npos,
          "the checksum of the backbone's weights is no SHA-256");
  require(content.frames >= 0 && content.patches >= 0,
          "the number of frames or patches is negative");

  const PatchMatrix& bank = content.bank;
  require(bank.rows > 0 && bank.columns > 0 && bank.values.size() / bank.columns == bank.rows &&
              bank.values.size() % bank.columns == 0,
          "it has no patches");
  require(static_cast<std::size_t>(content.scoring.neighbours) <= bank.rows,
          "its scores need " + std::to_string(content.scoring.neighbours) +
              " neighbours, it has only " + std::to_string(bank.rows) + " patches");
  require(content.embedding.target_embed_dimension == dimension_none ||
              static_cast<std::size_t>(content.embedding.target_embed_dimension) == bank.columns,
          "its patches have " + std::to_string(bank.columns) +
              " dimensions and not the target embedding dimension");
  require(std::all_of(bank.values.begin(), bank.values.end(),
                      [](float value) { return std::isfinite(value); }),
          "its patches are not all finite numbers");

  if (content.search.directions.rows > 0) {
    check_principal_directions(content.search, bank.columns);
  } else {
    require(content.search.mean.empty(),
            "it has a mean of principal directions without directions");
  }

  check_calibration(content.calibration);
  check_held_out(content.held_out, bank.columns, content.calibration.scores.size(),
                 content.scoring);

  const SearchRecall recall = content.recall.value_or(SearchRecall());
  require(is_share(recall.neighbours) && is_share(recall.mean_score_error) &&
              is_share(recall.largest_score_error),
          "its recall has figures that are not from 0 to 1");

  const SelfTest& test = content.self_test;
  require(test.width >= 0 && test.height >= 0 &&
              test.rgb.size() == static_cast<std::size_t>(test.width) *
                                     static_cast<std::size_t>(test.height) * 3 &&
              is_score(test.score),
          "its self-test has a faulty picture or score");
}

/// What is in a file: one bank, or the members of an ensemble with the calibration of all together.
struct Content {
  std::vector<const BankFile*> members;
  const Calibration* calibration = nullptr;

  explicit Content(const BankEnsemble& ensemble) : calibration(&ensemble.calibration) {
    for (const BankFile& member : ensemble.members) members.push_back(&member);
  }
  explicit Content(const BankFile& bank) : members{&bank}, calibration(&bank.calibration) {}

  bool is_single() const { return members.size() == 1; }
};

/// @throws Error invalid_argument
void check(const Content& content) {
  require(!content.members.empty(), "it has no members");
  if (content.is_single()) {
    check_bank(*content.members.front());
    return;
  }
  const BankFile& first = *content.members.front();
  std::vector<Calibration> calibrations;
  for (const BankFile* member : content.members) {
    try {
      check_bank(*member);
    } catch (const Error& error) {
      throw Error(error.code(),
                  "member " + std::to_string(calibrations.size() + 1) + ": " + error.what());
    }
    calibrations.push_back(member->calibration);
    require(same_geometry(member->preprocess, first.preprocess) &&
                member->area.region == first.area.region && member->area.mask == first.area.mask,
            "its members do not see the same part of a frame at the same size");
  }
  require(first.preprocess.tile_size == 0, "an ensemble does not see frames in tiles");
  const ScoreCombination all_can_be_combined(calibrations);
  check_calibration(*content.calibration);
}

BankEnsemble read_checked(const std::string& path) {
  Safetensors file = read_safetensors(path);
  const auto settings = file.metadata.find(settings_key);
  if (settings == file.metadata.end()) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + path +
                    "\" is a safetensors file but no memory bank: name one that "
                    "patchcoretrain wrote");
  }
  BankEnsemble content;
  const std::string checksum = parse_ensemble_settings(settings->second, path, content);
  if (tensor_table_sha256(file.tensors) != checksum) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + path +
                                        "\" has tensors that differ from their checksum: it was "
                                        "altered; copy or train it again");
  }
  InspectionMaskPointer mask;
  take_mask_tensor(file.tensors, path, mask);
  for (std::size_t i = 0; i < content.members.size(); ++i) {
    take_bank_tensors(file.tensors, member_prefix(i + 1, content.members.size()), path,
                      content.members[i]);
    content.members[i].area.mask = mask;
  }
  if (content.members.size() == 1) {
    content.calibration = content.members.front().calibration;
  } else {
    content.calibration.scores = take_scores_tensor(file.tensors, "", path);
  }
  try {
    check(Content(content));
  } catch (const Error& error) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + path + "\" cannot be used: " + error.what() +
                                        "; train it again");
  }
  return content;
}

/// @param format  makes the settings, given the checksum of the tensors
void write(const std::string& path, const Content& content,
           const std::function<std::string(const std::string& tensors_sha256)>& format,
           const std::function<void()>& before_replacing) {
  try {
    check(content);
  } catch (const Error& error) {
    throw Error(error.code(),
                "memory bank \"" + path + "\" cannot be written: " + std::string(error.what()));
  }
  TensorViews tensors;
  for (std::size_t i = 0; i < content.members.size(); ++i) {
    add_bank_tensors(tensors, *content.members[i], member_prefix(i + 1, content.members.size()));
  }
  if (!content.is_single()) add_scores_tensor(tensors, content.calibration->scores, "");
  std::vector<std::uint8_t> mask;
  if (const InspectionMaskPointer& given = content.members.front()->area.mask) {
    mask = given->pixels();
    add_mask_tensor(tensors, given->size(), mask);
  }
  write_safetensors(path, {{settings_key, format(tensor_views_sha256(tensors))}}, tensors,
                    before_replacing);
}

}  // namespace

std::int64_t collected_patches(const BankFile& bank, const CoresetOptions& coreset) {
  if (bank.frames > 0) return bank.patches;
  const double share = coreset.sampler == SamplerKind::identity ? 1 : coreset.ratio;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(bank.bank.rows) / share));
}

BankEnsemble BankEnsemble::of(BankFile bank) {
  BankEnsemble ensemble;
  ensemble.calibration = bank.calibration;
  ensemble.members.push_back(std::move(bank));
  return ensemble;
}

BankFile single_bank(BankEnsemble ensemble, const std::string& path) {
  if (ensemble.members.size() > 1) {
    throw Error(ErrorCode::unsupported_file,
                "memory bank \"" + path + "\" is an ensemble of " +
                    std::to_string(ensemble.members.size()) +
                    " banks, and this can be done with a single bank only");
  }
  return std::move(ensemble.members.front());
}

BankEnsemble read_bank_ensemble(const std::string& path) {
  try {
    return read_checked(path);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory to read memory bank \"" + path + "\"");
  }
}

BankFile read_bank_file(const std::string& path) {
  return single_bank(read_bank_ensemble(path), path);
}

void write_bank_ensemble(const std::string& path, const BankEnsemble& content,
                         const std::function<void()>& before_replacing) {
  write(
      path, Content(content),
      [&](const std::string& sha256) { return format_ensemble_settings(content, sha256); },
      before_replacing);
}

void write_bank_file(const std::string& path, const BankFile& content,
                     const std::function<void()>& before_replacing) {
  write(
      path, Content(content),
      [&](const std::string& sha256) { return format_bank_settings(content, sha256); },
      before_replacing);
}

void check_bank_path_writable(const std::string& path) {
  // Only making a file there tells: modes, read-only file systems and links all count.
  const AtomicFile probe(path);
}

}  // namespace patchcore
