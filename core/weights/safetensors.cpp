// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reader and writer of the safetensors container.
#include "core/weights/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/regular_file.h"
#include "core/weights/safetensors_header.h"

namespace patchcore {
namespace {

/// The limit of the format's own library.
constexpr std::uint64_t max_header_size = 100'000'000;
constexpr std::uint64_t length_size = sizeof(std::uint64_t);

std::string read_header(const RegularFile& file) {
  std::uint64_t size = 0;
  if (file.size() >= length_size) file.read(0, &size, length_size);
  if (size < 2 || size > max_header_size || size > file.size() - length_size) {
    throw Error(ErrorCode::corrupt, "\"" + file.path() +
                                        "\" is no safetensors file, or cut off: the length of its "
                                        "header cannot be right");
  }
  std::string header(size, '\0');
  file.read(length_size, header.data(), header.size());
  return header;
}

Safetensors read_all(const RegularFile& file) {
  const std::string& path = file.path();
  const std::string text = read_header(file);
  const std::uint64_t data_begin = length_size + text.size();
  SafetensorsHeader header = parse_safetensors_header(text, file.size() - data_begin, path);
  require_memory(file.size(), path);

  Safetensors content;
  content.metadata = std::move(header.metadata);
  for (SafetensorsEntry& entry : header.entries) {
    StoredTensor& tensor = content.tensors[entry.name];
    tensor.type = entry.type;
    tensor.shape = std::move(entry.shape);
    tensor.bytes = file.read(data_begin + entry.begin, entry.end - entry.begin);
  }
  return content;
}

}  // namespace

Safetensors read_safetensors(const std::string& path) {
  const RegularFile file(path);
  try {
    return read_all(file);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory to read \"" + path + "\"");
  }
}

void write_safetensors(const std::string& path, const Safetensors& content) {
  TensorViews views;
  add_tensor_views(views, content.tensors);
  write_safetensors(path, content.metadata, views);
}

void write_safetensors(const std::string& path, const std::map<std::string, std::string>& metadata,
                       const TensorViews& tensors, const std::function<void()>& before_replacing) {
  // Wide elements first keeps every tensor aligned without gaps.
  std::vector<std::pair<const std::string*, const TensorView*>> ordered;
  for (const auto& [name, view] : tensors) ordered.emplace_back(&name, &view);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return element_size(a.second->type) > element_size(b.second->type);
  });

  SafetensorsHeader header;
  header.metadata = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, view] : ordered) {
    header.entries.push_back({*name, view->type, view->shape, offset, offset + view->size});
    offset += view->size;
  }
  const std::string text = format_safetensors_header(header);
  const std::uint64_t size = text.size();

  AtomicFile file(path);
  file.write(&size, length_size);
  file.write(text.data(), text.size());
  for (const auto& entry : ordered) file.write(entry.second->data, entry.second->size);
  if (before_replacing) before_replacing();
  file.commit();
}

}  // namespace patchcore
