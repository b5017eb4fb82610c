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
  }

  require(is_score(content.calibration.threshold) && is_score(content.calibration.usual_score) &&
              std::all_of(content.calibration.scores.begin(), content.calibration.scores.end(),
                          is_score),
          "its calibration has scores that are no finite numbers from 0 on");

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

BankFile read_checked(const std::string& path) {
  Safetensors file = read_safetensors(path);
  const auto settings = file.metadata.find(settings_key);
  if (settings == file.metadata.end()) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + path +
                    "\" is a safetensors file but no memory bank: name one that "
                    "patchcoretrain wrote");
  }
  BankFile content;
  const std::string checksum = parse_bank_settings(settings->second, path, content);
  if (tensor_table_sha256(file.tensors) != checksum) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + path +
                                        "\" has tensors that differ from their checksum: it was "
                                        "altered; copy or train it again");
  }
  take_bank_tensors(file.tensors, "", path, content);
  take_mask_tensor(file.tensors, path, content.area.mask);
  try {
    check_bank(content);
  } catch (const Error& error) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + path + "\" cannot be used: " + error.what() +
                                        "; train it again");
  }
  return content;
}

}  // namespace

BankFile read_bank_file(const std::string& path) {
  try {
    return read_checked(path);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory to read memory bank \"" + path + "\"");
  }
}

void write_bank_file(const std::string& path, const BankFile& content,
                     const std::function<void()>& before_replacing) {
  try {
    check_bank(content);
  } catch (const Error& error) {
    throw Error(error.code(),
                "memory bank \"" + path + "\" cannot be written: " + std::string(error.what()));
  }
  TensorViews tensors;
  add_bank_tensors(tensors, content, "");
  std::vector<std::uint8_t> mask;
  if (content.area.mask) {
    mask = content.area.mask->pixels();
    add_mask_tensor(tensors, content.area.mask->size(), mask);
  }
  const std::string settings = format_bank_settings(content, tensor_views_sha256(tensors));
  write_safetensors(path, {{settings_key, settings}}, tensors, before_replacing);
}

void check_bank_path_writable(const std::string& path) {
  // Only making a file there tells: modes, read-only file systems and links all count.
  const AtomicFile probe(path);
}

}  // namespace patchcore
