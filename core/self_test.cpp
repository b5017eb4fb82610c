// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A small picture with its score in every bank file, computed again when the bank is loaded.
#include "core/self_test.h"

#include <cmath>

#include "core/error.h"
#include "core/number_text.h"

namespace patchcore {
namespace {

constexpr int side = 64;
constexpr double tolerance = 0.01;
/// Of bf16, whose values have 8 significant bits, and fp16.
constexpr double coarse_tolerance = 0.1;

double score_of(const SelfTest& test, const FrameEmbedding& embedding, const Scoring& scoring) {
  ImageView picture;
  picture.format = PixelFormat::rgb;
  picture.size = {test.width, test.height};
  picture.planes[0] = test.rgb.data();
  picture.strides[0] = 3 * static_cast<std::ptrdiff_t>(test.width);
  Workspace workspace;
  const PatchGrid grid = embedding.embed(picture, workspace);
  return scoring.score(workspace.patches, grid, workspace.neighbours).score;
}

}  // namespace

SelfTest make_self_test(const FrameEmbedding& embedding, const Scoring& scoring) {
  SelfTest test;
  test.width = side;
  test.height = side;
  test.rgb.reserve(3 * side * side);
  // Ramps with steps and a fine grain, so that every channel and frequency takes part.
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      test.rgb.push_back(static_cast<std::uint8_t>(4 * x));
      test.rgb.push_back(static_cast<std::uint8_t>(4 * y));
      test.rgb.push_back(static_cast<std::uint8_t>((x / 8 + y / 8) % 2 * 128 + (x * y) % 97));
    }
  }
  test.score = score_of(test, embedding, scoring);
  return test;
}

void check_self_test(const SelfTest& test, const FrameEmbedding& embedding, const Scoring& scoring,
                     bool exact, const std::string& bank_path) {
  double score = 0;
  try {
    score = score_of(test, embedding, scoring);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported_frame) throw;
    throw Error(ErrorCode::corrupt, "the self-test of the bank " + bank_path +
                                        " cannot be made: " + error.what() + "; train it again");
  }
  const double allowed = (exact ? tolerance : coarse_tolerance) * std::abs(test.score);
  // Written so that a score that is not a number fails, too.
  if (std::abs(score - test.score) <= allowed) return;
  throw Error(
      ErrorCode::corrupt,
      "the self-test of the bank " + bank_path + " gave a score of " + number_text(score) +
          " and not of " + number_text(test.score) +
          ": this machine or its LibTorch computes something else than the one that trained "
          "the bank, so its results cannot be trusted; train the bank again here");
}

}  // namespace patchcore
