// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Search of the memory bank for the patches nearest to a query.
#pragma once

#include <memory>

#include "core/types.h"

namespace patchcore {

/// An index over a memory bank. Immutable; search() may be called from any thread.
class NearestNeighbours {
 public:
  virtual ~NearestNeighbours() = default;

  /// @param queries  [n, columns of the bank]
  /// @param k        1 <= k <= rows of the bank
  /// @param result   becomes n * k
  /// @throws Error invalid_argument
  virtual void search(const PatchMatrix& queries, std::size_t k, Neighbours& result) const = 0;
};

/// Exact search through FAISS (IndexFlatL2). Keeps a copy of the bank.
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss(const PatchMatrix& bank);

}  // namespace patchcore
