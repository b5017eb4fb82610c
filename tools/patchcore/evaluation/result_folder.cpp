// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The folder that an evaluation writes to, and goes on in.
#include "tools/patchcore/evaluation/result_folder.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "tools/patchcore/datasets/picture_list.h"
#include "tools/patchcore/evaluation/html_report.h"
#include "tools/patchcore/existing_files.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* settings_name = "settings.json";
constexpr const char* result_name = "result.json";
constexpr const char* report_names[] = {"results.csv", "results.json", "report.html"};
constexpr const char* category_names[] = {result_name, "scores.csv", "bank.safetensors", "sheets",
                                          "maps"};

std::string read_text(const std::string& path) {
  const RegularFile file(path);
  const std::vector<std::uint8_t> bytes = file.read(0, file.size());
  return std::string(bytes.begin(), bytes.end());
}

void write_text(const std::string& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) {
    throw Error(ErrorCode::write_failed,
                "cannot make the folder \"" + path + "\": " + failure.message());
  }
}

/// Deletes what an evaluation writes, and nothing else.
void clear(const fs::path& folder) {
  std::error_code ignored;
  for (const std::string& name : list_folders(folder.string())) {
    for (const char* written : category_names) fs::remove_all(folder / name / written, ignored);
    fs::remove(folder / name, ignored);  // if nothing else is in it
  }
  for (const char* written : report_names) fs::remove(folder / written, ignored);
  fs::remove(folder / settings_name, ignored);
}

/// "input-size: \"256\", now \"320\"" for every difference.
std::string differences(const Json& before, const Json& now) {
  std::string text;
  for (const auto& [name, value] : now.items()) {
    const Json old = before.contains(name) ? before[name] : Json(nullptr);
    if (old == value) continue;
    text += (text.empty() ? "" : "; ") + name + ": " + old.dump() + ", now " + value.dump();
  }
  return text;
}

/// What the folder's results were made with; null without a file that has any of the same names:
/// other programs have a settings.json, too.
Json stored_settings(const std::string& path, const Json& now) {
  const std::string file = path + "/" + settings_name;
  if (!exists(file)) return nullptr;
  Json stored = Json::parse(read_text(file), nullptr, false);
  if (!stored.is_object()) return nullptr;
  for (const auto& [name, value] : now.items()) {
    if (stored.contains(name)) return stored;
  }
  return nullptr;
}

void require_same_settings(const std::string& path, const Json& before, const Json& now) {
  if (before == now) return;
  throw Error(ErrorCode::invalid_argument, "\"" + path + "\" holds results of other settings (" +
                                               differences(before, now) +
                                               "): name another folder, or say --replace");
}

}  // namespace

ResultFolder::ResultFolder(const std::string& path, const nlohmann::ordered_json& settings,
                           bool overwrite)
    : path_(path) {
  make_folder(path);
  const Json before = stored_settings(path, settings);
  if (before.is_null() && !fs::is_empty(path)) {
    throw Error(ErrorCode::invalid_argument, "\"" + path +
                                                 "\" is not empty and has no settings.json of "
                                                 "results: name another folder");
  }
  if (!before.is_null() && !overwrite) {
    require_same_settings(path, before, settings);
    return;
  }
  if (overwrite) clear(path);
  write_text(path + "/" + settings_name, json_text(settings));
}

std::string ResultFolder::category_folder(const std::string& name) const {
  std::string folder = path_ + "/" + name;
  make_folder(folder);
  return folder;
}

std::optional<CategoryResult> ResultFolder::finished(const std::string& name) const {
  const std::string path = path_ + "/" + name + "/" + result_name;
  if (!exists(path)) return std::nullopt;
  return parse_category(read_text(path), path);
}

void ResultFolder::finish(const CategoryResult& result) const {
  const std::string folder = category_folder(result.name);
  write_text(folder + "/scores.csv", scores_csv(result));
  write_text(folder + "/" + result_name, json_text(category_json(result)));
}

FinishedCategories ResultFolder::all_finished() const {
  FinishedCategories all;
  for (const std::string& name : list_folders(path_)) {
    try {
      if (auto result = finished(name)) all.results.push_back(std::move(*result));
    } catch (const Error& error) {
      all.unreadable.push_back({name, error.what()});
    }
  }
  return all;
}

void ResultFolder::write_report(const std::vector<CategoryFailure>& evaluation_failures,
                                const nlohmann::ordered_json& settings) const {
  const auto [results, unreadable] = all_finished();
  std::vector<CategoryFailure> failures = evaluation_failures;
  for (const CategoryFailure& category : unreadable) {
    const bool is_known =
        std::any_of(failures.begin(), failures.end(),
                    [&](const CategoryFailure& known) { return known.name == category.name; });
    if (!is_known) failures.push_back(category);
  }
  write_text(path_ + "/results.csv", results_csv(results));
  write_text(path_ + "/results.json", json_text(results_json(results, failures, settings)));
  const auto read_sheet = [this](const CategoryResult& category, const std::string& sheet) {
    const std::string path = path_ + "/" + category.name + "/" + sheet;
    if (!exists(path)) return std::vector<std::uint8_t>();
    const RegularFile file(path);
    return file.read(0, file.size());
  };
  write_text(path_ + "/report.html", html_report(results, failures, settings, read_sheet));
}

}  // namespace patchcore
