// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the tensors of a bank file, which need not be trusted: what is missing or of another
// form is refused by name, and what is added is taken back the same.
#include "core/bank_tensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/support/expect_same.h"
#include "tests/support/small_bank.h"

namespace patchcore {
namespace {

/// Every tensor of test::small_bank() that belongs to the format, all but the mask.
struct Known {
  const char* name;
  ElementType type;
};
constexpr Known known_tensors[] = {{"bank", ElementType::f32},
                                   {"calibration.patch_distances", ElementType::f32},
                                   {"calibration.patch_frames", ElementType::i64},
                                   {"calibration.patches", ElementType::f32},
                                   {"calibration.scores", ElementType::f32},
                                   {"search.directions", ElementType::f32},
                                   {"search.mean", ElementType::f32},
                                   {"selftest.rgb", ElementType::u8},
                                   {"selftest.score", ElementType::f64}};

constexpr ElementType all_types[] = {
    ElementType::f64, ElementType::f32, ElementType::f16, ElementType::bf16, ElementType::i64,
    ElementType::i32, ElementType::i16, ElementType::i8,  ElementType::u8,   ElementType::boolean};

/// What a reader of the file has in hand.
TensorTable table_of(const TensorViews& views) {
  TensorTable table;
  for (const auto& [name, view] : views) {
    const auto* bytes = static_cast<const std::uint8_t*>(view.data);
    table[name] = {view.type, view.shape, {bytes, bytes + view.size}};
  }
  return table;
}

TensorTable table_of(const BankFile& bank, const std::string& prefix = "") {
  TensorViews views;
  add_bank_tensors(views, bank, prefix);
  return table_of(views);
}

std::set<std::string> names_of(const TensorTable& table) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : table) names.insert(name);
  return names;
}

BankFile taken(TensorTable& table, const std::string& prefix = "") {
  BankFile bank;
  take_bank_tensors(table, prefix, "the file", bank);
  return bank;
}

/// Expects that the tensors of test::small_bank() are refused once they were changed, with
/// a message that names both the file and @p name.
void expect_refused(const std::string& name, const std::function<void(TensorTable&)>& change,
                    const std::string& prefix = "") {
  TensorTable table = table_of(test::small_bank(), prefix);
  change(table);
  EXPECT_ERROR(taken(table, prefix), corrupt, '"' + prefix + name + '"');
  table = table_of(test::small_bank(), prefix);
  change(table);
  EXPECT_ERROR(taken(table, prefix), corrupt, "\"the file\"");
}

void expect_same(const BankFile& read, const BankFile& written) {
  test::expect_same(read.bank, written.bank);
  EXPECT_EQ(read.calibration.scores, written.calibration.scores);
  test::expect_same(read.held_out, written.held_out);
  test::expect_same(read.search, written.search);
  test::expect_same(read.self_test, written.self_test);
  EXPECT_EQ(tensor_table_sha256(read.backbone_weights),
            tensor_table_sha256(written.backbone_weights));
}

InspectionMaskPointer taken_mask(const StoredTensor& tensor) {
  TensorTable table;
  table["mask"] = tensor;
  InspectionMaskPointer mask;
  take_mask_tensor(table, "the file", mask);
  EXPECT_TRUE(table.empty());
  return mask;
}

}  // namespace

// The bank and its scores always; of the others, those that belong together are there or not.
TEST(BankTensors, RefusesWhatIsIncomplete) {
  for (const Known& tensor : known_tensors) {
    for (const char* prefix : {"", "member.2."}) {
      SCOPED_TRACE(std::string(prefix) + tensor.name);
      expect_refused(
          tensor.name, [&](TensorTable& table) { table.erase(std::string(prefix) + tensor.name); },
          prefix);
    }
  }
}

TEST(BankTensors, RefusesOneOfTheHeldOutTensorsAlone) {
  const std::string names[] = {"calibration.patches", "calibration.patch_distances",
                               "calibration.patch_frames"};
  for (const std::string& alone : names) {
    SCOPED_TRACE(alone);
    TensorTable table = table_of(test::small_bank());
    for (const std::string& name : names) {
      if (name != alone) table.erase(name);
    }
    EXPECT_ERROR(taken(table), corrupt, "has no tensor \"calibration.patch");
  }
}

// Of the same size in memory or not: nothing is converted.
TEST(BankTensors, RefusesOtherTypes) {
  for (const Known& tensor : known_tensors) {
    for (const ElementType type : all_types) {
      if (type == tensor.type) continue;
      SCOPED_TRACE(std::string(tensor.name) + " as " + element_type_name(type));
      expect_refused(tensor.name, [&](TensorTable& table) {
        StoredTensor& changed = table[tensor.name];
        changed.type = type;
        changed.bytes.resize(changed.element_count() * element_size(type));
      });
    }
  }
}

TEST(BankTensors, RefusesOtherNumbersOfDimensions) {
  for (const Known& tensor : known_tensors) {
    SCOPED_TRACE(tensor.name);
    expect_refused(tensor.name, [&](TensorTable& table) { table[tensor.name].shape.push_back(1); });
    expect_refused(tensor.name, [&](TensorTable& table) {
      std::vector<std::int64_t>& shape = table[tensor.name].shape;
      shape.insert(shape.begin(), 1);
    });
    if (table_of(test::small_bank())[tensor.name].shape.empty()) continue;
    expect_refused(tensor.name, [&](TensorTable& table) {
      StoredTensor& changed = table[tensor.name];
      changed.shape.pop_back();
      changed.bytes.resize(changed.element_count() * element_size(changed.type));
    });
  }
  // The message says which it should have been.
  TensorTable table = table_of(test::small_bank());
  table["bank"].shape = {20};
  EXPECT_ERROR(taken(table), corrupt, "than F32 and 2: train it again");
}

TEST(BankTensors, RefusesASelfTestThatIsNoPicture) {
  using Shape = std::vector<std::int64_t>;
  for (const Shape& shape : {Shape{3, 3, 2}, Shape{18, 1, 1}, Shape{1, 1, 18}, Shape{3, 2, 4},
                             Shape{0, 3, 3}, Shape{2, 0, 3}, Shape{2, 3, 0}}) {
    expect_refused("selftest.rgb", [&](TensorTable& table) {
      StoredTensor& rgb = table["selftest.rgb"];
      rgb.shape = shape;
      rgb.bytes.resize(static_cast<std::size_t>(rgb.element_count()));
    });
  }
}

// Only their form is looked at here: readers check what they hold, and get that far.
TEST(BankTensors, TakesTensorsWithoutElements) {
  TensorTable table = table_of(test::small_bank());
  table["bank"] = StoredTensor::from_floats({0, 4}, nullptr);
  table["calibration.scores"] = StoredTensor::from_floats({0}, nullptr);
  table["calibration.patches"] = StoredTensor::from_floats({0, 4}, nullptr);
  table["calibration.patch_distances"] = StoredTensor::from_floats({0, 1}, nullptr);
  table["calibration.patch_frames"] = {ElementType::i64, {0}, {}};
  table["search.directions"] = StoredTensor::from_floats({0, 0}, nullptr);
  const BankFile bank = taken(table);
  EXPECT_EQ(bank.bank.rows, 0U);
  EXPECT_EQ(bank.bank.columns, 4U);
  EXPECT_TRUE(bank.bank.values.empty());
  EXPECT_TRUE(bank.calibration.scores.empty());
  EXPECT_EQ(bank.held_out.patches.rows, 0U);
  EXPECT_TRUE(bank.held_out.frames.empty());
  EXPECT_EQ(bank.search.directions.rows, 0U);
}

TEST(BankTensors, RefusesMasksThatAreNone) {
  const float white[] = {255, 255};
  const StoredTensor masks[] = {
      StoredTensor::from_floats({1, 2}, white),
      StoredTensor::from_bytes({}, {255}),
      StoredTensor::from_bytes({6}, {255, 255, 255, 255, 255, 255}),
      StoredTensor::from_bytes({1, 2, 3}, {255, 255, 255, 255, 255, 255}),
      StoredTensor::from_bytes({0, 4}, {}),
      StoredTensor::from_bytes({4, 0}, {}),
      StoredTensor::from_bytes({0, 0}, {}),
      // Sides that do not fit an int.
      StoredTensor::from_bytes({0, (std::int64_t{1} << 32) + 1}, {}),
      StoredTensor::from_bytes({std::int64_t{1} << 31, 0}, {}),
      StoredTensor::from_bytes({1, 2}, {0, 127}),
  };
  for (const StoredTensor& mask : masks) {
    SCOPED_TRACE(&mask - masks);
    EXPECT_ERROR(taken_mask(mask), corrupt, "\"the file\"");
  }
}

// Without its full stop the prefix of one would begin that of the other.
TEST(BankTensors, KeepsMembersApartWhoseNamesBeginAlike) {
  const BankEnsemble ensemble = test::small_ensemble();
  const BankFile& bank = ensemble.members[0];
  const BankFile& other = ensemble.members[1];
  const std::string first = member_prefix(1, 11);
  const std::string tenth = member_prefix(10, 11);
  EXPECT_EQ(first, "member.1.");
  EXPECT_EQ(tenth, "member.10.");
  TensorViews views;
  add_bank_tensors(views, bank, tenth);
  add_bank_tensors(views, other, first);
  add_scores_tensor(views, ensemble.calibration.scores, "");
  const TensorTable both = table_of(views);

  TensorTable rest = both;
  expect_same(taken(rest, first), other);
  std::set<std::string> expected = names_of(table_of(bank, tenth));
  expected.insert("calibration.scores");
  EXPECT_EQ(names_of(rest), expected);
  expect_same(taken(rest, tenth), bank);
  EXPECT_EQ(take_scores_tensor(rest, "", "the file"), ensemble.calibration.scores);
  EXPECT_TRUE(rest.empty());

  // Nothing of another member, nor of the ensemble, stands in for what is missing.
  for (const char* name : {"bank", "calibration.scores", "selftest.score"}) {
    SCOPED_TRACE(name);
    rest = both;
    rest.erase(first + name);
    EXPECT_ERROR(taken(rest, first), corrupt, "no tensor \"member.1." + std::string(name) + '"');
  }
  rest = both;
  EXPECT_ERROR(taken(rest, member_prefix(11, 11)), corrupt, "no tensor \"member.11.bank\"");
  EXPECT_ERROR(taken(rest, member_prefix(1, 1)), corrupt, "no tensor \"bank\"");
}

TEST(BankTensors, TakesBackWhatItAdds) {
  const BankFile bank = test::small_bank();
  EXPECT_EQ(member_prefix(1, 1), "");
  for (const std::string& prefix : {std::string(), member_prefix(2, 2)}) {
    SCOPED_TRACE(prefix);
    TensorTable table = table_of(bank, prefix);
    std::set<std::string> names = {prefix + "backbone.conv1.weight"};
    for (const Known& tensor : known_tensors) {
      names.insert(prefix + tensor.name);
      EXPECT_EQ(table[prefix + tensor.name].type, tensor.type) << tensor.name;
    }
    EXPECT_EQ(names_of(table), names);
    expect_same(taken(table, prefix), bank);
    EXPECT_TRUE(table.empty());
  }
}

TEST(BankTensors, LeavesOutWhatThereIsNot) {
  BankFile bank = test::small_bank();
  bank.held_out = {};
  bank.search = {};
  bank.self_test = {};
  bank.backbone_weights.clear();
  TensorTable table = table_of(bank);
  EXPECT_EQ(names_of(table), (std::set<std::string>{"bank", "calibration.scores"}));
  expect_same(taken(table), bank);
}

TEST(BankTensors, KeepsAllDistancesOfAHeldOutPatch) {
  BankFile bank = test::small_bank();
  bank.held_out.distances = {0.5F, 0.75F, 1, 0.25F, 0.5F, 2};
  TensorTable table = table_of(bank);
  EXPECT_EQ(table["calibration.patch_distances"].shape, (std::vector<std::int64_t>{2, 3}));
  expect_same(taken(table), bank);
}

// All that begins with the prefix and nothing beside it; the names lose it.
TEST(BankTensors, TakesTheWeightsAlone) {
  BankFile bank = test::small_bank();
  const float weight = 7;
  bank.backbone_weights["backbone.0"] = StoredTensor::from_floats({1}, &weight);
  bank.backbone_weights["~"] = StoredTensor::from_floats({}, &weight);
  TensorTable table = table_of(bank);
  const StoredTensor unknown = StoredTensor::from_bytes({1}, {1});
  const std::set<std::string> foreign = {"backbone", "backbone-", "backbone/weight", "zzz"};
  for (const std::string& name : foreign) table[name] = unknown;
  const BankFile again = taken(table);
  EXPECT_EQ(names_of(again.backbone_weights),
            (std::set<std::string>{"backbone.0", "conv1.weight", "~"}));
  expect_same(again, bank);
  EXPECT_EQ(names_of(table), foreign);
}

TEST(BankTensors, TakesBackTheMaskThatItAdds) {
  const std::vector<std::uint8_t> pixels = {0, 255, 0, 0, 255, 0};
  TensorViews views;
  add_mask_tensor(views, {3, 2}, pixels);
  const TensorTable table = table_of(views);
  ASSERT_EQ(table.count("mask"), 1U);
  EXPECT_EQ(table.at("mask").shape, (std::vector<std::int64_t>{2, 3}));
  const InspectionMaskPointer mask = taken_mask(table.at("mask"));
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->size(), (Size{3, 2}));
  EXPECT_EQ(mask->pixels(), pixels);

  TensorTable without = table_of(test::small_bank());
  InspectionMaskPointer kept = mask;
  take_mask_tensor(without, "the file", kept);
  EXPECT_EQ(kept, mask);
}

}  // namespace patchcore
