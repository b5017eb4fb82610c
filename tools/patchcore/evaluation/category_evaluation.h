// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores the test pictures of a category and computes its figures.
#pragma once

#include <string>

#include "core/detector.h"
#include "tools/patchcore/datasets/dataset.h"
#include "tools/patchcore/evaluation/category_result.h"
#include "tools/patchcore/evaluation/mask_preparation.h"
#include "tools/patchcore/progress_bar.h"

namespace patchcore {

/// Of which pictures sheets are drawn.
enum class SheetChoice {
  none,
  worst,  ///< of CategoryResult::worst
  all,
};

/// How scores and maps of an ensemble's members are normalized before the mean is taken.
enum class Normalization {
  fixed,     ///< by what the bank knows, as in a pipeline
  test_set,  ///< as published, see TestSetNormalization; sheets still show what a pipeline would
};

struct EvaluationOptions {
  MapResolution resolution = MapResolution::input;
  Normalization normalization = Normalization::fixed;
  SheetChoice sheets = SheetChoice::worst;
  bool maps = false;  ///< write every map and mask as it is evaluated
  DetectorOptions detector;
};

/// How many pictures of each kind CategoryResult::worst has at most.
constexpr std::size_t worst_of_a_kind = 4;

/// Pictures that cannot be read are passed over and noted. A picture that should have a mask and
/// has none, or an empty one, or one of another size, is not in the pixel figures, and this is
/// noted.
/// @param bank    file
/// @param folder  where to write sheets/TYPE/NAME.png, maps/TYPE/NAME.npy and NAME.mask.png
/// @throws Error not_found if no test picture is left, and what Detector throws
CategoryResult evaluate_category(const Category& category, const std::string& bank,
                                 const std::string& folder, const EvaluationOptions& options,
                                 ProgressBar& progress);

}  // namespace patchcore
