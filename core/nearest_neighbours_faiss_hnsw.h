// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Approximate nearest-neighbour search through FAISS: a graph of near patches.
#pragma once

#include <memory>

#include "core/nearest_neighbours.h"
#include "core/types.h"

namespace patchcore {

/// The score of a frame is that of its worst patch, so that one query in thousands that ends in the
/// wrong part of the graph spoils it. The defaults are wide for that reason: with 16 links and
/// breadths of 80 and 64 a recall of 0.9998 went with scores that were eight times too high.
struct FaissHnswOptions {
  int links = 32;            ///< of a patch, 2 or more; on the lowest level twice as many
  int build_breadth = 200;   ///< near patches kept in view while the graph is built
  int search_breadth = 128;  ///< while it is searched; at least the number of neighbours is taken
};

/// Search through FAISS (IndexHNSWFlat): from patch to nearer patch along the links of a graph.
/// Distances are exact, and which patches are found is approximate. Built on the calling thread
/// alone and with a fixed seed: the same bank makes the same index. Keeps a copy of the bank.
/// @throws Error invalid_argument, also for fewer links; no_space, internal
std::unique_ptr<NearestNeighbours> make_nearest_neighbours_faiss_hnsw(
    const PatchMatrix& bank, const FaissHnswOptions& options = {});

}  // namespace patchcore
