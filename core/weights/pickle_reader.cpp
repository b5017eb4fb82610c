// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A reader of pickles that builds plain values and executes nothing.
#include "core/weights/pickle_reader.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "core/error.h"

namespace patchcore {
namespace {

using Kind = PickleValue::Kind;

// Far beyond any checkpoint; together they bound the memory that a pickle can use.
constexpr std::size_t max_values = 2'000'000;
constexpr std::size_t max_stack = 1'000'000;
constexpr std::size_t max_marks = 1'000;
constexpr std::size_t max_line = 200;

constexpr int max_protocol = 5;

/// The machine that a pickle is a program for: a stack, marks on it, and a memo.
class PickleMachine {
 public:
  PickleMachine(const std::uint8_t* data, std::size_t size, const PickleRules& rules,
                const std::string& origin)
      : data_(data), size_(size), rules_(rules), origin_(origin) {}

  Pickle run() {
    while (pickle_.root == nullptr) step(take_byte());
    pickle_.size = position_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::corrupt, "\"" + origin_ + "\" has a faulty pickle at byte " +
                                        std::to_string(position_) + ": " + problem);
  }

  void step(std::uint8_t opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const std::uint8_t protocol = take_byte(); protocol > max_protocol) {
          throw Error(ErrorCode::unsupported_file,
                      "\"" + origin_ + "\" is pickled with protocol " + std::to_string(protocol) +
                          ", newer than " + std::to_string(max_protocol) + ": " + rules_.advice);
        }
        break;
      case 0x95:  // FRAME: how many bytes to read at once
        if (take<std::uint64_t>() > size_ - position_) fail("it is cut off");
        break;
      case '.':  // STOP
        stop();
        break;
      case '(':  // MARK
        if (marks_.size() == max_marks) fail("it is nested too deeply");
        marks_.push_back(stack_.size());
        break;
      case 'N':  // NONE
        push(Kind::none);
        break;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(Kind::boolean).integer = opcode == 0x88 ? 1 : 0;
        break;
      case 'K':  // BININT1
        push(Kind::integer).integer = take_byte();
        break;
      case 'M':  // BININT2
        push(Kind::integer).integer = take<std::uint16_t>();
        break;
      case 'J':  // BININT
        push(Kind::integer).integer = take<std::int32_t>();
        break;
      case 0x8a:  // LONG1
        push_long(take_bytes(take_byte()));
        break;
      case 'G':  // BINFLOAT
        push_float(take_bytes(sizeof(double)));
        break;
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING
        push(Kind::text).text = text_of(take_bytes(take<std::uint32_t>()));
        break;
      case 'U':   // SHORT_BINSTRING
      case 0x8c:  // SHORT_BINUNICODE
        push(Kind::text).text = text_of(take_bytes(take_byte()));
        break;
      case ')':  // EMPTY_TUPLE
        push(Kind::tuple);
        break;
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        push_container(Kind::tuple, pop_items(opcode - 0x84U));
        break;
      case 't':  // TUPLE
        push_container(Kind::tuple, pop_to_mark());
        break;
      case ']':  // EMPTY_LIST
        push(Kind::list);
        break;
      case 'a':  // APPEND
        extend(Kind::list, pop_items(1));
        break;
      case 'e':  // APPENDS
        extend(Kind::list, pop_to_mark());
        break;
      case '}':  // EMPTY_DICT
        push(Kind::dictionary);
        break;
      case 's':  // SETITEM
        extend(Kind::dictionary, pop_items(2));
        break;
      case 'u':  // SETITEMS
        extend(Kind::dictionary, pop_to_mark());
        break;
      case 0x94:  // MEMOIZE
        put(static_cast<std::uint32_t>(memo_.size()));
        break;
      case 'q':  // BINPUT
        put(take_byte());
        break;
      case 'r':  // LONG_BINPUT
        put(take<std::uint32_t>());
        break;
      case 'h':  // BINGET
        get(take_byte());
        break;
      case 'j':  // LONG_BINGET
        get(take<std::uint32_t>());
        break;
      case 'c': {  // GLOBAL
        const std::string module = take_line();
        push_global(module + "." + take_line());
        break;
      }
      case 0x93:  // STACK_GLOBAL
        push_stack_global();
        break;
      case 'R':  // REDUCE
        reduce();
        break;
      case 'b':  // BUILD: attributes of a dictionary or object, which have no meaning here
        pop();
        if (const Kind kind = top().kind; kind != Kind::dictionary && kind != Kind::object) {
          fail("attributes are given to a value that has none");
        }
        break;
      case 'Q':  // BINPERSID
        push_container(Kind::persistent, pop_items(1));
        break;
      default:
        refuse_opcode(opcode);
    }
  }

  [[noreturn]] void refuse_opcode(std::uint8_t opcode) const {
    char hexadecimal[8];
    std::snprintf(hexadecimal, sizeof(hexadecimal), "0x%02x", opcode);
    throw Error(ErrorCode::unsupported_file,
                "\"" + origin_ + "\" has the pickle opcode " + hexadecimal + " at byte " +
                    std::to_string(position_ - 1) + ", which is not read: " + rules_.advice);
  }

  struct Bytes {
    const std::uint8_t* data;
    std::size_t size;
  };

  Bytes take_bytes(std::size_t count) {
    if (count > size_ - position_) fail("it is cut off");
    const Bytes bytes = {data_ + position_, count};
    position_ += count;
    return bytes;
  }

  std::uint8_t take_byte() { return *take_bytes(1).data; }

  template <typename Integer>
  Integer take() {
    Integer value;
    std::memcpy(&value, take_bytes(sizeof(value)).data, sizeof(value));
    return value;
  }

  std::string take_line() {
    const std::size_t limit = std::min(size_ - position_, max_line);
    const void* end = limit == 0 ? nullptr : std::memchr(data_ + position_, '\n', limit);
    if (end == nullptr) fail("a name has no end");
    const auto length =
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(end) - (data_ + position_));
    const std::string line = text_of(take_bytes(length));
    take_byte();
    return line;
  }

  void push(PickleValue* value) {
    if (stack_.size() == max_stack) fail("it holds too many values");
    stack_.push_back(value);
  }

  PickleValue& push(Kind kind) {
    if (pickle_.values.size() == max_values) fail("it holds too many values");
    PickleValue& value = pickle_.values.emplace_back();
    value.kind = kind;
    push(&value);
    return value;
  }

  void push_container(Kind kind, std::vector<const PickleValue*> items) {
    push(kind).items = std::move(items);
  }

  static std::string text_of(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
  }

  void push_long(Bytes bytes) {
    if (bytes.size > sizeof(std::int64_t)) {
      push(Kind::long_bytes).text = text_of(bytes);
      return;
    }
    const bool negative = bytes.size > 0 && (bytes.data[bytes.size - 1] & 0x80) != 0;
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, bytes.data, bytes.size);
    push(Kind::integer).integer = value;
  }

  /// Of eight bytes, the highest first.
  void push_float(Bytes bytes) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes.size; ++i) bits = bits << 8 | bytes.data[i];
    std::memcpy(&push(Kind::number).number, &bits, sizeof(bits));
  }

  void push_global(const std::string& name) {
    if (name != ordered_dictionary && !rules_.is_allowed_global(name)) {
      throw Error(ErrorCode::unsupported_file,
                  "\"" + origin_ + "\" holds a Python object of the kind \"" + name +
                      "\", which is never loaded: " + rules_.advice);
    }
    push(Kind::global).text = name;
  }

  void push_stack_global() {
    const std::vector<const PickleValue*> names = pop_items(2);
    for (const PickleValue* name : names) {
      if (name->kind != Kind::text || name->text.size() > max_line) fail("a name is no text");
    }
    push_global(names[0]->text + "." + names[1]->text);
  }

  /// The lowest position that may be popped: what lies below the last mark is out of reach.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleValue* pop() {
    if (stack_.size() <= floor()) fail("its stack is empty");
    PickleValue* value = stack_.back();
    stack_.pop_back();
    return value;
  }

  PickleValue& top() {
    if (stack_.size() <= floor()) fail("its stack is empty");
    return *stack_.back();
  }

  std::vector<const PickleValue*> pop_items(std::size_t count) {
    if (stack_.size() - floor() < count) fail("its stack is empty");
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<const PickleValue*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    return items;
  }

  std::vector<const PickleValue*> pop_to_mark() {
    if (marks_.empty()) fail("it has no mark");
    std::vector<const PickleValue*> items = pop_items(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  void extend(Kind kind, const std::vector<const PickleValue*>& items) {
    PickleValue& container = top();
    if (container.kind != kind) fail("items are added to a value that holds none");
    if (kind == Kind::dictionary && items.size() % 2 != 0) fail("a key has no value");
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void put(std::uint32_t index) {
    if (memo_.size() == max_values) fail("it remembers too many values");
    memo_[index] = &top();
  }

  void get(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail("it recalls a value that it never had");
    push(found->second);
  }

  void reduce() {
    const std::vector<const PickleValue*> call = pop_items(2);
    if (call[0]->kind != Kind::global || call[1]->kind != Kind::tuple) {
      fail("it calls what is no function");
    }
    if (call[0]->text != ordered_dictionary) {
      push_container(Kind::object, call);
      return;
    }
    // Python 2 passes the items as a list of pairs, Python 3 sets them later.
    PickleValue& dictionary = push(Kind::dictionary);
    if (call[1]->items.empty()) return;
    const PickleValue& pairs = *call[1]->items[0];
    if (call[1]->items.size() > 1 || pairs.kind != Kind::list) {
      fail("a dictionary is made of what is no list");
    }
    // The same list can be named again and again, and is copied each time.
    copied_items_ += pairs.items.size();
    if (copied_items_ > max_values) fail("it holds too many values");
    for (const PickleValue* pair : pairs.items) {
      if (pair->items.size() != 2) fail("a dictionary is made of what are no pairs");
      dictionary.items.insert(dictionary.items.end(), pair->items.begin(), pair->items.end());
    }
  }

  void stop() {
    const PickleValue* result = pop();
    if (!stack_.empty() || !marks_.empty()) fail("it ends with values left over");
    pickle_.root = result;
  }

  static constexpr char ordered_dictionary[] = "collections.OrderedDict";

  const std::uint8_t* const data_;
  const std::size_t size_;
  const PickleRules& rules_;
  const std::string& origin_;
  std::size_t position_ = 0;
  std::size_t copied_items_ = 0;
  Pickle pickle_;
  std::vector<PickleValue*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleValue*> memo_;
};

}  // namespace

Pickle read_pickle(const std::uint8_t* data, std::size_t size, const PickleRules& rules,
                   const std::string& origin) {
  return PickleMachine(data, size, rules, origin).run();
}

}  // namespace patchcore
