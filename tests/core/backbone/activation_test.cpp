// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Protects the activations: their values, in place, in every type that processors take.
#include "core/backbone/activation.h"

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace patchcore {
namespace {

void expect_values(Activation activation, double (*definition)(double)) {
  const float inputs[] = {-100, -6.5F, -1, -0.25F, 0, 0.5F, 3, 6, 7, 100};
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const at::Tensor values = at::empty({10});
    std::copy(std::begin(inputs), std::end(inputs), values.data_ptr<float>());
    const at::Tensor typed = values.to(type, /*non_blocking=*/false, /*copy=*/true);
    activate(typed, activation);
    for (int i = 0; i < 10; ++i) {
      const double expected = definition(inputs[i]);
      EXPECT_NEAR(typed[i].item<double>(), expected,
                  (type == at::kFloat ? 1e-6 : 0.01) * std::max(1.0, std::abs(expected)));
    }
  }
}

}  // namespace

TEST(Activation, HasTheValuesOfItsDefinition) {
  expect_values(Activation::none, [](double x) { return x; });
  expect_values(Activation::relu, [](double x) { return std::max(x, 0.0); });
  expect_values(Activation::relu6, [](double x) { return std::min(std::max(x, 0.0), 6.0); });
  expect_values(Activation::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); });
  expect_values(Activation::silu, [](double x) { return x / (1 + std::exp(-x)); });
}

// A frame's defect must not become a good value by an activation.
TEST(Activation, KeepsWhatIsNotANumber) {
  for (const Activation activation : {Activation::none, Activation::relu, Activation::relu6,
                                      Activation::sigmoid, Activation::silu}) {
    const at::Tensor values = at::empty({1});
    values.fill_(std::numeric_limits<float>::quiet_NaN());
    activate(values, activation);
    EXPECT_TRUE(std::isnan(values.item<float>()));
  }
}

}  // namespace patchcore
