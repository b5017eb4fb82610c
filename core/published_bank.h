// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Memory banks that the published implementation (amazon-science/patchcore-inspection) saved.
#pragma once

#include <string>
#include <vector>

#include "core/bank_file.h"
#include "core/options.h"

namespace patchcore {

/// What a saved model does not say.
struct PublishedBankOptions {
  int resize = 256;  ///< shorter side before the crop, pixels: its option --resize
  /// Of the backbone; empty: searched for. Of an ensemble's as the setting `weights` of training.
  std::string weights;
  bool store_weights = true;
};

/// The memory banks in @p folder, as it was written with --save_patchcore_model: what precedes
/// "patchcore_params.pkl" in the files' names, in order. A single model has the one name "", an
/// ensemble of three "Ensemble-1-3_" to "Ensemble-3-3_".
/// @throws Error not_found if there is none, read_failed
std::vector<std::string> published_banks(const std::string& folder);

/// One of them as a bank file: the same scores, with a threshold that is a guess, since the
/// published implementation keeps none: the largest distance of a patch of the bank to the others.
/// Its settings are read from the pickle without executing anything in it, its features from the
/// FAISS file, which must be flat.
/// @param name  one of published_banks()
/// @throws Error as read_pickle() and read_faiss_flat_file(); unsupported_file for settings that
/// have no counterpart; not_found, corrupt and others for the backbone's weights
BankFile import_published_bank(const std::string& folder, const std::string& name,
                               const PublishedBankOptions& options);

/// All of them: the members of an ensemble, or a single bank. Members' scores are normalized by
/// their guessed thresholds, since the published implementation knows none: it normalizes by all
/// test pictures.
/// @throws Error as import_published_bank(); unsupported_file if members are missing
BankEnsemble import_published_model(const std::string& folder, const PublishedBankOptions& options);

}  // namespace patchcore
