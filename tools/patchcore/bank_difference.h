// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// In what two memory-bank files differ.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"
#include "tools/patchcore/bank_document.h"

namespace patchcore {

/// How far the patches of one bank are from those of another.
struct BankCoverage {
  std::size_t equal = 0;  ///< patches that the other has, too, bit by bit
  double mean = 0;        ///< distance (L2) to the other's nearest patch
  double largest = 0;     ///< the radius at which the other covers this one
};

struct BankDifference {
  std::vector<std::string> settings;  ///< "name: value | other value", "-" for what is not there
  std::vector<std::string> tensors;   ///< "name: type and shape | the other's" of those that differ
  /// Of the first's patches in the second, and the other way; nothing unless both are single banks
  /// with patches of the same dimension.
  std::optional<BankCoverage> first_in_second;
  std::optional<BankCoverage> second_in_first;

  bool same() const { return settings.empty() && tensors.empty(); }
};

/// @throws Error
BankDifference compare_banks(const BankDocument& first, const BankDocument& second);

/// @throws Error invalid_argument if their dimensions differ
BankCoverage coverage(const PatchMatrix& patches, const PatchMatrix& by);

}  // namespace patchcore
