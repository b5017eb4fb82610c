// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Approximate nearest-neighbour search through FAISS: a graph of near patches.
#pragma once

#include <memory>

#include "core/nearest_neighbours.h"
#include "core/types.h"

namespace patchcore {

struct FaissHnswOptions {
  int links = 16;           ///< of a patch, 2 or more; on the lowest level twice as many
  int build_breadth = 80;   ///< near patches kept in view while the graph is built
  int search_breadth = 64;  ///< while it is searched; at least the number of neighbours is taken
};

/// Search through FAISS (IndexHNSWFlat): from patch to nearer patch along the links of a graph.
/// Distances are exact, and which patches are found is approximate. Built on the calling thread
/// alone and with a fixed seed: the same bank makes the same index. Keeps a copy of the bank.
/// @throws Error invalid_argument, also for fewer links; no_space, internal
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_hnsw(
    const PatchMatrix& bank, const FaissHnswOptions& options = {});

}  // namespace patchcore
