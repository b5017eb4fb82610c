// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Files that faiss.write_index() writes of flat indices, which hold their vectors as they are.
#pragma once

#include <string>

#include "core/types.h"

namespace patchcore {

/// Reads the vectors of a flat L2 index. FAISS's own reader trusts the sizes that a file names;
/// here all are checked against the file.
/// @return the vectors in their order
/// @throws Error not_found, read_failed, no_space; corrupt if sizes contradict each other or the
/// file, or a value is not finite; unsupported_file for other indices and other metrics
PatchMatrix read_faiss_flat_file(const std::string& path);

/// Writes what faiss.read_index() reads as an IndexFlatL2 of these vectors.
/// @throws Error not_found if the folder does not exist, write_failed, no_space
void write_faiss_flat_file(const std::string& path, const PatchMatrix& vectors);

}  // namespace patchcore
