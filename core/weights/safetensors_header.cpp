// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The JSON header of safetensors files.
#include "core/weights/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

using Json = nlohmann::json;

constexpr char metadata_key[] = "__metadata__";
constexpr std::size_t max_dimensions = 64;

/// Takes the header's events as they are parsed: a tree would let a hostile header use many times
/// its own size, and would drop duplicate names unseen.
class HeaderHandler : public nlohmann::json_sax<Json> {
 public:
  HeaderHandler(std::uint64_t data_size, const std::string& origin)
      : data_size_(data_size), origin_(origin) {}

  bool start_object(std::size_t) override {
    if (place_ == Place::document) {
      place_ = Place::names;
      return true;
    }
    if (place_ == Place::name_value) {
      const bool is_metadata = entry_.name == metadata_key;
      place_ = is_metadata ? Place::metadata : Place::tensor;
      return true;
    }
    return unexpected("an object");
  }

  bool key(string_t& name) override {
    if (place_ == Place::names) {
      if (!names_.insert(name).second) return fail("the name \"" + name + "\" comes twice");
      entry_ = SafetensorsEntry();
      entry_.name = name;
      fields_.clear();
      place_ = Place::name_value;
      return true;
    }
    if (place_ == Place::metadata && header_.metadata.count(name) != 0) {
      return fail("the metadata key \"" + name + "\" comes twice");
    }
    if (place_ == Place::tensor) {
      if (name != "dtype" && name != "shape" && name != "data_offsets") {
        return fail_tensor("has an unknown key \"" + name + "\"");
      }
      if (!fields_.insert(name).second) return fail_tensor("has \"" + name + "\" twice");
    }
    key_ = name;
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::metadata) {
      header_.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::tensor || key_ != "dtype") return unexpected("a string");
    const std::optional<ElementType> type = element_type_from_name(value);
    if (!type) {
      code_ = ErrorCode::unsupported_file;
      return fail_tensor("has the element type \"" + value +
                         "\", which is not supported: save it as F32");
    }
    entry_.type = *type;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") return unexpected("an array");
    place_ = key_ == "shape" ? Place::shape : Place::offsets;
    offsets_.clear();
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::shape) {
      if (entry_.shape.size() == max_dimensions) return fail_tensor("has too many dimensions");
      if (value > static_cast<number_unsigned_t>(INT64_MAX)) return fail_tensor(impossible_shape);
      entry_.shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (place_ == Place::offsets && offsets_.size() < 2) {
      offsets_.push_back(value);
      return true;
    }
    return unexpected("a number");
  }

  bool end_array() override {
    if (place_ == Place::offsets && offsets_.size() != 2) {
      return fail_tensor("has not two data offsets");
    }
    place_ = Place::tensor;
    return true;
  }

  bool end_object() override {
    if (place_ == Place::names) {
      place_ = Place::end;
      return true;
    }
    if (place_ == Place::tensor && !take_entry()) return false;
    place_ = Place::names;
    return true;
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unexpected("a number that is not whole or too large");
  }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return fail("it is not JSON from character " + std::to_string(position) + " on");
  }

  SafetensorsHeader take(bool success) {
    if (!success) throw Error(code_, "\"" + origin_ + "\" has a faulty header: " + problem_);
    std::vector<SafetensorsEntry>& entries = header_.entries;
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::make_pair(a.begin, a.end) < std::make_pair(b.begin, b.end);
    });
    std::uint64_t expected = 0;
    for (const SafetensorsEntry& entry : entries) {
      if (entry.begin != expected) {
        throw Error(ErrorCode::corrupt,
                    "\"" + origin_ + "\" has a faulty header: the data of tensor \"" + entry.name +
                        "\" starts at " + std::to_string(entry.begin) + ", expected at " +
                        std::to_string(expected));
      }
      expected = entry.end;
    }
    if (expected != data_size_) {
      throw Error(ErrorCode::corrupt, "\"" + origin_ + "\" has " + std::to_string(data_size_) +
                                          " bytes of data, its tensors take " +
                                          std::to_string(expected) + "; copy or make it again");
    }
    return std::move(header_);
  }

 private:
  enum class Place { document, names, name_value, metadata, tensor, shape, offsets, end };

  static constexpr char impossible_shape[] = "has an impossible shape";

  bool fail(const std::string& problem) {
    problem_ = problem;
    return false;
  }

  bool fail_tensor(const std::string& problem) {
    return fail("tensor \"" + entry_.name + "\" " + problem);
  }

  bool unexpected(const std::string& what) {
    const bool in_tensor =
        place_ == Place::tensor || place_ == Place::shape || place_ == Place::offsets;
    return in_tensor ? fail_tensor("has " + what + " as \"" + key_ + "\"")
                     : fail(what + " stands where safetensors has none");
  }

  bool take_entry() {
    if (fields_.size() != 3) return fail_tensor("lacks its dtype, shape or data_offsets");
    const std::optional<std::int64_t> count = checked_element_count(entry_.shape);
    std::int64_t size = 0;
    if (!count || __builtin_mul_overflow(*count, element_size(entry_.type), &size)) {
      return fail_tensor(impossible_shape);
    }
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    if (entry_.begin > entry_.end || entry_.end > data_size_) {
      return fail_tensor("lies outside of the file");
    }
    if (entry_.end - entry_.begin != static_cast<std::uint64_t>(size)) {
      return fail_tensor("has " + std::to_string(entry_.end - entry_.begin) +
                         " bytes, its shape needs " + std::to_string(size));
    }
    header_.entries.push_back(std::move(entry_));
    return true;
  }

  const std::uint64_t data_size_;
  const std::string& origin_;
  SafetensorsHeader header_;
  std::set<std::string> names_;
  Place place_ = Place::document;
  std::string key_;
  SafetensorsEntry entry_;
  std::set<std::string> fields_;
  std::vector<std::uint64_t> offsets_;
  ErrorCode code_ = ErrorCode::corrupt;
  std::string problem_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(const std::string& json, std::uint64_t data_size,
                                           const std::string& origin) {
  HeaderHandler handler(data_size, origin);
  // JSON would allow other white space; the format has spaces only, after the object.
  const std::size_t end = json.find_last_not_of(' ');
  if (json.empty() || json.front() != '{' || json[end] != '}') {
    throw Error(ErrorCode::corrupt,
                "\"" + origin + "\" is no safetensors file: its header is no JSON object");
  }
  return handler.take(Json::sax_parse(json, &handler));
}

std::string format_safetensors_header(const SafetensorsHeader& header) {
  // Written by hand as far as its structure goes, since names keep their order that way.
  try {
    std::string text = "{\"" + std::string(metadata_key) + "\":" + Json(header.metadata).dump();
    for (const SafetensorsEntry& entry : header.entries) {
      text += ',' + Json(entry.name).dump() + ":{\"dtype\":\"" + element_type_name(entry.type) +
              "\",\"shape\":" + Json(entry.shape).dump() + ",\"data_offsets\":[" +
              std::to_string(entry.begin) + ',' + std::to_string(entry.end) + "]}";
    }
    text += '}';
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::invalid_argument,
                std::string("a tensor's name or the metadata is not UTF-8: ") + error.what());
  }
}

}  // namespace patchcore
