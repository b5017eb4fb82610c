// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A reader of pickles that builds plain values and executes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace patchcore {

/// One value of a pickle. Values refer to each other as the pickle says, in circles too if it is
/// malicious: follow only paths of known length.
struct PickleValue {
  enum class Kind {
    none,
    boolean,     ///< integer is 0 or 1
    integer,     ///< integer
    long_bytes,  ///< text: the little-endian bytes of an integer of more than 64 bits
    number,      ///< number
    text,        ///< text
    tuple,       ///< items
    list,        ///< items
    dictionary,  ///< items: key, value, key, value ...
    global,      ///< text: MODULE.NAME
    object,      ///< items: the global that makes it, the tuple of arguments
    persistent,  ///< items: the id of something outside of the pickle
  };

  Kind kind = Kind::none;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;
  std::vector<const PickleValue*> items;
};

struct Pickle {
  std::deque<PickleValue> values;     ///< all that were made, in order; owns them
  const PickleValue* root = nullptr;  ///< the result
  std::size_t size = 0;               ///< bytes up to and with the end mark
};

/// What is accepted of a pickle, and what to do about one that has more.
struct PickleRules {
  bool (*is_allowed_global)(const std::string& name);  ///< whether it may mention MODULE.NAME
  std::string advice;  ///< ends the message, e.g. "save model.state_dict() and nothing else"
};

/// Reads the pickle at @p data, of any protocol as far as checkpoints and plain dictionaries use
/// it. collections.OrderedDict becomes a dictionary; other globals stay names, and what they would
/// make stays a pair of name and arguments.
/// @param size    bytes there are; the pickle may end before
/// @param origin  the file, for messages
/// @throws Error corrupt, unsupported_file for any other global or opcode
Pickle read_pickle(const std::uint8_t* data, std::size_t size, const PickleRules& rules,
                   const std::string& origin);

}  // namespace patchcore
