// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a checkpoint's pickle says of its tensors: where each lies and how it is laid out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/weights/pickle_reader.h"
#include "core/weights/tensor_table.h"

namespace patchcore {

/// A run of elements in the file, by the name that the pickle gives it.
struct TorchStorage {
  std::string key;
  ElementType type = ElementType::f32;
  std::uint64_t elements = 0;
  std::uint64_t view_offset = 0;    ///< the part that is meant, in elements
  std::uint64_t view_elements = 0;  ///< all of them unless the pickle says otherwise
};

/// A tensor within the meant part of a storage; offset and strides count elements.
struct TorchTensor {
  std::string name;
  TorchStorage storage;
  std::uint64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< none negative
};

/// Whether a checkpoint's pickle may mention MODULE.NAME, see read_pickle().
bool is_checkpoint_global(const std::string& name);

/// The storage that a persistent id means.
/// @throws Error corrupt, unsupported_file
TorchStorage parse_torch_storage(const PickleValue& persistent, const std::string& origin);

/// The tensors of a state_dict, or of the dictionary's entry `state_dict` or `model`. Every
/// tensor lies within its storage and is not larger. What is no tensor is left out.
/// @throws Error corrupt, unsupported_file
std::vector<TorchTensor> find_torch_tensors(const Pickle& pickle, const std::string& origin);

/// The tensor in dense, row-major order.
/// @param storage  the bytes of its storage, all tensor.storage.elements; may be moved from if
///                 the tensor is all of it and @p is_last_use
StoredTensor gather_torch_tensor(const TorchTensor& tensor, std::vector<std::uint8_t>& storage,
                                 bool is_last_use);

}  // namespace patchcore
