// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reader of PyTorch checkpoints, in the zip form and in the form before it.
#include "core/weights/torch_checkpoint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/regular_file.h"
#include "core/weights/pickle_reader.h"
#include "core/weights/torch_tensors.h"
#include "core/weights/zip_archive.h"

namespace patchcore {
namespace {

using Kind = PickleValue::Kind;

const PickleRules& checkpoint_rules() {
  static const PickleRules rules = {
      is_checkpoint_global,
      "save model.state_dict() and nothing else, or convert it to safetensors"};
  return rules;
}

/// Real ones have less than a tenth of this.
constexpr std::uint64_t max_pickle_size = 32 << 20;

[[noreturn]] void fail(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::corrupt,
              "\"" + path + "\" is a faulty checkpoint: " + problem + "; copy or save it again");
}

/// The tensors of a checkpoint, by the storage that they lie in.
class WantedTensors {
 public:
  WantedTensors(const Pickle& pickle, const RegularFile& file) : path_(file.path()) {
    std::uint64_t size = 0;
    for (TorchTensor& tensor : find_torch_tensors(pickle, path_)) {
      const auto elements = static_cast<std::uint64_t>(*checked_element_count(tensor.shape));
      const std::size_t element = element_size(tensor.storage.type);
      // Tensors may share a storage, but a small file must not grow without limit that way.
      if (elements > file.size() / element || (size += elements * element) > 4 * file.size()) {
        fail(path_, "its tensors are larger than the file");
      }
      by_storage_[tensor.storage.key].push_back(std::move(tensor));
    }
    require_memory(size, path_);
  }

  const std::map<std::string, std::vector<TorchTensor>>& by_storage() const { return by_storage_; }

  /// Takes the tensors out of a storage's bytes.
  void take(const std::string& key, std::vector<std::uint8_t> bytes) {
    const auto found = by_storage_.find(key);
    for (const TorchTensor& tensor : found->second) {
      if (tensor.storage.elements != bytes.size() / element_size(tensor.storage.type) ||
          bytes.size() % element_size(tensor.storage.type) != 0) {
        fail(path_, "storage \"" + key + "\" has another size than its tensors were told");
      }
    }
    for (const TorchTensor& tensor : found->second) {
      const bool is_last = &tensor == &found->second.back();
      table_[tensor.name] = gather_torch_tensor(tensor, bytes, is_last);
    }
    by_storage_.erase(found);
  }

  TensorTable finish() {
    if (!by_storage_.empty()) {
      fail(path_,
           "the data of tensor \"" + by_storage_.begin()->second.front().name + "\" is missing");
    }
    return std::move(table_);
  }

 private:
  const std::string& path_;
  std::map<std::string, std::vector<TorchTensor>> by_storage_;
  TensorTable table_;
};

// The zip form: NAME/data.pkl, and NAME/data/KEY for each storage.

/// NAME/ of the archive.
std::string find_prefix(const ZipArchive& archive, const std::string& path) {
  const std::string ending = "/data.pkl";
  for (std::uint64_t i = 0; i < archive.entries(); ++i) {
    const std::string name = archive.name(i);
    if (name.size() <= ending.size()) continue;
    const std::size_t slash = name.size() - ending.size();
    if (name.find('/') != slash || name.compare(slash, ending.size(), ending) != 0) continue;
    const std::string prefix = name.substr(0, slash + 1);
    if (archive.find(prefix + "constants.pkl")) {
      throw Error(ErrorCode::unsupported_file,
                  "\"" + path +
                      "\" is a TorchScript program and no state_dict: save model.state_dict() "
                      "with torch.save");
    }
    return prefix;
  }
  throw Error(ErrorCode::unsupported_file,
              "\"" + path +
                  "\" is a zip archive but no PyTorch checkpoint: it has "
                  "no data.pkl; unpack it if the weights lie inside");
}

TensorTable read_zip_form(const RegularFile& file) {
  const ZipArchive archive(file);
  const std::string prefix = find_prefix(archive, file.path());
  const auto read_small = [&](const std::string& name) {
    const std::optional<std::uint64_t> entry = archive.find(prefix + name);
    if (!entry) return std::vector<std::uint8_t>();
    if (archive.size(*entry) > max_pickle_size) fail(file.path(), "\"" + name + "\" is too large");
    return archive.read(*entry);
  };
  const std::vector<std::uint8_t> byte_order = read_small("byteorder");
  const std::string little = "little";
  if (!byte_order.empty() && std::string(byte_order.begin(), byte_order.end()) != little) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + file.path() +
                    "\" was saved on a big-endian machine: save it on a "
                    "little-endian one");
  }
  const std::vector<std::uint8_t> bytes = read_small("data.pkl");
  const Pickle pickle = read_pickle(bytes.data(), bytes.size(), checkpoint_rules(), file.path());
  WantedTensors tensors(pickle, file);

  std::vector<std::pair<std::string, std::uint64_t>> entries;
  std::uint64_t size = 0;
  for (const auto& storage : tensors.by_storage()) {
    const std::optional<std::uint64_t> entry = archive.find(prefix + "data/" + storage.first);
    if (!entry) continue;
    // Entries that overlap would make much work of a small file.
    if ((size += archive.size(*entry)) > file.size()) fail(file.path(), "its entries overlap");
    entries.emplace_back(storage.first, *entry);
  }
  for (const auto& [key, entry] : entries) tensors.take(key, archive.read(entry));
  return tensors.finish();
}

// The form before: pickles of a magic number, a version, facts about the machine, the object and
// the keys of its storages; then each storage's number of elements and its data.

constexpr char magic_number[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t old_form_version = 1001;

/// Reads pickles that follow each other.
class PickleSequence {
 public:
  explicit PickleSequence(const RegularFile& file)
      : path_(file.path()), bytes_(file.read(0, std::min(file.size(), max_pickle_size))) {}

  Pickle next() {
    Pickle pickle = read_pickle(bytes_.data() + position_, bytes_.size() - position_,
                                checkpoint_rules(), path_);
    position_ += pickle.size;
    return pickle;
  }

  std::uint64_t position() const { return position_; }

 private:
  const std::string& path_;
  const std::vector<std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

/// The element sizes of all storages, wanted or not: they say how far to skip.
std::map<std::string, std::size_t> storage_element_sizes(const Pickle& pickle,
                                                         const std::string& path) {
  std::map<std::string, std::size_t> sizes;
  for (const PickleValue& value : pickle.values) {
    if (value.kind != Kind::persistent) continue;
    const TorchStorage storage = parse_torch_storage(value, path);
    const std::size_t size = element_size(storage.type);
    if (sizes.emplace(storage.key, size).first->second != size) {
      fail(path, "storage \"" + storage.key + "\" has two types");
    }
  }
  return sizes;
}

TensorTable read_old_form(const RegularFile& file) {
  const std::string& path = file.path();
  std::optional<PickleSequence> sequence(std::in_place, file);
  const Pickle magic = sequence->next();
  if (magic.root->kind != Kind::long_bytes || magic.root->text != magic_number) {
    throw Error(ErrorCode::unsupported_file, "\"" + path +
                                                 "\" is a pickle but no PyTorch checkpoint: save "
                                                 "model.state_dict() with torch.save");
  }
  const Pickle version = sequence->next();
  if (version.root->kind != Kind::integer || version.root->integer != old_form_version) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + path + "\" is a checkpoint of another version than 1001: save it again");
  }
  sequence->next();  // The data is little-endian whatever the machine was.
  const Pickle object = sequence->next();
  const Pickle keys = sequence->next();
  std::uint64_t position = sequence->position();
  sequence.reset();
  if (keys.root->kind != Kind::list) fail(path, "it lists no storages");

  WantedTensors tensors(object, file);
  const std::map<std::string, std::size_t> element_sizes = storage_element_sizes(object, path);
  for (const PickleValue* key : keys.root->items) {
    const auto found = element_sizes.find(key->text);
    if (key->kind != Kind::text || found == element_sizes.end()) {
      fail(path, "it lists a storage that nothing refers to");
    }
    std::uint64_t elements = 0;
    file.read(position, &elements, sizeof(elements));
    position += sizeof(elements);
    if (elements > (file.size() - position) / found->second) {
      fail(path, "storage \"" + key->text + "\" reaches beyond the end of the file");
    }
    const std::uint64_t size = elements * found->second;
    if (tensors.by_storage().count(key->text) != 0) {
      tensors.take(key->text, file.read(position, size));
    }
    position += size;
  }
  return tensors.finish();
}

}  // namespace

TensorTable read_torch_checkpoint(const std::string& path) {
  const RegularFile file(path);
  std::array<char, 4> start = {};
  file.read(0, start.data(), std::min<std::uint64_t>(file.size(), start.size()));
  try {
    if (std::memcmp(start.data(), "PK\3\4", 4) == 0) return read_zip_form(file);
    if (start[0] == '\x80') return read_old_form(file);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space, "not enough memory to read \"" + path + "\"");
  }
  throw Error(ErrorCode::unsupported_file, "\"" + path +
                                               "\" is no PyTorch checkpoint: it is neither a zip "
                                               "archive nor a pickle");
}

}  // namespace patchcore
