// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects what is made of a checkpoint's tensors: views gathered, bounds never left.
#include "core/weights/torch_tensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/checkpoints.h"
#include "tests/support/expect_error.h"

namespace patchcore {
namespace {

namespace pickle = test::pickle;
using Integers = std::vector<std::int64_t>;

constexpr std::int64_t huge = INT64_MAX;

std::vector<TorchTensor> find(const std::string& object) {
  const std::string bytes = pickle::whole(object);
  const Pickle read = read_pickle(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                                  {is_checkpoint_global, "do so"}, "f.pth");
  return find_torch_tensors(read, "f.pth");
}

/// The one tensor, in a storage of @p elements.
TorchTensor find_one(std::int64_t elements, std::int64_t offset, const Integers& shape,
                     const Integers& strides) {
  return find(pickle::ordered_dictionary(
                  {{"a", pickle::tensor(pickle::storage("FloatStorage", "0", elements), offset,
                                        shape, strides)}}))
      .at(0);
}

/// Gathers it from a storage with the values 0, 1, 2 ...
std::vector<float> gather(const TorchTensor& tensor) {
  std::vector<std::uint8_t> storage(tensor.storage.elements * sizeof(float));
  for (std::size_t i = 0; i < tensor.storage.elements; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(storage.data() + i * sizeof(float), &value, sizeof(value));
  }
  return gather_torch_tensor(tensor, storage, false).to_floats();
}

const std::string small_tensor =
    pickle::tensor(pickle::storage("FloatStorage", "0", 2), 0, {2}, {1});

}  // namespace

TEST(TorchTensors, GathersViews) {
  EXPECT_EQ(gather(find_one(6, 0, {2, 3}, {3, 1})), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(gather(find_one(6, 2, {2}, {1})), (std::vector<float>{2, 3}));
  EXPECT_EQ(gather(find_one(6, 0, {3, 2}, {1, 3})), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(gather(find_one(12, 1, {2, 2}, {6, 2})), (std::vector<float>{1, 3, 7, 9}));
  EXPECT_EQ(gather(find_one(8, 0, {2, 2, 2}, {1, 2, 4})),
            (std::vector<float>{0, 4, 2, 6, 1, 5, 3, 7}));
  EXPECT_EQ(gather(find_one(2, 1, {}, {})), (std::vector<float>{1}));
  EXPECT_EQ(gather(find_one(2, 0, {1, 2}, {77, 1})), (std::vector<float>{0, 1}));
  EXPECT_TRUE(gather(find_one(2, 0, {0, 3}, {3, 1})).empty());
}

TEST(TorchTensors, TakesOverAWholeStorage) {
  const TorchTensor tensor = find_one(2, 0, {2}, {1});
  std::vector<std::uint8_t> storage(8, 7);
  const std::uint8_t* memory = storage.data();
  EXPECT_EQ(gather_torch_tensor(tensor, storage, true).bytes.data(), memory);
}

TEST(TorchTensors, LooksIntoStateDictAndModel) {
  const std::string inner = pickle::ordered_dictionary({{"a", small_tensor}});
  EXPECT_EQ(find(pickle::ordered_dictionary({{"epoch", "K\x01"}, {"state_dict", inner}}))[0].name,
            "a");
  EXPECT_EQ(find(pickle::ordered_dictionary({{"model", inner}})).size(), 1U);
  // A layer may be called so too.
  EXPECT_EQ(find(pickle::ordered_dictionary({{"model", small_tensor}}))[0].name, "model");
}

TEST(TorchTensors, LeavesOutWhatIsNoTensor) {
  EXPECT_EQ(find(pickle::ordered_dictionary({{"a", small_tensor},
                                             {"n", "K\x01"},
                                             {"none", "N"},
                                             {"list", pickle::list({small_tensor})}}))
                .size(),
            1U);
}

TEST(TorchTensors, ReadsParametersAndOlderTensors) {
  for (const std::string& function : {pickle::global("torch._utils", "_rebuild_parameter"),
                                      pickle::global("torch.nn.parameter", "Parameter")}) {
    EXPECT_EQ(find(pickle::ordered_dictionary(
                       {{"a", pickle::call(function, pickle::tuple({small_tensor, "\x88"}))}}))
                  .size(),
              1U);
  }
  const std::string older =
      pickle::call(pickle::global("torch._utils", "_rebuild_tensor"),
                   pickle::tuple({pickle::storage("FloatStorage", "0", 2), pickle::integer(0),
                                  pickle::integers({2}), pickle::integers({1})}));
  EXPECT_EQ(find(pickle::ordered_dictionary({{"a", older}})).size(), 1U);
}

TEST(TorchTensors, ReadsPartsOfStorages) {
  const auto with_view = [](std::int64_t offset, std::int64_t elements) {
    const std::string view =
        pickle::tuple({pickle::text("v"), pickle::integer(offset), pickle::integer(elements)});
    return find(pickle::ordered_dictionary(
        {{"a", pickle::tensor(pickle::storage("FloatStorage", "0", 6, view), 1, {2}, {1})}}))[0];
  };
  EXPECT_EQ(gather(with_view(3, 3)), (std::vector<float>{4, 5}));
  EXPECT_ERROR(with_view(3, 2), corrupt, "beyond its storage");
  EXPECT_ERROR(with_view(3, 4), corrupt, "outside");
  EXPECT_ERROR(with_view(huge, huge), corrupt, "outside");
  EXPECT_ERROR(with_view(-1, 2), corrupt, "not described");
}

TEST(TorchTensors, RefusesWhatLeavesTheStorage) {
  EXPECT_ERROR(find_one(5, 0, {2, 3}, {3, 1}), corrupt, "\"a\" reaches beyond");
  EXPECT_ERROR(find_one(6, 1, {2, 3}, {3, 1}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {2}, {6}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, huge, {1}, {1}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {huge}, {1}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {huge, huge}, {0, 0}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {2}, {huge}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {3, 3}, {huge, huge}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, 0, {2, 3}, {1}), corrupt, "beyond");
  EXPECT_ERROR(find_one(6, -1, {1}, {1}), corrupt, "arguments");
  EXPECT_ERROR(find_one(6, 0, {-1}, {1}), corrupt, "impossible shape or stride");
  EXPECT_ERROR(find_one(6, 5, {2}, {-1}), corrupt, "impossible shape or stride");
  EXPECT_ERROR(find_one(-6, 0, {1}, {1}), corrupt, "not described");
  EXPECT_ERROR(find_one(6, 0, Integers(65, 1), Integers(65, 1)), corrupt, "impossible");
}

// One element seen a thousand million times would fill the memory.
TEST(TorchTensors, RefusesTensorsLargerThanTheirStorage) {
  EXPECT_ERROR(find_one(1, 0, {1'000'000'000}, {0}), corrupt, "beyond its storage");
}

TEST(TorchTensors, RefusesStoragesOfOtherKinds) {
  const auto with_type = [](const std::string& type) {
    return find(pickle::ordered_dictionary(
        {{"a", pickle::tensor(pickle::storage(type, "0", 2), 0, {2}, {1})}}));
  };
  EXPECT_EQ(with_type("HalfStorage")[0].storage.type, ElementType::f16);
  EXPECT_ERROR(with_type("ComplexFloatStorage"), unsupported_file, "torch.ComplexFloatStorage");
  EXPECT_ERROR(with_type("QInt8Storage"), unsupported_file, "torch.QInt8Storage");
}

TEST(TorchTensors, RefusesIdsAndArgumentsOfOtherKinds) {
  for (const std::string& call :
       {pickle::tensor("N", 0, {2}, {1}), pickle::tensor("NQ", 0, {2}, {1}),
        pickle::tensor(pickle::integers({1, 2, 3, 4, 5}) + "Q", 0, {2}, {1}),
        pickle::call(pickle::global("torch._utils", "_rebuild_tensor_v2"), ")")}) {
    EXPECT_ERROR(find(pickle::ordered_dictionary({{"a", call}})), corrupt, "faulty checkpoint");
  }
}

TEST(TorchTensors, RefusesWhatIsNoDictionaryOfTensors) {
  for (const std::string& object :
       {std::string("N"), small_tensor, pickle::list({small_tensor}),
        pickle::ordered_dictionary({}), pickle::ordered_dictionary({{"a", "N"}}),
        std::string("}q\x01") + pickle::text("model") + "h\x01s",
        pickle::global("torch", "FloatStorage"),
        pickle::ordered_dictionary(
            {{"a", pickle::call(pickle::global("torch", "FloatStorage"), ")")}})}) {
    EXPECT_ERROR(find(object), unsupported_file, "no dictionary of tensors");
  }
}

TEST(IsCheckpointGlobal, KnowsStoragesAndTensorsOnly) {
  for (const char* name : {"torch.FloatStorage", "torch.cuda.HalfStorage",
                           "torch.storage.UntypedStorage", "torch._utils._rebuild_tensor_v2"}) {
    EXPECT_TRUE(is_checkpoint_global(name)) << name;
  }
  for (const char* name : {"os.system", "torch.load", "torch.hub.load", "torch.jit.FloatStorage",
                           "xtorch.FloatStorage", "FloatStorage", "torch._utils", ""}) {
    EXPECT_FALSE(is_checkpoint_global(name)) << name;
  }
}

}  // namespace patchcore
