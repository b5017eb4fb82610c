// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The memory-bank file: one self-contained safetensors file.
#include "core/bank_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "core/atomic_file.h"
#include "core/bank_settings.h"
#include "core/error.h"
#include "core/weights/safetensors.h"

namespace patchcore {
namespace {

constexpr char settings_key[] = "patchcore";
constexpr char bank_name[] = "bank";
constexpr char calibration_scores_name[] = "calibration.scores";
constexpr char search_mean_name[] = "search.mean";
constexpr char search_directions_name[] = "search.directions";
constexpr char self_test_rgb_name[] = "selftest.rgb";
constexpr char self_test_score_name[] = "selftest.score";
constexpr char mask_name[] = "mask";
constexpr char weights_prefix[] = "backbone.";

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

/// Removes a tensor of the given type and number of dimensions from the table.
StoredTensor take(TensorTable& tensors, const std::string& name, ElementType type,
                  std::size_t dimensions, const std::string& origin) {
  const StoredTensor& tensor = require_tensor(tensors, name, origin);
  if (tensor.type != type || tensor.shape.size() != dimensions) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin + "\" has a tensor \"" + name +
                                        "\" of another type or number of dimensions than " +
                                        element_type_name(type) + " and " +
                                        std::to_string(dimensions) + ": train it again");
  }
  return std::move(tensors.extract(name).mapped());
}

void take_search(TensorTable& tensors, const std::string& origin, PrincipalDirections& search) {
  if (tensors.count(search_mean_name) == 0 && tensors.count(search_directions_name) == 0) return;
  search.mean = take(tensors, search_mean_name, ElementType::f32, 1, origin).to_floats();
  const StoredTensor directions =
      take(tensors, search_directions_name, ElementType::f32, 2, origin);
  search.directions = {static_cast<std::size_t>(directions.shape[0]),
                       static_cast<std::size_t>(directions.shape[1]), directions.to_floats()};
}

void take_self_test(TensorTable& tensors, const std::string& origin, SelfTest& test) {
  if (tensors.count(self_test_rgb_name) == 0 && tensors.count(self_test_score_name) == 0) return;
  StoredTensor rgb = take(tensors, self_test_rgb_name, ElementType::u8, 3, origin);
  const StoredTensor score = take(tensors, self_test_score_name, ElementType::f64, 0, origin);
  // The number of bytes in memory bounds the product, so that both fit an int.
  const bool fits = rgb.shape[2] == 3 && rgb.bytes.size() <= INT32_MAX && !rgb.bytes.empty();
  if (!fits) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin + "\" has a tensor \"" +
                                        self_test_rgb_name + "\" that is no picture");
  }
  test.height = static_cast<int>(rgb.shape[0]);
  test.width = static_cast<int>(rgb.shape[1]);
  test.rgb = std::move(rgb.bytes);
  std::memcpy(&test.score, score.bytes.data(), sizeof(test.score));
}

void take_mask(TensorTable& tensors, const std::string& origin, InspectionMaskPointer& mask) {
  if (tensors.count(mask_name) == 0) return;
  const StoredTensor picture = take(tensors, mask_name, ElementType::u8, 2, origin);
  const auto side = [&](std::size_t dimension) {
    // Larger ones are refused by the mask.
    return static_cast<int>(std::min<std::int64_t>(picture.shape[dimension], INT32_MAX));
  };
  try {
    mask = std::make_shared<InspectionMask>(Size{side(1), side(0)}, picture.bytes);
  } catch (const Error& error) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin +
                                        "\" cannot be used: " + error.what() + "; train it again");
  }
}

/// Moves what belongs to the bank out of @p tensors; others are those of newer versions.
void take_tensors(TensorTable& tensors, const std::string& origin, BankFile& content) {
  {
    const StoredTensor bank = take(tensors, bank_name, ElementType::f32, 2, origin);
    content.bank.rows = static_cast<std::size_t>(bank.shape[0]);
    content.bank.columns = static_cast<std::size_t>(bank.shape[1]);
    content.bank.values = bank.to_floats();
  }
  content.calibration.scores =
      take(tensors, calibration_scores_name, ElementType::f32, 1, origin).to_floats();
  take_search(tensors, origin, content.search);
  take_self_test(tensors, origin, content.self_test);
  take_mask(tensors, origin, content.area.mask);

  const std::size_t prefix_size = std::strlen(weights_prefix);
  for (auto next = tensors.lower_bound(weights_prefix); next != tensors.end();) {
    if (next->first.compare(0, prefix_size, weights_prefix) != 0) break;
    auto node = tensors.extract(next++);
    node.key().erase(0, prefix_size);
    content.backbone_weights.insert(std::move(node));
  }
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
  take_tensors(file.tensors, path, content);
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
  const SelfTest& test = content.self_test;
  const std::vector<float>& scores = content.calibration.scores;
  TensorViews tensors;
  add_tensor_views(tensors, content.backbone_weights, weights_prefix);
  tensors[bank_name] = {ElementType::f32,
                        {static_cast<std::int64_t>(content.bank.rows),
                         static_cast<std::int64_t>(content.bank.columns)},
                        content.bank.values.data(),
                        content.bank.values.size() * sizeof(float)};
  tensors[calibration_scores_name] = {ElementType::f32,
                                      {static_cast<std::int64_t>(scores.size())},
                                      scores.data(),
                                      scores.size() * sizeof(float)};
  const PrincipalDirections& search = content.search;
  if (search.directions.rows > 0) {
    tensors[search_mean_name] = {ElementType::f32,
                                 {static_cast<std::int64_t>(search.mean.size())},
                                 search.mean.data(),
                                 search.mean.size() * sizeof(float)};
    tensors[search_directions_name] = {ElementType::f32,
                                       {static_cast<std::int64_t>(search.directions.rows),
                                        static_cast<std::int64_t>(search.directions.columns)},
                                       search.directions.values.data(),
                                       search.directions.values.size() * sizeof(float)};
  }
  if (!test.rgb.empty()) {
    tensors[self_test_rgb_name] = {
        ElementType::u8, {test.height, test.width, 3}, test.rgb.data(), test.rgb.size()};
    tensors[self_test_score_name] = {ElementType::f64, {}, &test.score, sizeof(test.score)};
  }
  std::vector<std::uint8_t> mask;
  if (content.area.mask) {
    mask = content.area.mask->pixels();
    const Size size = content.area.mask->size();
    tensors[mask_name] = {ElementType::u8, {size.height, size.width}, mask.data(), mask.size()};
  }
  const std::string settings = format_bank_settings(content, tensor_views_sha256(tensors));
  write_safetensors(path, {{settings_key, settings}}, tensors, before_replacing);
}

void check_bank_path_writable(const std::string& path) {
  // Only making a file there tells: modes, read-only file systems and links all count.
  const AtomicFile probe(path);
}

}  // namespace patchcore
