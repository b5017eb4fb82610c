// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Pickles and checkpoints written by hand, good ones and others.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Each function gives the opcodes that leave one value on the stack.
namespace patchcore::test::pickle {

using Items = std::vector<std::string>;

/// The whole pickle, protocol 2, that gives @p value.
std::string whole(const std::string& value);

std::string text(const std::string& value);
std::string integer(std::int64_t value);
std::string tuple(const Items& items);
std::string list(const Items& items);
std::string integers(const std::vector<std::int64_t>& values);  ///< a tuple
std::string global(const std::string& module, const std::string& name);
std::string call(const std::string& function, const std::string& arguments);
std::string ordered_dictionary(const std::vector<std::pair<std::string, std::string>>& items);

/// A persistent id as torch.save writes it.
/// @param view  opcodes of one more item, or nothing
std::string storage(const std::string& type, const std::string& key, std::int64_t elements,
                    const std::string& view = "");
std::string tensor(const std::string& storage, std::int64_t offset,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides);

}  // namespace patchcore::test::pickle

namespace patchcore::test {

/// The bytes of @p values.
std::string bytes_of(const std::vector<float>& values);

/// A storage of the file form before zip: its key, number of elements and bytes.
struct OldStorage {
  std::string key;
  std::int64_t elements;
  std::string bytes;
};

/// A file in the form before zip around the pickle of @p object.
std::string old_checkpoint(const std::string& object, const std::vector<OldStorage>& storages);

/// Writes a zip archive with these entries.
void write_zip(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& entries,
               bool compressed = false);

}  // namespace patchcore::test
