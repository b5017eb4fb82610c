// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The memory-bank file: one self-contained safetensors file (docs/bank-file.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/calibration.h"
#include "core/held_out_patches.h"
#include "core/inspection_area.h"
#include "core/options.h"
#include "core/principal_directions.h"
#include "core/search_recall.h"
#include "core/types.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// A small picture and the score it must have, to notice a machine or library that computes
/// something else than the trainer did.
struct SelfTest {
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> rgb;  ///< [height, width, 3]
  double score = 0;
};

/// Everything that detection needs.
struct BankFile {
  std::string backbone;
  std::vector<std::string> layers;
  std::string weights_sha256;             ///< of backbone_weights
  Precision precision = Precision::fp32;  ///< of the backbone that made it, not automatic
  InspectionArea area;
  PreprocessOptions preprocess;
  PatchEmbeddingOptions embedding;
  CoresetOptions coreset;
  ScoringOptions scoring;
  Calibration calibration;
  HeldOutPatches held_out;                 ///< of the calibration's frames; may be none
  IndexKind index = IndexKind::automatic;  ///< that the threshold was computed with
  std::optional<SearchRecall> recall;      ///< of an approximate one, on the held-out frames
  std::int64_t frames = 0;                 ///< that the bank was made from
  std::int64_t patches = 0;                ///< before the coreset
  bool thinned = false;  ///< while they were collected, to stay within the memory limit
  std::string created;   ///< ISO 8601, UTC
  std::string program_version;
  std::string checksum;  ///< of the settings and so of the whole file; set when one is read
  PatchMatrix bank;
  PrincipalDirections search;    ///< of the bank; no directions if they were left out
  TensorTable backbone_weights;  ///< empty if they were left out
  SelfTest self_test;
};

/// Patches that a bank was made from. One that was imported does not say, and counts as thinned as
/// @p coreset thins.
std::int64_t collected_patches(const BankFile& bank, const CoresetOptions& coreset);

/// Memory banks that score frames together, as ScoreCombination says. All show the same part of a
/// frame at the same size.
struct BankEnsemble {
  std::vector<BankFile> members;  ///< one: a single bank
  Calibration calibration;        ///< of all together; of a single bank its own

  /// A single bank.
  static BankEnsemble of(BankFile bank);
};

/// The newest format version that this program reads and the one that it writes: version 1.N is a
/// single bank, 2.N an ensemble whose members each have the settings of 1.N. Programs that know
/// nothing of ensembles refuse them, as any file with another major version, rather than take a
/// part for the whole.
constexpr int bank_format_major = 1;
constexpr int ensemble_format_major = 2;
constexpr int bank_format_minor = 5;

/// @throws Error not_found, read_failed, corrupt; unsupported_file, also for an ensemble
BankFile read_bank_file(const std::string& path);

/// For what cannot be done with an ensemble.
/// @param path  of its file, for the message
/// @throws Error unsupported_file if there is more than one
BankFile single_bank(BankEnsemble ensemble, const std::string& path);

/// Either kind.
/// @throws Error as read_bank_file()
BankEnsemble read_bank_ensemble(const std::string& path);

/// Atomic, see write_safetensors().
/// @param before_replacing  the last moment at which an exception still leaves the old file
/// @throws Error write_failed, no_space
void write_bank_file(const std::string& path, const BankFile& content,
                     const std::function<void()>& before_replacing = {});

/// Either kind.
void write_bank_ensemble(const std::string& path, const BankEnsemble& content,
                         const std::function<void()>& before_replacing = {});

/// Says early whether write_bank_file() can work, before hours of collecting: the folder exists
/// and can be written, the path is no folder.
/// @throws Error write_failed, not_found
void check_bank_path_writable(const std::string& path);

}  // namespace patchcore
