// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Search of the memory bank for the patches nearest to a query.
#pragma once

#include <memory>

#include "core/device.h"
#include "core/kernels/screening.h"
#include "core/options.h"
#include "core/principal_directions.h"
#include "core/types.h"

namespace patchcore {

/// An index over a memory bank. Immutable; search() may be called from any thread.
class NearestNeighbours {
 public:
  virtual ~NearestNeighbours() = default;

  /// The nearest by squared_row_distance(), and where that is equal, the first in the bank. An
  /// approximate index may take patches that are farther for the nearest.
  /// @param queries  [n, columns of the bank]
  /// @param k        1 <= k <= rows of the bank
  /// @param result   becomes n * k
  /// @throws Error invalid_argument
  virtual void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const = 0;
};

/// The index that @p kind asks for; `automatic` is that on the device if it is a GPU, and otherwise
/// the screened one unless plain search is faster.
/// @param bank        kept by reference
/// @param directions  of this bank, as a bank file holds them; none: computed where needed
/// @param device      where `automatic` searches; the others search on the processor
/// @throws Error invalid_argument, no_space, internal
std::unique_ptr<NearestNeighbours> make_nearest_neighbours(
    const PatchMatrix& bank, IndexKind kind, const PrincipalDirections& directions = {},
    const Device& device = {});

/// Exact search that compares with a patch in full only where a lower bound of its distance, over
/// the principal directions and the length of what they leave out, is below the best so far: over
/// the first of the directions and, for queries that would need too many comparisons, over all.
/// Which directions they are changes the time and never the result.
/// @param bank        kept by reference
/// @param directions  at least one, orthonormal to a thousandth
/// @throws Error invalid_argument, no_space
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_screened(
    const PatchMatrix& bank, const PrincipalDirections& directions);

/// With one of screening_kernels(), to compare them.
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_screened(
    const PatchMatrix& bank, const PrincipalDirections& directions, const ScreeningKernel& kernel);

/// Plain search through FAISS (IndexFlatL2), which finds the k nearest by |a|^2 + |b|^2 - 2ab;
/// their distances are computed again exactly. Keeps a copy of the bank.
/// @throws Error invalid_argument, no_space, internal
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss(const PatchMatrix& bank);

/// Exact search by matrix products on a device: a bound of their rounding errors finds the few rows
/// that the processor compares in full. A GPU is tried at once, so that it fails here, not at a
/// frame.
/// @param bank    kept by reference; centred, its copy is in the device's memory
/// @param device  any, the processor too
/// @throws Error invalid_argument, no_space, internal; search() too
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_device(const PatchMatrix& bank,
                                                                  const Device& device);

/// Says early whether a bank of so many patches can have such an index.
/// @throws Error invalid_argument
void check_bank_size(IndexKind kind, std::size_t rows);

/// What every index asks of a bank: values, all of them finite.
/// @throws Error invalid_argument
void check_searchable(const PatchMatrix& bank);

/// What every index asks of a search.
/// @throws Error invalid_argument
void check_queries(const PatchMatrix& queries, std::size_t k, std::size_t bank_rows,
                   std::size_t bank_columns);

}  // namespace patchcore
