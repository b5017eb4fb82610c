// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores frames against a memory-bank file.
#include "core/detector.h"

#include <optional>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/bank_file.h"
#include "core/error.h"
#include "core/frame_batch.h"
#include "core/frame_embedding.h"
#include "core/inspection_mask.h"
#include "core/nearest_neighbours.h"
#include "core/regions.h"
#include "core/scoring.h"
#include "core/self_test.h"
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
      : threads(options.threads),
        file(std::move(loaded)),
        summary(summarize(file)),
        index_kind(options.index == IndexKind::automatic ? file.index : options.index) {
    const std::unique_ptr<BackboneSource> backbone = find_bank_backbone(
        {file.backbone, file.layers, std::move(file.backbone_weights), file.weights_sha256}, path,
        options.weights, options.allow_torchscript);
    in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
      load(device, *backbone, options);
      run_self_test(path);
    });
  }

  void load(const Device& device, const BackboneSource& backbone, const DetectorOptions& options);
  void run_self_test(const std::string& path) const;
  /// @param patches  of the whole frame; loses those that are ignored
  Detection score(const DetectionRequest& request, PatchMatrix& patches, PatchGrid grid,
                  Workspace& workspace) const;
  InspectedPart part(Size frame, const PreparationOptions& options) const {
    return resolve_inspection_area(apply_override(file.area, options.area), frame, options.cut_out);
  }

  int threads;
  BankFile file;
  BankSummary summary;
  IndexKind index_kind;
  DeviceInUse in_use;

  Precision precision = Precision::fp32;
  std::optional<FrameEmbedding> embedding;
  std::unique_ptr<NearestNeighbours> index;
  std::optional<Scoring> scoring;
};

void Detector::Private::load(const Device& device, const BackboneSource& backbone,
                             const DetectorOptions& options) {
  scoring.reset();
  index.reset();
  embedding.reset();
  precision = backbone.resolve_precision(options.precision, device);
  embedding.emplace(file.preprocess, backbone.make(precision, device, file.preprocess),
                    file.embedding);
  index = make_nearest_neighbours(file.bank, index_kind, file.search, device);
  scoring.emplace(file.scoring, file.bank, *index);
}

void Detector::Private::run_self_test(const std::string& path) const {
  if (file.self_test.rgb.empty()) return;  // other programs' banks may have none
  const bool exact = precision == Precision::fp32 && file.precision == Precision::fp32;
  if (!is_approximate(index_kind)) {
    check_self_test(file.self_test, *embedding, *scoring, exact, path);
    return;
  }
  // The score in the file is that of exact search, and the picture is like none that the bank
  // knows.
  const auto exact_index = make_nearest_neighbours(file.bank, IndexKind::faiss_flat);
  check_self_test(file.self_test, *embedding, Scoring(file.scoring, file.bank, *exact_index), exact,
                  path);
}

/// From the patches of the frame on.
Detection Detector::Private::score(const DetectionRequest& request, PatchMatrix& patches,
                                   PatchGrid grid, Workspace& workspace) const {
  const PreparedFrame& frame = *request.frame;
  StageClock clock(workspace.stage_times);
  drop_ignored(frame.ignored, patches);
  scoring->search(patches, workspace.neighbours);
  clock.finish(Stage::search);
  const PatchGrid row = {1, static_cast<int>(patches.rows)};
  FrameScore scored = scoring->score_neighbours(patches, row, workspace.neighbours);
  clock.finish(Stage::scoring);

  Detection detection;
  detection.score = scored.score;
  detection.threshold = request.options.threshold.value_or(file.calibration.threshold);
  detection.usual_score = file.calibration.usual_score;
  detection.anomalous = detection.score >= detection.threshold;
  detection.map = spread_over_grid(frame.ignored, grid, std::move(scored.map));
  detection.inspected = frame.inspected;
  detection.input_size = {frame.input.width, frame.input.height};
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
}

Detector::~Detector() = default;

void Detector::prepare(const ImageView& frame, const PreparationOptions& options,
                       PreparedFrame& prepared, Workspace& workspace) const {
  use_own_threads(workspace.threads.value_or(private_->threads));
  private_->embedding->prepare(frame, private_->part(frame.size, options), prepared, workspace);
}

Detection Detector::detect(const PreparedFrame& frame, const DetectionOptions& options,
                           Workspace& workspace) const {
  use_threads(workspace.threads.value_or(private_->threads));
  const PatchGrid grid = private_->embedding->embed(frame.input, workspace);
  return private_->score({&frame, options}, workspace.patches, grid, workspace);
}

std::vector<Detection> Detector::detect(const std::vector<DetectionRequest>& requests,
                                        Workspace& workspace) const {
  std::vector<Detection> detections;
  if (requests.size() == 1) {
    detections.push_back(detect(*requests[0].frame, requests[0].options, workspace));
    return detections;
  }
  if (requests.empty()) return detections;
  use_threads(workspace.threads.value_or(private_->threads));
  std::vector<const InputTensor*> inputs;
  for (const DetectionRequest& request : requests) inputs.push_back(&request.frame->input);
  join_inputs(inputs, workspace.joined);
  const PatchGrid grid = private_->embedding->embed(workspace.joined, workspace);
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
  return private_->index_kind;
}

void Detector::check_frame_size(Size frame, const PreparationOptions& options) const {
  private_->embedding->check(private_->part(frame, options));
}

}  // namespace patchcore
