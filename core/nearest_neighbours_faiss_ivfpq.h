// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Approximate nearest-neighbour search through FAISS: inverted lists of product-quantized patches.
#pragma once

#include <cstddef>
#include <memory>

#include "core/nearest_neighbours.h"
#include "core/types.h"

namespace patchcore {

struct FaissIvfPqOptions {
  std::size_t lists = 1;           ///< clusters that the bank is divided into
  std::size_t lists_searched = 1;  ///< of these, the nearest to a query
  std::size_t parts = 1;           ///< of a patch, quantized apart; divides its columns
  std::size_t bits = 8;            ///< of a part's code, 1 to 8
  std::size_t candidates = 32;     ///< for each neighbour: as many are compared exactly
};

/// Fewer patches cannot train the coarsest quantizer.
constexpr std::size_t smallest_ivfpq_bank = 78;

/// For a bank of this shape: as many lists and bits as it can train, most of what is near found.
/// @param rows  smallest_ivfpq_bank or more
FaissIvfPqOptions faiss_ivfpq_options(std::size_t rows, std::size_t columns);

/// Search through FAISS (IndexIVFPQ): a query is compared with the codes of the patches in the
/// nearest lists, and then exactly with those that seem nearest. Distances are exact, and which
/// patches are found is approximate. Trained with a fixed seed: the same bank makes the same index.
/// @param bank  kept by reference
/// @throws Error invalid_argument, also if the bank is too small; no_space, internal
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_ivfpq(const PatchMatrix& bank);
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_ivfpq(
    const PatchMatrix& bank, const FaissIvfPqOptions& options);

}  // namespace patchcore
