// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores single pictures against a bank, for threads of Python.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/detector.h"
#include "core/inspection_area.h"

namespace patchcore {

/// A Detector with the scratch memory of those who use it: as many workspaces as pictures are
/// scored at once. Any thread; Python's lock is wanted by none of its calls.
class PictureScoring {
 public:
  /// @param area  instead of the bank's region and mask
  /// @throws Error
  PictureScoring(const std::string& bank, const DetectorOptions& options, InspectionOverride area);

  /// @throws Error
  Detection score(const ImageView& picture, const DetectionOptions& options);

  const Detector& detector() const { return detector_; }

 private:
  std::unique_ptr<Workspace> borrow_workspace();
  void give_back(std::unique_ptr<Workspace> workspace);

  const Detector detector_;
  const PreparationOptions preparation_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> unused_;  ///< guarded by the mutex
};

/// Adds PictureScoring.
void bind_picture_scoring(pybind11::module_& module);

}  // namespace patchcore
