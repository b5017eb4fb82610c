// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// From input tensors to patch features, several frames in one pass of the network or one after the
// other, in turns: what batches are worth to the trainer.
//
// batch_bench [ROUNDS [THREADS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/backbone/backbone.h"
#include "core/backbone/precision.h"
#include "core/patch_embedding.h"
#include "core/threads.h"
#include "tests/support/formula_weights.h"

namespace {

using patchcore::Precision;

constexpr int batches[] = {1, 2, 4, 8};

struct Contender {
  Precision precision;
  const patchcore::Backbone& backbone;
  patchcore::InputTensor input;
  std::vector<double> seconds;  // a frame
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

patchcore::InputTensor make_input(int batch, int side) {
  patchcore::InputTensor input;
  input.batch = batch;
  input.height = side;
  input.width = side;
  for (int i = 0; i < batch * 3 * side * side; ++i)
    input.values.push_back(static_cast<float>(i * 7919LL % 1000) / 500 - 1);
  return input;
}

void compare(const std::string& name, int side, int rounds) {
  const patchcore::BackboneDescription description = patchcore::describe_backbone(name);
  const patchcore::TensorTable weights =
      patchcore::test::formula_weights(name, description.default_layers);
  const patchcore::PatchEmbedding embedding(description.embedding);
  std::vector<Precision> precisions = {Precision::fp32};
  if (patchcore::precision_support().fast_bf16) precisions.push_back(Precision::bf16);
  std::vector<std::unique_ptr<patchcore::Backbone>> backbones;
  std::vector<Contender> contenders;
  for (const Precision precision : precisions) {
    backbones.push_back(
        patchcore::make_backbone(name, description.default_layers, weights, "formula", precision));
    for (const int batch : batches)
      contenders.push_back({precision, *backbones.back(), make_input(batch, side), {}});
  }
  patchcore::PatchMatrix patches;
  for (int round = -1; round < rounds; ++round) {
    for (Contender& contender : contenders) {
      // As many frames for each of them.
      const int passes = batches[std::size(batches) - 1] / contender.input.batch;
      const double begin = now();
      for (int pass = 0; pass < passes; ++pass)
        embedding.embed(contender.backbone.extract(contender.input), patches);
      if (round < 0) continue;
      contender.seconds.push_back((now() - begin) / (passes * contender.input.batch));
    }
  }
  for (const Contender& contender : contenders)
    std::printf("%-18s %d px  %s  batch %d  %7.2f ms a frame\n", name.c_str(), side,
                contender.precision == Precision::bf16 ? "bf16" : "fp32", contender.input.batch,
                1000 * median(contender.seconds));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  patchcore::use_threads(argc > 2 ? std::atoi(argv[2]) : 0);
  compare("efficientnet_lite0", 256, rounds);
  compare("wide_resnet50_2", 224, std::max(1, rounds / 3));
  return EXIT_SUCCESS;
}
