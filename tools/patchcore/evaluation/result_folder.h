// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The folder that an evaluation writes to, and goes on in.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/patchcore/evaluation/category_result.h"
#include "tools/patchcore/evaluation/result_files.h"

namespace patchcore {

/// What a result folder holds.
struct FinishedCategories {
  std::vector<CategoryResult> results;
  std::vector<CategoryFailure> unreadable;  ///< they are done, but their result.json is damaged
};

/// Holds
///
///   settings.json                 what the results were made with
///   results.csv, .json, report.html
///   CATEGORY/result.json          written last: the category is done
///   CATEGORY/scores.csv, bank.safetensors, sheets/, maps/
class ResultFolder {
 public:
  /// Makes the folder, or goes on in one with the same settings. What is in it is never overwritten
  /// unless @p overwrite says so, and then only what such a folder holds is deleted.
  /// @throws Error invalid_argument if it holds something else or was made with other settings,
  ///               write_failed
  ResultFolder(const std::string& path, const nlohmann::ordered_json& settings, bool overwrite);

  /// The category's own folder, made if need be.
  /// @throws Error write_failed
  std::string category_folder(const std::string& name) const;

  /// The result, if the category is done.
  /// @throws Error corrupt, read_failed
  std::optional<CategoryResult> finished(const std::string& name) const;

  /// Writes it: the category is done.
  /// @throws Error write_failed, no_space
  void finish(const CategoryResult& result) const;

  /// All that are done, in the order of their names.
  FinishedCategories all_finished() const;

  /// Writes the tables and the report of all that are done; results that cannot be read are among
  /// the failures.
  /// @throws Error write_failed, no_space
  void write_report(const std::vector<CategoryFailure>& failures,
                    const nlohmann::ordered_json& settings) const;

 private:
  std::string path_;
};

}  // namespace patchcore
