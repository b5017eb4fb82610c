// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What of a memory bank is a tensor in its file.
#include "core/bank_tensors.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

constexpr char bank_name[] = "bank";
constexpr char calibration_scores_name[] = "calibration.scores";
constexpr char held_out_patches_name[] = "calibration.patches";
constexpr char held_out_distances_name[] = "calibration.patch_distances";
constexpr char held_out_frames_name[] = "calibration.patch_frames";
constexpr char search_mean_name[] = "search.mean";
constexpr char search_directions_name[] = "search.directions";
constexpr char self_test_rgb_name[] = "selftest.rgb";
constexpr char self_test_score_name[] = "selftest.score";
constexpr char mask_name[] = "mask";
constexpr char weights_prefix[] = "backbone.";

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

PatchMatrix take_matrix(TensorTable& tensors, const std::string& name, const std::string& origin) {
  const StoredTensor tensor = take(tensors, name, ElementType::f32, 2, origin);
  return {static_cast<std::size_t>(tensor.shape[0]), static_cast<std::size_t>(tensor.shape[1]),
          tensor.to_floats()};
}

void require_rows(const PatchMatrix& matrix, std::size_t rows, const std::string& name,
                  const std::string& origin) {
  if (matrix.rows == rows) return;
  throw Error(ErrorCode::corrupt, "memory bank \"" + origin + "\" has a tensor \"" + name +
                                      "\" of " + std::to_string(matrix.rows) + " rows instead of " +
                                      std::to_string(rows) + ": train it again");
}

TensorView view_of(const PatchMatrix& matrix) {
  return {ElementType::f32,
          {static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.columns)},
          matrix.values.data(),
          matrix.values.size() * sizeof(float)};
}

void take_held_out(TensorTable& tensors, const std::string& prefix, const std::string& origin,
                   HeldOutPatches& held_out) {
  const auto has = [&](const char* name) { return tensors.count(prefix + name) > 0; };
  if (!has(held_out_patches_name) && !has(held_out_distances_name) && !has(held_out_frames_name))
    return;
  held_out.patches = take_matrix(tensors, prefix + held_out_patches_name, origin);
  PatchMatrix distances = take_matrix(tensors, prefix + held_out_distances_name, origin);
  require_rows(distances, held_out.patches.rows, prefix + held_out_distances_name, origin);
  held_out.distances = std::move(distances.values);
  const StoredTensor frames =
      take(tensors, prefix + held_out_frames_name, ElementType::i64, 1, origin);
  held_out.frames.resize(static_cast<std::size_t>(frames.shape[0]));
  if (frames.bytes.empty()) return;
  std::memcpy(held_out.frames.data(), frames.bytes.data(), frames.bytes.size());
}

void add_held_out(TensorViews& tensors, const HeldOutPatches& held_out, const std::string& prefix) {
  const PatchMatrix& patches = held_out.patches;
  if (patches.rows == 0) return;
  const auto rows = static_cast<std::int64_t>(patches.rows);
  tensors[prefix + held_out_patches_name] = view_of(patches);
  tensors[prefix + held_out_distances_name] = {
      ElementType::f32,
      {rows, static_cast<std::int64_t>(held_out.distances.size() / patches.rows)},
      held_out.distances.data(),
      held_out.distances.size() * sizeof(float)};
  tensors[prefix + held_out_frames_name] = {ElementType::i64,
                                            {rows},
                                            held_out.frames.data(),
                                            held_out.frames.size() * sizeof(std::int64_t)};
}

void take_search(TensorTable& tensors, const std::string& prefix, const std::string& origin,
                 PrincipalDirections& search) {
  if (tensors.count(prefix + search_mean_name) == 0 &&
      tensors.count(prefix + search_directions_name) == 0)
    return;
  search.mean = take(tensors, prefix + search_mean_name, ElementType::f32, 1, origin).to_floats();
  search.directions = take_matrix(tensors, prefix + search_directions_name, origin);
}

void take_self_test(TensorTable& tensors, const std::string& prefix, const std::string& origin,
                    SelfTest& test) {
  if (tensors.count(prefix + self_test_rgb_name) == 0 &&
      tensors.count(prefix + self_test_score_name) == 0)
    return;
  StoredTensor rgb = take(tensors, prefix + self_test_rgb_name, ElementType::u8, 3, origin);
  const StoredTensor score =
      take(tensors, prefix + self_test_score_name, ElementType::f64, 0, origin);
  // The number of bytes in memory bounds the product, so that both fit an int.
  const bool fits = rgb.shape[2] == 3 && rgb.bytes.size() <= INT32_MAX && !rgb.bytes.empty();
  if (!fits) {
    throw Error(ErrorCode::corrupt, "memory bank \"" + origin + "\" has a tensor \"" + prefix +
                                        self_test_rgb_name + "\" that is no picture");
  }
  test.height = static_cast<int>(rgb.shape[0]);
  test.width = static_cast<int>(rgb.shape[1]);
  test.rgb = std::move(rgb.bytes);
  std::memcpy(&test.score, score.bytes.data(), sizeof(test.score));
}

}  // namespace

std::string member_prefix(std::size_t member, std::size_t members) {
  return members == 1 ? "" : "member." + std::to_string(member) + '.';
}

void take_mask_tensor(TensorTable& tensors, const std::string& origin,
                      InspectionMaskPointer& mask) {
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

void add_mask_tensor(TensorViews& tensors, Size size, const std::vector<std::uint8_t>& pixels) {
  tensors[mask_name] = {ElementType::u8, {size.height, size.width}, pixels.data(), pixels.size()};
}

std::vector<float> take_scores_tensor(TensorTable& tensors, const std::string& prefix,
                                      const std::string& origin) {
  return take(tensors, prefix + calibration_scores_name, ElementType::f32, 1, origin).to_floats();
}

void add_scores_tensor(TensorViews& tensors, const std::vector<float>& scores,
                       const std::string& prefix) {
  tensors[prefix + calibration_scores_name] = {ElementType::f32,
                                               {static_cast<std::int64_t>(scores.size())},
                                               scores.data(),
                                               scores.size() * sizeof(float)};
}

void take_bank_tensors(TensorTable& tensors, const std::string& prefix, const std::string& origin,
                       BankFile& content) {
  content.bank = take_matrix(tensors, prefix + bank_name, origin);
  content.calibration.scores = take_scores_tensor(tensors, prefix, origin);
  take_held_out(tensors, prefix, origin, content.held_out);
  take_search(tensors, prefix, origin, content.search);
  take_self_test(tensors, prefix, origin, content.self_test);

  const std::string weights = prefix + weights_prefix;
  for (auto next = tensors.lower_bound(weights); next != tensors.end();) {
    if (next->first.compare(0, weights.size(), weights) != 0) break;
    auto node = tensors.extract(next++);
    node.key().erase(0, weights.size());
    content.backbone_weights.insert(std::move(node));
  }
}

void add_bank_tensors(TensorViews& tensors, const BankFile& content, const std::string& prefix) {
  add_tensor_views(tensors, content.backbone_weights, prefix + weights_prefix);
  tensors[prefix + bank_name] = view_of(content.bank);
  add_scores_tensor(tensors, content.calibration.scores, prefix);
  add_held_out(tensors, content.held_out, prefix);
  const PrincipalDirections& search = content.search;
  if (search.directions.rows > 0) {
    tensors[prefix + search_mean_name] = {ElementType::f32,
                                          {static_cast<std::int64_t>(search.mean.size())},
                                          search.mean.data(),
                                          search.mean.size() * sizeof(float)};
    tensors[prefix + search_directions_name] = view_of(search.directions);
  }
  const SelfTest& test = content.self_test;
  if (!test.rgb.empty()) {
    tensors[prefix + self_test_rgb_name] = {
        ElementType::u8, {test.height, test.width, 3}, test.rgb.data(), test.rgb.size()};
    tensors[prefix + self_test_score_name] = {
        ElementType::f64, {}, &test.score, sizeof(test.score)};
  }
}

}  // namespace patchcore
