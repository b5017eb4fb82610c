// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What the searches through FAISS share: its errors, and exact distances in place of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/types.h"

namespace patchcore {

/// Runs @p function. FAISS throws its own type and whatever the standard library does.
/// @param what  for the message
/// @throws Error no_space, internal
template <typename Function>
void guard_faiss(const std::string& what, Function&& function) {
  try {
    function();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "Not enough memory for " + what);
  } catch (const std::exception& error) {
    throw Error(ErrorCode::internal, "FAISS failed at " + what + ": " + error.what());
  }
}

/// "ROWS x COLUMNS", for messages.
std::string shape_text(const PatchMatrix& matrix);

/// The bank's values, owned by somebody else.
struct BankRows {
  const float* values = nullptr;  ///< [rows, columns]
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// As faiss::Index::search() has it.
/// @param count      neighbours of each query
/// @param distances  becomes [queries, count]; not used
/// @param indices    becomes [queries, count], rows of the bank, -1 in place of those not found
using FaissSearch = std::function<void(const PatchMatrix& queries, std::size_t count,
                                       float* distances, std::int64_t* indices)>;

/// Searches for candidates and keeps the k nearest, by squared_row_distance() and, where that is
/// equal, by their place in the bank. FAISS's own distances come from |a|^2 + |b|^2 - 2ab, whose
/// rounding error is of the order of the squared lengths, or from shortened patches. A query for
/// which fewer than k candidates are found is compared with the whole bank.
/// @param k           1 to the rows of the bank
/// @param candidates  of each query, from k to the rows of the bank
/// @param result      becomes n * k
/// @throws Error no_space, internal
void search_exactly_among(const FaissSearch& search, const BankRows& bank,
                          const PatchMatrix& queries, std::size_t k, std::size_t candidates,
                          Neighbours& result);

}  // namespace patchcore
