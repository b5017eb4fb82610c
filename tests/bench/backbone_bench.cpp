// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The networks up to the layers that PatchCore uses, by every method that this LibTorch has for
// their convolutions and, where there are any, by our own kernels for whole blocks, in turns; or by
// the fastest alone, frame after frame, as in use.
//
// backbone_bench [ROUNDS [THREADS [fastest]]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/efficientnet_lite.h"
#include "core/backbone/inverted_residual_network.h"
#include "core/backbone/network.h"
#include "core/backbone/precision.h"
#include "core/backbone/resnet.h"
#include "core/threads.h"
#include "tests/support/formula_weights.h"

namespace {

using patchcore::ConvolutionMethod;
using patchcore::Precision;

struct Contender {
  std::string name;
  std::unique_ptr<patchcore::Backbone> network;
  std::vector<double> seconds;
};

const char* name_of(ConvolutionMethod method) {
  switch (method) {
    case ConvolutionMethod::aten:
      return "aten";
    case ConvolutionMethod::prepacked:
      return "prepacked";
    case ConvolutionMethod::fused:
      return "fused";
    case ConvolutionMethod::kernels:
      return "kernels";
    case ConvolutionMethod::plain:
      break;
  }
  return "plain";
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void take_turns(const std::vector<Contender*>& contenders, const patchcore::InputTensor& input,
                int rounds) {
  for (int round = -2; round < rounds; ++round) {
    for (Contender* contender : contenders) {
      const double begin = now();
      const patchcore::FeatureMaps maps = contender->network->extract(input);
      if (round >= 0) contender->seconds.push_back(now() - begin);
    }
  }
}

void compare(const std::string& backbone, const std::vector<patchcore::NetworkStep>& steps,
             const std::vector<std::string>& layers, int side, int rounds, bool fastest_alone) {
  const patchcore::TensorTable weights = patchcore::test::formula_weights(backbone, layers);
  std::vector<Contender> contenders;
  std::vector<Precision> precisions = {Precision::fp32};
  if (patchcore::precision_support().fast_bf16) precisions.push_back(Precision::bf16);
  for (const Precision precision : precisions) {
    std::vector<ConvolutionMethod> methods = patchcore::convolution_methods(precision);
    const bool has_blocks = patchcore::has_inverted_residual_network(steps, precision);
    const std::string numbers = precision == Precision::bf16 ? "bf16 " : "fp32 ";
    if (fastest_alone) methods = {methods.back()};
    if (fastest_alone && has_blocks) methods.clear();
    for (const ConvolutionMethod method : methods)
      contenders.push_back({numbers + name_of(method),
                            std::make_unique<patchcore::Network>(steps, layers, weights, "formula",
                                                                 precision, method),
                            {}});
    if (has_blocks)
      contenders.push_back(
          {numbers + "blocks",
           patchcore::make_inverted_residual_network(steps, layers, weights, "formula", precision),
           {}});
  }
  patchcore::InputTensor input;
  input.batch = 1;
  input.height = side;
  input.width = side;
  for (int i = 0; i < 3 * side * side; ++i)
    input.values.push_back(static_cast<float>(i * 7919 % 1000) / 500 - 1);
  if (fastest_alone) {
    for (Contender& contender : contenders) take_turns({&contender}, input, rounds);
  } else {
    std::vector<Contender*> all;
    for (Contender& contender : contenders) all.push_back(&contender);
    take_turns(all, input, rounds);
  }
  for (const Contender& contender : contenders)
    std::printf("%-20s %d px  %-15s %7.2f ms\n", backbone.c_str(), side, contender.name.c_str(),
                1000 * median(contender.seconds));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  patchcore::use_threads(argc > 2 ? std::atoi(argv[2]) : 0);
  const bool fastest_alone = argc > 3 && std::strcmp(argv[3], "fastest") == 0;
  compare("wide_resnet50_2", patchcore::resnet_steps("wide_resnet50_2"), {"layer2", "layer3"}, 224,
          rounds, fastest_alone);
  compare("efficientnet_lite0", patchcore::efficientnet_lite_steps("efficientnet_lite0"),
          {"blocks.4", "blocks.10"}, 256, rounds, fastest_alone);
  return EXIT_SUCCESS;
}
