// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An engine without LibTorch, FAISS, OpenCV and OpenMP, whose threads ThreadSanitizer does not
// understand: any file is a bank, and the score of a frame is its mean. Also what else of the
// engine elements need, and the plugin's elements, registered without a plugin.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/backbone/precision.h"
#include "core/detector.h"
#include "core/device.h"
#include "core/error.h"
#include "core/heatmap.h"
#include "core/inspection_area.h"
#include "core/overlay_blending.h"
#include "gst/gstpatchcoredetect.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_bank.h"

namespace patchcore {

struct Detector::Private {
  BankSummary bank;
  DeviceInUse device;
};

Detector::Detector(const std::string& bank_path, const DetectorOptions&)
    : private_(std::make_unique<Private>()) {
  std::ifstream file(bank_path);
  if (!file) throw Error(ErrorCode::not_found, "there is no " + bank_path);
  std::ostringstream text;
  text << file.rdbuf();
  private_->bank.backbone = "stand-in";
  private_->bank.checksum = text.str();
  private_->bank.threshold = 100;
}

Detector::~Detector() = default;

void Detector::prepare(const ImageView& frame, const PreparationOptions&, PreparedFrame& prepared,
                       Workspace& workspace) const {
  workspace.frame_rows.assign(1, 0);
  for (int y = 0; y < frame.size.height; ++y) {
    for (int x = 0; x < frame.size.width; ++x)
      workspace.frame_rows[0] += frame.planes[0][y * frame.strides[0] + x];
  }
  prepared.input.batch = 1;
  prepared.input.height = frame.size.height;
  prepared.input.width = frame.size.width;
  prepared.input.values = workspace.frame_rows;
  prepared.inspected = {0, 0, frame.size.width, frame.size.height};
}

Detection Detector::detect(const PreparedFrame& frame, const DetectionOptions& options,
                           Workspace& workspace) const {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  workspace.patches.values = frame.input.values;
  Detection detection;
  detection.score = workspace.patches.values[0] / (frame.input.height * frame.input.width);
  detection.threshold = options.threshold.value_or(private_->bank.threshold);
  detection.anomalous = detection.score >= detection.threshold;
  detection.map = {1, 1, {static_cast<float>(detection.score)}};
  detection.inspected = frame.inspected;
  detection.input_size = {frame.input.width, frame.input.height};
  return detection;
}

std::vector<Detection> Detector::detect(const std::vector<DetectionRequest>& requests,
                                        Workspace& workspace) const {
  std::vector<Detection> detections;
  for (const DetectionRequest& request : requests)
    detections.push_back(detect(*request.frame, request.options, workspace));
  return detections;
}

const BankSummary& Detector::bank() const {
  return private_->bank;
}

const DeviceInUse& Detector::device() const {
  return private_->device;
}

IndexKind Detector::index() const {
  return IndexKind::automatic;
}

void Detector::check_frame_size(Size, const PreparationOptions&) const {}

OverlayPicture draw_heatmap(const Detection&, double) {
  return {};
}

OverlayPicture draw_contour(const Detection&, double) {
  return {};
}

OverlayPicture draw_label(const Detection&, const std::string&, Size) {
  return {};
}

bool can_blend_overlay(PixelFormat) {
  return true;
}

void blend_overlay(const OverlayPicture&, const WritableImageView&) {}

InspectionOverride read_inspection_override(const std::string&, const std::string&) {
  return {};
}

std::string device_name(const Device&) {
  return "cpu";
}

PrecisionSupport precision_support() {
  return {};
}

namespace test {

std::string write_tiny_bank(const std::string& folder, Precision) {
  std::ofstream(folder + "/tiny") << "tiny";
  return folder + "/tiny";
}

std::string write_other_tiny_bank(const std::string& folder) {
  std::ofstream(folder + "/other") << "other";
  return folder + "/other";
}

namespace {

class Elements : public ::testing::Environment {
 public:
  void SetUp() override {
    gst_init(nullptr, nullptr);
    ASSERT_TRUE(GST_ELEMENT_REGISTER(patchcoredetect, nullptr));
  }
};

const ::testing::Environment* const elements = ::testing::AddGlobalTestEnvironment(new Elements());

}  // namespace
}  // namespace test
}  // namespace patchcore
