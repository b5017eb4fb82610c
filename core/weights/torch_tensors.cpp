// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a checkpoint's pickle says of its tensors: where each lies and how it is laid out.
#include "core/weights/torch_tensors.h"

#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t max_dimensions = 64;
constexpr char rebuild_tensor_v2[] = "torch._utils._rebuild_tensor_v2";
/// Of PyTorch before 0.4: the same without requires_grad and hooks.
constexpr char rebuild_tensor[] = "torch._utils._rebuild_tensor";
constexpr char rebuild_parameter[] = "torch._utils._rebuild_parameter";
/// Of PyTorch before 1.0.
constexpr char parameter[] = "torch.nn.parameter.Parameter";

struct StorageType {
  const char* name;
  ElementType type;
};

constexpr StorageType storage_types[] = {
    {"DoubleStorage", ElementType::f64}, {"FloatStorage", ElementType::f32},
    {"HalfStorage", ElementType::f16},   {"BFloat16Storage", ElementType::bf16},
    {"LongStorage", ElementType::i64},   {"IntStorage", ElementType::i32},
    {"ShortStorage", ElementType::i16},  {"CharStorage", ElementType::i8},
    {"ByteStorage", ElementType::u8},    {"BoolStorage", ElementType::boolean},
};

/// The class's name of a storage, e.g. FloatStorage; empty for other globals.
std::string storage_class(const std::string& global) {
  for (const std::string module : {"torch.", "torch.cuda.", "torch.storage."}) {
    if (global.compare(0, module.size(), module) != 0) continue;
    const std::string name = global.substr(module.size());
    const std::string ending = "Storage";
    if (name.find('.') == std::string::npos && name.size() >= ending.size() &&
        name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
      return name;
    }
  }
  return "";
}

[[noreturn]] void fail(const std::string& origin, const std::string& problem) {
  throw Error(ErrorCode::corrupt,
              "\"" + origin + "\" is a faulty checkpoint: " + problem + "; copy or save it again");
}

bool is_count(const PickleValue& value) {
  return value.kind == Kind::integer && value.integer >= 0;
}

/// Sizes or strides.
std::vector<std::int64_t> parse_counts(const PickleValue& value, const std::string& name,
                                       const std::string& origin) {
  const bool is_sequence = value.kind == Kind::tuple || value.kind == Kind::list;
  std::vector<std::int64_t> counts;
  bool good = is_sequence && value.items.size() <= max_dimensions;
  for (std::size_t i = 0; good && i < value.items.size(); ++i) {
    good = is_count(*value.items[i]);
    counts.push_back(value.items[i]->integer);
  }
  if (!good) fail(origin, "tensor \"" + name + "\" has an impossible shape or stride");
  return counts;
}

/// The elements from a tensor's first to its last and one; nothing if that does not fit.
std::optional<std::int64_t> extent(const TorchTensor& tensor) {
  std::int64_t last = 0;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t reach = 0;
    if (tensor.shape[i] == 0) return 0;
    if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return std::nullopt;
    }
  }
  if (__builtin_add_overflow(last, 1, &last)) return std::nullopt;
  return last;
}

/// The call that makes a tensor, out of the parameter that may be around it.
/// @return null if the value is something else
const PickleValue* tensor_call(const PickleValue* value) {
  for (int layers = 0; layers < 2 && value->kind == Kind::object; ++layers) {
    const std::string& maker = value->items[0]->text;
    const std::vector<const PickleValue*>& arguments = value->items[1]->items;
    if (maker == rebuild_tensor_v2 || maker == rebuild_tensor) return value;
    if ((maker != rebuild_parameter && maker != parameter) || arguments.empty()) return nullptr;
    value = arguments[0];
  }
  return nullptr;
}

TorchTensor parse_tensor(const PickleValue& call, const std::string& name,
                         const std::string& origin) {
  const std::vector<const PickleValue*>& arguments = call.items[1]->items;
  if (arguments.size() < 4 || arguments[0]->kind != Kind::persistent || !is_count(*arguments[1])) {
    fail(origin, "tensor \"" + name + "\" has not the arguments of a tensor");
  }
  TorchTensor tensor;
  tensor.name = name;
  tensor.storage = parse_torch_storage(*arguments[0], origin);
  tensor.offset = static_cast<std::uint64_t>(arguments[1]->integer);
  tensor.shape = parse_counts(*arguments[2], name, origin);
  tensor.strides = parse_counts(*arguments[3], name, origin);

  const std::uint64_t available = tensor.storage.view_elements;
  const std::optional<std::int64_t> count = checked_element_count(tensor.shape);
  const bool is_regular = tensor.shape.size() == tensor.strides.size() && count;
  const std::optional<std::int64_t> reach = is_regular ? extent(tensor) : std::nullopt;
  // A tensor can be larger than its storage where a stride is zero. No network's weights are, and
  // a tiny file could ask for any amount of memory.
  if (!reach || tensor.offset > available ||
      static_cast<std::uint64_t>(*reach) > available - tensor.offset ||
      static_cast<std::uint64_t>(*count) > available) {
    fail(origin, "tensor \"" + name + "\" reaches beyond its storage of " +
                     std::to_string(available) + " elements");
  }
  return tensor;
}

const PickleValue* find_entry(const PickleValue& dictionary, const char* name) {
  for (std::size_t i = 0; i + 1 < dictionary.items.size(); i += 2) {
    const PickleValue& key = *dictionary.items[i];
    if (key.kind == Kind::text && key.text == name) return dictionary.items[i + 1];
  }
  return nullptr;
}

/// Strides of dimensions of size 1 have no meaning.
bool is_dense(const TorchTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

}  // namespace

bool is_checkpoint_global(const std::string& name) {
  return name == rebuild_tensor_v2 || name == rebuild_tensor || name == rebuild_parameter ||
         name == parameter || !storage_class(name).empty();
}

TorchStorage parse_torch_storage(const PickleValue& persistent, const std::string& origin) {
  const PickleValue& id = *persistent.items[0];
  if (id.kind != Kind::tuple || id.items.size() < 5 || id.items.size() > 6 ||
      id.items[0]->kind != Kind::text || id.items[0]->text != "storage" ||
      id.items[1]->kind != Kind::global || id.items[2]->kind != Kind::text ||
      !is_count(*id.items[4])) {
    fail(origin, "a storage is not described as PyTorch does it");
  }
  TorchStorage storage;
  storage.key = id.items[2]->text;
  storage.elements = static_cast<std::uint64_t>(id.items[4]->integer);
  storage.view_elements = storage.elements;

  const StorageType* found = nullptr;
  const std::string name = storage_class(id.items[1]->text);
  for (const StorageType& known : storage_types) {
    if (name == known.name) found = &known;
  }
  if (found == nullptr) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + origin + "\" has tensors of the kind \"" + id.items[1]->text +
                    "\", which is not supported: save them as float32");
  }
  storage.type = found->type;

  if (id.items.size() == 6 && id.items[5]->kind != Kind::none) {
    const PickleValue& view = *id.items[5];
    if (view.kind != Kind::tuple || view.items.size() != 3 || !is_count(*view.items[1]) ||
        !is_count(*view.items[2])) {
      fail(origin, "a part of a storage is not described as PyTorch does it");
    }
    storage.view_offset = static_cast<std::uint64_t>(view.items[1]->integer);
    storage.view_elements = static_cast<std::uint64_t>(view.items[2]->integer);
    if (storage.view_offset > storage.elements ||
        storage.view_elements > storage.elements - storage.view_offset) {
      fail(origin, "a part of storage \"" + storage.key + "\" lies outside of it");
    }
  }
  return storage;
}

std::vector<TorchTensor> find_torch_tensors(const Pickle& pickle, const std::string& origin) {
  const PickleValue* dictionary = pickle.root;
  if (dictionary->kind == Kind::dictionary) {
    for (const char* name : {"state_dict", "model"}) {
      const PickleValue* inner = find_entry(*dictionary, name);
      if (inner == nullptr || inner->kind != Kind::dictionary) continue;
      dictionary = inner;
      break;
    }
  }
  std::map<std::string, TorchTensor> tensors;
  for (std::size_t i = 0; dictionary->kind == Kind::dictionary && i < dictionary->items.size();
       i += 2) {
    const PickleValue& key = *dictionary->items[i];
    const PickleValue* call = tensor_call(dictionary->items[i + 1]);
    if (call == nullptr || key.kind != Kind::text) continue;
    tensors[key.text] = parse_tensor(*call, key.text, origin);
  }
  if (tensors.empty()) {
    throw Error(ErrorCode::unsupported_file, "\"" + origin +
                                                 "\" holds no dictionary of tensors: save "
                                                 "model.state_dict() with torch.save");
  }
  std::vector<TorchTensor> result;
  for (auto& entry : tensors) result.push_back(std::move(entry.second));
  return result;
}

StoredTensor gather_torch_tensor(const TorchTensor& tensor, std::vector<std::uint8_t>& storage,
                                 bool is_last_use) {
  StoredTensor result;
  result.type = tensor.storage.type;
  result.shape = tensor.shape;
  const std::size_t element = element_size(result.type);
  const std::size_t size = static_cast<std::size_t>(result.element_count()) * element;
  if (size == 0) return result;
  const std::size_t start = (tensor.storage.view_offset + tensor.offset) * element;
  if (is_dense(tensor)) {
    if (is_last_use && start == 0 && size == storage.size()) {
      result.bytes = std::move(storage);
    } else {
      result.bytes.assign(storage.data() + start, storage.data() + start + size);
    }
    return result;
  }
  result.bytes.resize(size);
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  const std::uint8_t* source = storage.data() + start;
  for (std::size_t at = 0; at < size; at += element) {
    std::memcpy(result.bytes.data() + at, source, element);
    for (std::size_t i = index.size(); i-- > 0;) {
      const auto stride = tensor.strides[i] * static_cast<std::int64_t>(element);
      if (++index[i] < tensor.shape[i]) {
        source += stride;
        break;
      }
      source -= (tensor.shape[i] - 1) * stride;
      index[i] = 0;
    }
  }
  return result;
}

}  // namespace patchcore
