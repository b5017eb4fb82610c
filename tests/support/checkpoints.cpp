// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Pickles and checkpoints written by hand, good ones and others.
#include "tests/support/checkpoints.h"

#include <zip.h>

#include <stdexcept>

namespace patchcore::test {
namespace {

template <typename Integer>
std::string little_endian(Integer value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace

namespace pickle {
namespace {

std::string marked(const Items& items, char opcode) {
  std::string result = "(";
  for (const std::string& item : items) result += item;
  return result + opcode;
}

}  // namespace

std::string whole(const std::string& value) {
  return "\x80\x02" + value + ".";
}

std::string text(const std::string& value) {
  return "X" + little_endian(static_cast<std::uint32_t>(value.size())) + value;
}

std::string integer(std::int64_t value) {
  if (value >= INT32_MIN && value <= INT32_MAX) {
    return "J" + little_endian(static_cast<std::int32_t>(value));
  }
  return "\x8a\x08" + little_endian(value);
}

std::string tuple(const Items& items) {
  return marked(items, 't');
}

std::string list(const Items& items) {
  return "]" + marked(items, 'e');
}

std::string integers(const std::vector<std::int64_t>& values) {
  Items items;
  for (const std::int64_t value : values) items.push_back(integer(value));
  return tuple(items);
}

std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

std::string call(const std::string& function, const std::string& arguments) {
  return function + arguments + "R";
}

std::string ordered_dictionary(const std::vector<std::pair<std::string, std::string>>& items) {
  Items flat;
  for (const auto& [key, value] : items) flat.push_back(text(key) + value);
  return call(global("collections", "OrderedDict"), ")") + marked(flat, 'u');
}

std::string storage(const std::string& type, const std::string& key, std::int64_t elements,
                    const std::string& view) {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(elements),
                view}) +
         "Q";
}

std::string tensor(const std::string& storage, std::int64_t offset,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides) {
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              tuple({storage, integer(offset), integers(shape), integers(strides), "\x89",
                     ordered_dictionary({})}));
}

}  // namespace pickle

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string old_checkpoint(const std::string& object, const std::vector<OldStorage>& storages) {
  pickle::Items keys;
  std::string data;
  for (const OldStorage& storage : storages) {
    keys.push_back(pickle::text(storage.key));
    data += little_endian(storage.elements) + storage.bytes;
  }
  return pickle::whole("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") +
         pickle::whole(pickle::integer(1001)) + pickle::whole("}") + pickle::whole(object) +
         pickle::whole(pickle::list(keys)) + data;
}

void write_zip(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& entries, bool compressed) {
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) throw std::runtime_error("cannot make " + path);
  for (const auto& [name, content] : entries) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
    if (index < 0) throw std::runtime_error("cannot add " + name);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index),
                             compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  if (zip_close(archive) != 0) throw std::runtime_error("cannot write " + path);
}

}  // namespace patchcore::test
