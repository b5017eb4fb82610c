// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A result as a category's evaluation gives it.
#pragma once

#include "tools/patchcore/evaluation/category_result.h"

namespace patchcore::test {

/// Every field differs from its default.
inline CategoryResult example_result(const std::string& name = "bolt <&> Ü") {
  CategoryResult result;
  result.name = name;
  result.folder = "/data/" + name;
  result.bank = {"resnet18", 12, 345, 67, 2.5, true, 8.75};
  result.detection_seconds = 0.0125;
  result.input_sizes = {"224x224", "256x192"};
  result.pictures = {{"/data/a \"1\".png", "good", false, 1.5, ""},
                     {"/data/b.png", "dent", true, 3.5, "sheets/dent/b.png.png"},
                     {"/data/c.png", "dent", true, 0.1, ""}};
  result.image = RankingFigures{0.5, 0.8333333333333334, 0.8, 0.1};
  result.f1_at_threshold = 2.0 / 3;
  result.pixel_pictures = 2;
  result.pixels.pixels = 1000;
  result.pixels.anomalous_pixels = 10;
  result.pixels.regions = 3;
  result.pixels.full = RankingFigures{0.91, 0.42, 0.43, 2.25};
  result.pixels.full_pro = 0.81;
  result.pixels.anomaly_auroc = 0.71;
  result.pixels.anomaly_pro = 0.61;
  result.worst = {0, 2, 1};
  result.notes = {"dent: 1 of 2 pictures without a mask"};
  return result;
}

}  // namespace patchcore::test
