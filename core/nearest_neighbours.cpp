// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Search of the memory bank for the patches nearest to a query.
#include "core/nearest_neighbours.h"

#include <algorithm>
#include <string>

#include "core/distances.h"
#include "core/error.h"
#include "core/nearest_neighbours_faiss_hnsw.h"
#include "core/nearest_neighbours_faiss_ivfpq.h"

namespace patchcore {

namespace {

/// For whoever asks for screening where it does not pay.
constexpr std::size_t usual_directions = 128;

std::string shape(const PatchMatrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
}

bool is_whole(const PatchMatrix& matrix) {
  return matrix.values.size() == matrix.rows * matrix.columns;
}

}  // namespace

std::unique_ptr<NearestNeighbours> make_nearest_neighbours(const PatchMatrix& bank, IndexKind kind,
                                                           const PrincipalDirections& directions,
                                                           const Device& device) {
  if (kind == IndexKind::automatic && device.kind != DeviceKind::cpu) {
    return make_nearest_neighbours_device(bank, device);
  }
  if (kind == IndexKind::faiss_flat) return make_nearest_neighbours_faiss(bank);
  if (kind == IndexKind::faiss_ivfpq) return make_nearest_neighbours_faiss_ivfpq(bank);
  if (kind == IndexKind::faiss_hnsw) return make_nearest_neighbours_faiss_hnsw(bank);
  if (directions.directions.rows > 0) return make_nearest_neighbours_screened(bank, directions);
  check_searchable(bank);
  const PrincipalDirections chosen = choose_principal_directions(bank);
  if (chosen.directions.rows > 0) return make_nearest_neighbours_screened(bank, chosen);
  if (kind == IndexKind::automatic) return make_nearest_neighbours_faiss(bank);
  return make_nearest_neighbours_screened(
      bank, principal_directions(bank, std::min(usual_directions, bank.columns)));
}

void check_bank_size(IndexKind kind, std::size_t rows) {
  if (kind != IndexKind::faiss_ivfpq || rows >= smallest_ivfpq_bank) return;
  throw Error(ErrorCode::invalid_argument,
              "the index faiss-ivfpq trains its quantizers with " +
                  std::to_string(smallest_ivfpq_bank) + " patches of the bank or more, this one " +
                  "has " + std::to_string(rows) +
                  ": train with more frames or a larger coreset ratio, or take another index");
}

void check_searchable(const PatchMatrix& bank) {
  if (bank.rows == 0 || bank.columns == 0 || !is_whole(bank)) {
    throw Error(ErrorCode::invalid_argument, "A memory bank of " + shape(bank) + " patches with " +
                                                 std::to_string(bank.values.size()) +
                                                 " values can't be searched");
  }
  // A patch that is not a number would never be found.
  squared_norms(bank);
}

void check_queries(const PatchMatrix& queries, std::size_t k, std::size_t bank_rows,
                   std::size_t bank_columns) {
  if (queries.columns != bank_columns || !is_whole(queries)) {
    throw Error(ErrorCode::invalid_argument, "Queries of " + shape(queries) + " for a bank of " +
                                                 std::to_string(bank_rows) + " x " +
                                                 std::to_string(bank_columns));
  }
  if (k < 1 || k > bank_rows) {
    throw Error(ErrorCode::invalid_argument,
                std::to_string(k) + " neighbours of a bank of " + std::to_string(bank_rows) +
                    " patches: ask for 1 to " + std::to_string(bank_rows));
  }
  // What is not a number has no neighbour.
  squared_norms(queries);
}

}  // namespace patchcore
