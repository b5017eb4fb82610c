// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores frames against a memory-bank file.
#include "core/detector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/bank_file.h"
#include "core/ensemble_member.h"
#include "core/frame_batch.h"
#include "core/regions.h"
#include "core/stage_times.h"
#include "core/threads.h"

namespace patchcore {
namespace {

BankSummary summarize(const BankFile& file) {
  BankSummary summary;
  summary.backbone = file.backbone;
  summary.patches = static_cast<std::int64_t>(file.bank.rows);
  summary.dimension = static_cast<std::int64_t>(file.bank.columns);
  summary.frames = file.frames;
  summary.threshold = file.calibration.threshold;
  summary.threshold_is_guess = file.calibration.is_guess;
  summary.created = file.created;
  summary.checksum = file.checksum;
  summary.index = file.index;
  summary.recall = file.recall;
  summary.region = format_inspection_region(file.area.region);
  summary.has_mask = file.area.mask != nullptr;
  return summary;
}

}  // namespace

struct Detector::Private {
  Private(BankFile loaded, const std::string& path, const DetectorOptions& options)
      : threads(options.threads), summary(summarize(loaded)) {
    const std::unique_ptr<BackboneSource> backbone = find_bank_backbone(
        {loaded.backbone, loaded.layers, std::move(loaded.backbone_weights), loaded.weights_sha256},
        path, options.weights, options.allow_torchscript);
    member.emplace(std::move(loaded), options.index);
    in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
      member->load(*backbone, device, options.precision);
      member->run_self_test(path);
    });
  }

  /// @param patches  of the whole frame; loses those that are ignored
  Detection score(const DetectionRequest& request, PatchMatrix& patches, PatchGrid grid,
                  Workspace& workspace) const;
  Detection score_tiles(const DetectionRequest& request, Workspace& workspace) const;
  Detection judge(const DetectionRequest& request, FrameScore scored, Workspace& workspace) const;
  InspectedPart part(Size frame, const PreparationOptions& options) const {
    return resolve_inspection_area(apply_override(member->file().area, options.area), frame,
                                   options.cut_out);
  }

  int threads;
  BankSummary summary;
  DeviceInUse in_use;
  std::optional<EnsembleMember> member;
};

/// From the patches of the frame on.
Detection Detector::Private::score(const DetectionRequest& request, PatchMatrix& patches,
                                   PatchGrid grid, Workspace& workspace) const {
  const PreparedFrame& frame = *request.frame;
  Detection detection =
      judge(request, member->score(frame.ignored, patches, grid, workspace), workspace);
  detection.input_size = {frame.input.width, frame.input.height};
  detection.seen_at_once = {frame.inspected.width, frame.inspected.height};
  return detection;
}

Detection Detector::Private::score_tiles(const DetectionRequest& request,
                                         Workspace& workspace) const {
  const PreparedFrame& frame = *request.frame;
  Detection detection = judge(request, member->score_tiles(frame, workspace), workspace);
  detection.input_size = frame.tiles->input_size;
  const Rect& tile = frame.tiles->tiles.front().rect;
  detection.seen_at_once = {tile.width, tile.height};
  return detection;
}

/// What the scores mean.
Detection Detector::Private::judge(const DetectionRequest& request, FrameScore scored,
                                   Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
  const Calibration& calibration = member->file().calibration;
  Detection detection;
  detection.score = scored.score;
  detection.threshold = request.options.threshold.value_or(calibration.threshold);
  detection.usual_score = calibration.usual_score;
  detection.anomalous = detection.score >= detection.threshold;
  detection.map = std::move(scored.map);
  detection.inspected = request.frame->inspected;
  if (detection.anomalous) {
    detection.regions = find_regions(detection.map, detection.inspected, detection.threshold,
                                     request.options.min_region_area);
  }
  clock.finish(Stage::regions);
  return detection;
}

Detector::Detector(const std::string& bank_path, const DetectorOptions& options) {
  use_threads(options.threads);
  private_ = std::make_unique<Private>(read_bank_file(bank_path), bank_path, options);
  // Frames may be scored on another thread; otherwise they start again.
  release_own_threads();
}

Detector::~Detector() = default;

void Detector::prepare(const ImageView& frame, const PreparationOptions& options,
                       PreparedFrame& prepared, Workspace& workspace) const {
  use_own_threads(workspace.threads.value_or(private_->threads));
  private_->member->embedding().prepare(frame, private_->part(frame.size, options), prepared,
                                        workspace);
}

Detection Detector::detect(const PreparedFrame& frame, const DetectionOptions& options,
                           Workspace& workspace) const {
  use_threads(workspace.threads.value_or(private_->threads));
  if (frame.tiles) return private_->score_tiles({&frame, options}, workspace);
  const PatchGrid grid = private_->member->embedding().embed(frame.input, workspace);
  return private_->score({&frame, options}, workspace.patches, grid, workspace);
}

std::vector<Detection> Detector::detect(const std::vector<DetectionRequest>& requests,
                                        Workspace& workspace) const {
  std::vector<Detection> detections;
  const bool any_tiles =
      std::any_of(requests.begin(), requests.end(),
                  [](const DetectionRequest& request) { return request.frame->tiles != nullptr; });
  if (requests.size() < 2 || any_tiles) {
    for (const DetectionRequest& request : requests) {
      detections.push_back(detect(*request.frame, request.options, workspace));
    }
    return detections;
  }
  use_threads(workspace.threads.value_or(private_->threads));
  std::vector<const InputTensor*> inputs;
  for (const DetectionRequest& request : requests) inputs.push_back(&request.frame->input);
  join_inputs(inputs, workspace.joined);
  const PatchGrid grid = private_->member->embedding().embed(workspace.joined, workspace);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    copy_frame_patches(workspace.patches, requests.size(), i, workspace.frame_patches);
    detections.push_back(private_->score(requests[i], workspace.frame_patches, grid, workspace));
  }
  return detections;
}

Detection Detector::detect(const ImageView& frame, const DetectionOptions& options,
                           Workspace& workspace) const {
  prepare(frame, {}, workspace.prepared, workspace);
  return detect(workspace.prepared, options, workspace);
}

const BankSummary& Detector::bank() const {
  return private_->summary;
}

const DeviceInUse& Detector::device() const {
  return private_->in_use;
}

IndexKind Detector::index() const {
  return private_->member->index();
}

void Detector::check_frame_size(Size frame, const PreparationOptions& options) const {
  private_->member->embedding().check(private_->part(frame, options));
}

}  // namespace patchcore
