// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores frames against a memory-bank file.
#include "core/detector.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/bank_file.h"
#include "core/ensemble_member.h"
#include "core/ensemble_settings.h"
#include "core/frame_batch.h"
#include "core/member_inputs.h"
#include "core/regions.h"
#include "core/score_combination.h"
#include "core/stage_times.h"
#include "core/threads.h"
#include "core/waiting_threads.h"

namespace patchcore {
namespace {

BankSummary summarize(const BankEnsemble& ensemble) {
  const BankFile& first = ensemble.members.front();
  BankSummary summary;
  summary.members = static_cast<std::int64_t>(ensemble.members.size());
  summary.frames = first.frames;
  summary.threshold = ensemble.calibration.threshold;
  summary.threshold_is_guess = ensemble.calibration.is_guess;
  summary.created = first.created;
  summary.checksum = first.checksum;
  summary.index = first.index;
  summary.region = format_inspection_region(first.area.region);
  summary.has_mask = first.area.mask != nullptr;
  std::vector<std::string> backbones;
  for (const BankFile& member : ensemble.members) {
    backbones.push_back(member.backbone);
    summary.patches += static_cast<std::int64_t>(member.bank.rows);
    summary.dimension += static_cast<std::int64_t>(member.bank.columns);
    summary.recall = worse_recall(summary.recall, member.recall);
  }
  summary.backbone = join_members(backbones);
  return summary;
}

std::vector<Calibration> calibrations_of(const BankEnsemble& ensemble) {
  std::vector<Calibration> calibrations;
  for (const BankFile& member : ensemble.members) calibrations.push_back(member.calibration);
  return calibrations;
}

}  // namespace

struct Detector::Private {
  Private(BankEnsemble loaded, const std::string& path, const DetectorOptions& options);

  bool is_ensemble() const { return members.size() > 1; }
  InspectedPart part(Size frame, const PreparationOptions& options) const {
    return resolve_inspection_area(apply_override(members.front().file().area, options.area), frame,
                                   options.cut_out);
  }

  std::vector<Detection> detect(const std::vector<DetectionRequest>& requests,
                                Workspace& workspace) const;
  FrameScore combine(const PreparedFrame& frame, const std::vector<FrameScore>& scores) const;
  Detection score_tiles(const DetectionRequest& request, Workspace& workspace) const;
  Detection judge(const DetectionRequest& request, FrameScore scored, Workspace& workspace) const;

  int threads;
  BankSummary summary;
  Calibration calibration;
  DeviceInUse in_use;
  std::deque<EnsembleMember> members;             ///< which stay where they are
  std::vector<const FrameEmbedding*> embeddings;  ///< of the members
  std::optional<ScoreCombination> combination;    ///< of an ensemble
};

Detector::Private::Private(BankEnsemble loaded, const std::string& path,
                           const DetectorOptions& options)
    : threads(options.threads), summary(summarize(loaded)), calibration(loaded.calibration) {
  if (loaded.members.size() > 1) combination.emplace(calibrations_of(loaded));
  const std::vector<std::string> weights =
      split_for_members("weights", options.weights, loaded.members.size());
  std::vector<std::unique_ptr<BackboneSource>> backbones;
  for (BankFile& file : loaded.members) {
    backbones.push_back(find_bank_backbone(
        {file.backbone, file.layers, std::move(file.backbone_weights), file.weights_sha256}, path,
        weights[members.size()], options.allow_torchscript));
    members.emplace_back(std::move(file), options.index);
  }
  in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i].load(*backbones[i], device, options.precision);
      members[i].run_self_test(path);
    }
  });
  for (const EnsembleMember& member : members) embeddings.push_back(&member.embedding());
}

std::vector<Detection> Detector::Private::detect(const std::vector<DetectionRequest>& requests,
                                                 Workspace& workspace) const {
  // [frame][member]
  std::vector<std::vector<FrameScore>> scores(requests.size());
  std::vector<const PreparedFrame*> frames;
  for (const DetectionRequest& request : requests) frames.push_back(request.frame);
  const bool alone = requests.size() == 1;
  for (std::size_t member = 0; member < members.size(); ++member) {
    const PatchGrid grid =
        embeddings[member]->embed(member_batch(frames, member, workspace.joined), workspace);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (!alone) {
        copy_frame_patches(workspace.patches, requests.size(), i, workspace.frame_patches);
      }
      scores[i].push_back(members[member].score(member_ignored(*requests[i].frame, member),
                                                alone ? workspace.patches : workspace.frame_patches,
                                                grid, workspace));
    }
  }
  std::vector<Detection> detections;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const bool members_wanted = requests[i].options.members;
    FrameScore score;
    if (is_ensemble()) {
      score = combine(*requests[i].frame, scores[i]);
    } else {
      score = members_wanted ? scores[i].front() : std::move(scores[i].front());
    }
    detections.push_back(judge(requests[i], std::move(score), workspace));
    Detection& detection = detections.back();
    const PreparedFrame& frame = *requests[i].frame;
    detection.input_size = {frame.input.width, frame.input.height};
    detection.seen_at_once = {frame.inspected.width, frame.inspected.height};
    if (!members_wanted) continue;
    for (FrameScore& member : scores[i]) {
      detection.members.push_back({member.score, std::move(member.map)});
    }
  }
  return detections;
}

FrameScore Detector::Private::combine(const PreparedFrame& frame,
                                      const std::vector<FrameScore>& scores) const {
  std::vector<const IgnoredPatches*> ignored;
  for (std::size_t member = 0; member < members.size(); ++member) {
    ignored.push_back(&member_ignored(frame, member));
  }
  return combination->combine(scores, ignored);
}

/// Of a single bank: ensembles see frames at once.
Detection Detector::Private::score_tiles(const DetectionRequest& request,
                                         Workspace& workspace) const {
  const PreparedFrame& frame = *request.frame;
  FrameScore scored = members.front().score_tiles(frame, workspace);
  std::vector<MemberScore> found;
  if (request.options.members) found.push_back({scored.score, scored.map});
  Detection detection = judge(request, std::move(scored), workspace);
  detection.members = std::move(found);
  detection.input_size = frame.tiles->input_size;
  const Rect& tile = frame.tiles->tiles.front().rect;
  detection.seen_at_once = {tile.width, tile.height};
  return detection;
}

/// What the scores mean.
Detection Detector::Private::judge(const DetectionRequest& request, FrameScore scored,
                                   Workspace& workspace) const {
  StageClock clock(workspace.stage_times);
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
  clock.add(Stage::regions);
  return detection;
}

Detector::Detector(const std::string& bank_path, const DetectorOptions& options) {
  use_threads(options.threads);
  private_ = std::make_unique<Private>(read_bank_ensemble(bank_path), bank_path, options);
  // Frames may be scored on another thread; otherwise they start again.
  release_own_threads();
}

Detector::~Detector() = default;

void Detector::prepare(const ImageView& frame, const PreparationOptions& options,
                       PreparedFrame& prepared, Workspace& workspace) const {
  use_own_threads(workspace.threads.value_or(private_->threads));
  workspace.stage_times = {};
  prepare_for_members(private_->embeddings, frame, private_->part(frame.size, options), prepared,
                      workspace);
}

Detection Detector::detect(const PreparedFrame& frame, const DetectionOptions& options,
                           Workspace& workspace) const {
  return std::move(detect({{&frame, options}}, workspace).front());
}

std::vector<Detection> Detector::detect(const std::vector<DetectionRequest>& requests,
                                        Workspace& workspace) const {
  if (requests.empty()) return {};
  use_threads(workspace.threads.value_or(private_->threads));
  adapt_waiting_threads();
  // The time of preparing it is kept.
  for (std::size_t stage = 1; stage < stage_count; ++stage) workspace.stage_times[stage] = 0;
  const bool any_tiles =
      std::any_of(requests.begin(), requests.end(),
                  [](const DetectionRequest& request) { return request.frame->tiles != nullptr; });
  if (!any_tiles) return private_->detect(requests, workspace);
  std::vector<Detection> detections;
  for (const DetectionRequest& request : requests) {
    detections.push_back(request.frame->tiles
                             ? private_->score_tiles(request, workspace)
                             : std::move(private_->detect({request}, workspace).front()));
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
  return private_->members.front().index();
}

void Detector::check_frame_size(Size frame, const PreparationOptions& options) const {
  const InspectedPart part = private_->part(frame, options);
  for (const FrameEmbedding* embedding : private_->embeddings) embedding->check(part);
}

}  // namespace patchcore
