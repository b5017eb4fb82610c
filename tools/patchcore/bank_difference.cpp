// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// In what two memory-bank files differ.
#include "tools/patchcore/bank_difference.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/nearest_neighbours.h"

namespace patchcore {
namespace {

bool equal(const StoredTensor& a, const StoredTensor& b) {
  return a.type == b.type && a.shape == b.shape && a.bytes == b.bytes;
}

std::vector<std::string> compare_settings(const std::string& first, const std::string& second) {
  const auto of_first = flat_settings(first);
  const auto of_second = flat_settings(second);
  const std::map<std::string, std::string> in_first(of_first.begin(), of_first.end());
  const std::map<std::string, std::string> in_second(of_second.begin(), of_second.end());
  const auto value = [](const std::map<std::string, std::string>& settings,
                        const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string("-") : found->second;
  };
  std::vector<std::string> differences;
  std::set<std::string> seen;
  for (const auto* settings : {&of_first, &of_second}) {
    for (const auto& [name, ignored] : *settings) {
      if (!seen.insert(name).second) continue;
      const std::string a = value(in_first, name);
      const std::string b = value(in_second, name);
      if (a != b) differences.push_back(name + ": " + a + " | " + b);
    }
  }
  return differences;
}

std::vector<std::string> compare_tensors(const TensorTable& first, const TensorTable& second) {
  std::set<std::string> names;
  for (const auto* table : {&first, &second}) {
    for (const auto& [name, tensor] : *table) names.insert(name);
  }
  std::vector<std::string> differences;
  for (const std::string& name : names) {
    const auto a = first.find(name);
    const auto b = second.find(name);
    if (a == first.end() || b == second.end() || !equal(a->second, b->second)) {
      differences.push_back(name + ": " + (a == first.end() ? "-" : tensor_text(a->second)) +
                            " | " + (b == second.end() ? "-" : tensor_text(b->second)));
    }
  }
  return differences;
}

}  // namespace

BankCoverage coverage(const PatchMatrix& patches, const PatchMatrix& by) {
  Neighbours nearest;
  make_nearest_neighbours(by, IndexKind::automatic)->search(patches, 1, nearest);
  BankCoverage coverage;
  for (const float squared : nearest.distances) {
    const double distance = std::sqrt(static_cast<double>(squared));
    if (squared == 0) ++coverage.equal;
    coverage.mean += distance / static_cast<double>(patches.rows);
    coverage.largest = std::max(coverage.largest, distance);
  }
  return coverage;
}

BankDifference compare_banks(const BankDocument& first, const BankDocument& second) {
  BankDifference difference;
  difference.settings = compare_settings(first.settings, second.settings);
  difference.tensors = compare_tensors(first.tensors, second.tensors);
  if (first.ensemble.members.size() > 1 || second.ensemble.members.size() > 1) return difference;
  const PatchMatrix& a = first.ensemble.members.front().bank;
  const PatchMatrix& b = second.ensemble.members.front().bank;
  if (a.columns == b.columns && a.rows > 0 && b.rows > 0) {
    difference.first_in_second = coverage(a, b);
    difference.second_in_first = coverage(b, a);
  }
  return difference;
}

}  // namespace patchcore
