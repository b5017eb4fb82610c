// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What every approximate index is held to.
#pragma once

#include <cstddef>

#include "core/nearest_neighbours.h"
#include "core/types.h"

namespace patchcore::test {

/// Share of the k nearest patches that the index finds.
double recall(const NearestNeighbours& index, const PatchMatrix& bank, const PatchMatrix& queries,
              std::size_t k);

/// Expects the distances of the patches that are named, the nearest first, none named twice.
void expect_exact_distances(const NearestNeighbours& index, const PatchMatrix& bank,
                            const PatchMatrix& queries, std::size_t k);

/// Expects the same of both, bit by bit.
void expect_same_results(const NearestNeighbours& a, const NearestNeighbours& b,
                         const PatchMatrix& queries, std::size_t k);

/// Expects refusals of queries and numbers of neighbours that do not fit a bank of @p rows x 16.
void expect_refusals(const NearestNeighbours& index, std::size_t rows);

}  // namespace patchcore::test
