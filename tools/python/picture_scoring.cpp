// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores single pictures against a bank, for threads of Python.
#include "tools/python/picture_scoring.h"

#include <pybind11/stl.h>

#include <utility>

#include "tools/python/map_arrays.h"
#include "tools/python/picture_array.h"
#include "tools/python/search_recall_tuple.h"

namespace py = pybind11;

namespace patchcore {
namespace {

py::tuple tuple_of(const Region& region) {
  return py::make_tuple(region.box.x, region.box.y, region.box.width, region.box.height,
                        region.area, region.peak, region.peak_x, region.peak_y);
}

/// As the fields of patchcore.Result, but for the shape of the picture.
py::dict result_of(const Detection& detection) {
  py::list regions;
  for (const Region& region : detection.regions) regions.append(tuple_of(region));
  const Rect& inspected = detection.inspected;
  py::dict result;
  result["score"] = detection.score;
  result["threshold"] = detection.threshold;
  result["usual_score"] = detection.usual_score;
  result["is_anomalous"] = detection.anomalous;
  result["map"] = array_of(detection.map);
  result["inspected"] = py::make_tuple(inspected.x, inspected.y, inspected.width, inspected.height);
  result["regions"] = std::move(regions);
  const Size& at_once = detection.seen_at_once;
  result["seen_at_once"] = py::make_tuple(at_once.height, at_once.width);
  return result;
}

/// As the fields of patchcore.BankSummary.
py::dict summary_of(const BankSummary& bank) {
  py::dict summary;
  summary["backbone"] = bank.backbone;
  summary["members"] = bank.members;
  summary["patches"] = bank.patches;
  summary["dimension"] = bank.dimension;
  summary["frames"] = bank.frames;
  summary["threshold"] = bank.threshold;
  summary["threshold_is_guess"] = bank.threshold_is_guess;
  summary["created"] = bank.created;
  summary["checksum"] = bank.checksum;
  summary["index"] = index_name(bank.index);
  summary["recall"] = tuple_of(bank.recall);
  summary["region"] = bank.region;
  summary["has_mask"] = bank.has_mask;
  return summary;
}

std::unique_ptr<PictureScoring> load(const std::string& bank, const DetectorOptions& options,
                                     const std::optional<std::string>& region,
                                     const std::optional<std::string>& mask) {
  const py::gil_scoped_release release;
  return std::make_unique<PictureScoring>(
      bank, options, read_inspection_override(region.value_or(""), mask.value_or("")));
}

py::dict score(PictureScoring& scoring, const py::object& picture,
               const DetectionOptions& options) {
  const PictureArray array(picture);
  Detection detection;
  {
    const py::gil_scoped_release release;
    detection = scoring.score(array.view(), options);
  }
  return result_of(detection);
}

}  // namespace

PictureScoring::PictureScoring(const std::string& bank, const DetectorOptions& options,
                               InspectionOverride area)
    : detector_(bank, options), preparation_{std::move(area), {}} {}

Detection PictureScoring::score(const ImageView& picture, const DetectionOptions& options) {
  std::unique_ptr<Workspace> workspace = borrow_workspace();
  detector_.prepare(picture, preparation_, workspace->prepared, *workspace);
  Detection detection = detector_.detect(workspace->prepared, options, *workspace);
  give_back(std::move(workspace));
  return detection;
}

std::unique_ptr<Workspace> PictureScoring::borrow_workspace() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (unused_.empty()) return std::make_unique<Workspace>();
  std::unique_ptr<Workspace> workspace = std::move(unused_.back());
  unused_.pop_back();
  return workspace;
}

void PictureScoring::give_back(std::unique_ptr<Workspace> workspace) {
  const std::lock_guard<std::mutex> lock(mutex_);
  unused_.push_back(std::move(workspace));
}

void bind_picture_scoring(py::module_& module) {
  using Scoring = PictureScoring;
  py::class_<Scoring>(module, "PictureScoring")
      .def(py::init(&load), py::arg("bank"), py::arg("options"), py::arg("region"), py::arg("mask"))
      .def("score", &score, py::arg("picture"), py::arg("options"))
      .def_property_readonly(
          "bank", [](const Scoring& scoring) { return summary_of(scoring.detector().bank()); })
      .def_property_readonly(
          "device",
          [](const Scoring& scoring) { return device_name(scoring.detector().device().device); })
      .def_property_readonly(
          "index", [](const Scoring& scoring) { return index_name(scoring.detector().index()); });
}

}  // namespace patchcore
