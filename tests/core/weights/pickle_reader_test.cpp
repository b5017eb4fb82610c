// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the pickle reader: nothing is executed, and no program for it harms the process.
#include "core/weights/pickle_reader.h"

#include <gtest/gtest.h>

#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

using Kind = PickleValue::Kind;
namespace pickle = test::pickle;

Pickle read(const std::string& bytes) {
  return read_pickle(
      reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
      {[](const std::string& name) { return name == "good.Thing"; }, "save it plainly"}, "f.pth");
}

Pickle read_value(const std::string& opcodes) {
  return read(pickle::whole(opcodes));
}

}  // namespace

TEST(PickleReader, ReadsNumbersAndTexts) {
  EXPECT_EQ(read_value("K\xff").root->integer, 255);
  EXPECT_EQ(read_value(std::string("M\x01\x02")).root->integer, 513);
  EXPECT_EQ(read_value("J\xff\xff\xff\xff").root->integer, -1);
  EXPECT_EQ(read_value(std::string("\x8a\x00", 2)).root->integer, 0);
  EXPECT_EQ(read_value("\x8a\x01\xff").root->integer, -1);
  EXPECT_EQ(read_value(pickle::integer(1LL << 40)).root->integer, 1LL << 40);
  EXPECT_EQ(read_value("\x8a\x09"
                       "123456789")
                .root->kind,
            Kind::long_bytes);
  EXPECT_EQ(read_value(std::string("G\x3f\xf8\0\0\0\0\0\0", 9)).root->number, 1.5);
  EXPECT_EQ(read_value(pickle::text("abc")).root->text, "abc");
  EXPECT_EQ(read_value("U\x03"
                       "abc")
                .root->text,
            "abc");
  EXPECT_EQ(read_value("\x88").root->integer, 1);
  EXPECT_EQ(read_value("\x89").root->kind, Kind::boolean);
  EXPECT_EQ(read_value("N").root->kind, Kind::none);
}

TEST(PickleReader, ReadsContainers) {
  EXPECT_EQ(read_value(pickle::integers({1, 2, 3, 4})).root->items.size(), 4U);
  EXPECT_EQ(read_value("K\x01K\x02\x86").root->items[1]->integer, 2);
  EXPECT_EQ(read_value("]K\x01"
                       "a")
                .root->items.size(),
            1U);
  EXPECT_EQ(read_value("}K\x01K\x02s").root->items.size(), 2U);
  const Pickle dictionary = read_value(pickle::ordered_dictionary({{"a", "N"}, {"b", "N"}}));
  EXPECT_EQ(dictionary.root->kind, Kind::dictionary);
  EXPECT_EQ(dictionary.root->items.size(), 4U);
}

TEST(PickleReader, ReadsDictionariesOfPython2) {
  const Pickle read = read_value(
      pickle::call(pickle::global("collections", "OrderedDict"),
                   pickle::tuple({pickle::list({pickle::list({pickle::text("a"), "K\x05"})})})));
  EXPECT_EQ(read.root->kind, Kind::dictionary);
  ASSERT_EQ(read.root->items.size(), 2U);
  EXPECT_EQ(read.root->items[1]->integer, 5);
}

TEST(PickleReader, RecallsWhatItRemembered) {
  EXPECT_EQ(read_value(std::string("(K\x07q\x00h\x00t", 8)).root->items[1]->integer, 7);
  EXPECT_EQ(read_value(std::string("(K\x07r\0\0\0\1j\0\0\0\1t", 14)).root->items[1]->integer, 7);
}

TEST(PickleReader, KeepsCallsAsNamesAndArguments) {
  const Pickle read = read_value(pickle::call(pickle::global("good", "Thing"), "K\x01\x85"));
  EXPECT_EQ(read.root->kind, Kind::object);
  EXPECT_EQ(read.root->items[0]->text, "good.Thing");
  EXPECT_EQ(read.root->items[1]->items[0]->integer, 1);
  EXPECT_EQ(read_value(pickle::text("id") + "Q").root->kind, Kind::persistent);
}

TEST(PickleReader, PassesOverAttributes) {
  EXPECT_EQ(read_value("}}b").root->kind, Kind::dictionary);
  EXPECT_ERROR(read_value("K\x01}b"), corrupt, "attributes");
}

TEST(PickleReader, SaysWhereThePickleEnds) {
  EXPECT_EQ(read(pickle::whole("N") + "more").size, 4U);
}

TEST(PickleReader, RefusesEveryOtherGlobal) {
  EXPECT_ERROR(read_value(pickle::call(pickle::global("os", "system"),
                                       pickle::tuple({pickle::text("touch /tmp/x")}))),
               unsupported_file, "\"os.system\"");
  EXPECT_ERROR(read_value(pickle::global("builtins", "eval")), unsupported_file, "builtins.eval");
  EXPECT_ERROR(read_value("cno end"), corrupt, "a name has no end");
  EXPECT_ERROR(read_value("c" + std::string(100'000, 'x') + "\n"), corrupt, "a name has no end");
}

TEST(PickleReader, RefusesEveryOtherOpcode) {
  const std::string known =
      "\x80.(NKMJGXTU)t]ae}suqrhjcRbQ\x88\x89\x8a\x85\x86\x87\x8c\x93\x94\x95";
  for (int opcode = 0; opcode < 256; ++opcode) {
    if (known.find(static_cast<char>(opcode)) != std::string::npos) continue;
    EXPECT_ERROR(read(std::string(1, static_cast<char>(opcode)) + "."), unsupported_file,
                 "opcode 0x");
  }
  EXPECT_ERROR(read_value("B"), unsupported_file, "which is not read: save it plainly");
}

TEST(PickleReader, RefusesNewerProtocols) {
  EXPECT_ERROR(read("\x80\x06N."), unsupported_file, "protocol 6, newer than 5: save it plainly");
}

// As pickle.dumps([("ab", "ab")], protocol=4) writes it.
TEST(PickleReader, ReadsTheOpcodesOfProtocol4) {
  const std::string list(
      "]\x94\x8c\x02"
      "ab\x94h\x01\x86\x94"
      "a.",
      13);
  const std::string frame = std::string("\x80\x04\x95\x0d\0\0\0\0\0\0\0", 11);
  const Pickle pickle = read(frame + list);
  ASSERT_EQ(pickle.root->kind, Kind::list);
  ASSERT_EQ(pickle.root->items.size(), 1U);
  ASSERT_EQ(pickle.root->items[0]->items.size(), 2U);
  EXPECT_EQ(pickle.root->items[0]->items[0]->text, "ab");
  EXPECT_EQ(pickle.root->items[0]->items[1], pickle.root->items[0]->items[0]);
  EXPECT_ERROR(read(frame + list.substr(0, 12)), corrupt, "cut off");
}

TEST(PickleReader, RefusesGlobalsOfTheStack) {
  EXPECT_EQ(read_value(pickle::text("good") + pickle::text("Thing") + "\x93").root->text,
            "good.Thing");
  EXPECT_ERROR(read_value(pickle::text("os") + pickle::text("system") + "\x93"), unsupported_file,
               "\"os.system\", which is never loaded: save it plainly");
  EXPECT_ERROR(read_value("NN\x93"), corrupt, "a name is no text");
  EXPECT_ERROR(read_value("N\x93"), corrupt, "stack is empty");
}

TEST(PickleReader, RefusesMisuseOfTheStack) {
  for (const std::string& opcodes :
       {std::string(),
        std::string("t"),
        std::string("s"),
        std::string("}K\x01s"),
        std::string("a"),
        std::string("NNa"),
        std::string("NNNs"),
        std::string("](N.e"),
        std::string("}(Nu"),
        std::string("NN"),
        std::string("(N"),
        std::string("N(a"),
        std::string("](a"),
        std::string("Q"),
        std::string("b"),
        std::string("R"),
        std::string("NNR"),
        std::string("N)R"),
        std::string("\x87"),
        std::string("NN\x87"),
        std::string("N(\x85"),
        std::string("(q\x01t"),
        std::string("h\x07"),
        pickle::call(pickle::global("collections", "OrderedDict"), "N\x85"),
        pickle::call(pickle::global("collections", "OrderedDict"), "](NNe\x85"),
        pickle::call(pickle::global("collections", "OrderedDict"), "]]\x86")}) {
    EXPECT_ERROR(read_value(opcodes), corrupt, "faulty pickle");
  }
}

TEST(PickleReader, RefusesLengthsBeyondTheEnd) {
  EXPECT_ERROR(read("X\xff\xff\xff\xff"
                    "abc"),
               corrupt, "cut off");
  EXPECT_ERROR(read("U\xff"
                    "abc"),
               corrupt, "cut off");
  EXPECT_ERROR(read("\x8a\xff"
                    "abc"),
               corrupt, "cut off");
  EXPECT_ERROR(read("G123"), corrupt, "cut off");
}

TEST(PickleReader, LimitsDepthAndNumber) {
  EXPECT_ERROR(read(std::string(2'000, '(')), corrupt, "nested too deeply");
  EXPECT_ERROR(read(std::string(3'000'000, ')')), corrupt, "too many values");
  std::string nested = ")";
  for (int i = 0; i < 3'000'000; ++i) nested += '\x85';
  EXPECT_ERROR(read_value(nested), corrupt, "too many values");
  // Each round costs a few bytes of the pickle and would copy the whole list.
  std::string copies = "](";
  for (int i = 0; i < 100'000; ++i) copies += "NN\x86";
  copies += "eq\x01";
  for (int i = 0; i < 1'000; ++i) {
    copies += pickle::call(pickle::global("collections", "OrderedDict"), "h\x01\x85");
  }
  EXPECT_ERROR(read_value(copies), corrupt, "too many values");
}

// A list within itself: nobody may follow it without end, and its memory is given back.
TEST(PickleReader, SurvivesCircles) {
  const Pickle read = read_value(
      "]q\x01h\x01"
      "a");
  ASSERT_EQ(read.root->items.size(), 1U);
  EXPECT_EQ(read.root->items[0], read.root);
}

TEST(PickleReader, RefusesEveryTruncation) {
  const std::string bytes = pickle::whole(pickle::ordered_dictionary(
      {{"a", pickle::integers({1, 1LL << 40})},
       {"b", pickle::call(pickle::global("good", "Thing"), ")") + "q\x01h\x01\x86"}}));
  EXPECT_EQ(read(bytes).size, bytes.size());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_ERROR(read(bytes.substr(0, size)), corrupt, "f.pth");
  }
}

}  // namespace patchcore
