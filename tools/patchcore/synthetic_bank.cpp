// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A memory bank of any size for measurements, where there is no trained one.
#include "tools/patchcore/synthetic_bank.h"

#include <optional>

#include "core/error.h"
#include "tools/patchcore/synthetic_frame.h"

namespace patchcore {

void write_synthetic_bank(const std::string& path, SyntheticBankOptions options) {
  // Random, for greedy picks from so few frames would be noise of the rarest kind.
  options.trainer.coreset.sampler = SamplerKind::random;
  options.trainer.coreset.ratio = 0.5;
  options.trainer.coreset.max_patches = options.patches;
  Trainer trainer(options.trainer);
  int frames = 0;
  // Some more are on their way then.
  while (trainer.collected().patches < 2 * options.patches) {
    trainer.add(SyntheticFrame(options.frame, frames++).view());
  }
  std::optional<Error> failure;
  TrainingCallbacks callbacks;
  callbacks.failed = [&](const Error& error) { failure = error; };
  trainer.start_build(path, callbacks);
  trainer.wait();
  if (failure) throw Error(*failure);
}

}  // namespace patchcore
