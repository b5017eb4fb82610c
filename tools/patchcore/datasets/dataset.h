// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What a data set is made of: categories with pictures to train with and pictures to test with.
#pragma once

#include <string>
#include <vector>

namespace patchcore {

struct TestPicture {
  std::string path;
  std::string type;  ///< of the defect, or what the data set calls good
  bool anomalous = false;
  std::string mask;  ///< picture of the defect, other than zero where it is; empty: none
};

/// Pictures that one bank is for.
struct Category {
  std::string name;
  std::vector<std::string> train;  ///< paths of good pictures
  std::vector<TestPicture> test;
  std::vector<std::string> notes;  ///< what the user should know of the folders, one sentence each
};

/// How a data set lies in folders.
enum class DatasetLayout {
  automatic,   ///< whichever of the others fits
  train_test,  ///< MVTec AD's and BTAD's
  visa,        ///< VisA's, with its table of who is for training or without
  good_bad,    ///< two folders, one of good pictures and one of others
};

}  // namespace patchcore
