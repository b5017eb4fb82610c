// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Scores frames against a memory-bank file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/inspection_area.h"
#include "core/options.h"
#include "core/prepared_frame.h"
#include "core/search_recall.h"
#include "core/types.h"
#include "core/workspace.h"

namespace patchcore {

/// Read when the bank is loaded.
struct DetectorOptions {
  /// Only for banks that hold no weights; empty: searched for. Of an ensemble as the setting
  /// `weights` of training: one for all members, or a list with semicolons.
  std::string weights;
  bool allow_torchscript = false;  ///< see BackboneOptions, for banks trained with such a file
  int threads = 0;                 ///< 0: all processors; frames may have others, see Workspace
  IndexKind index = IndexKind::automatic;  ///< automatic: what the bank asks for
  Precision precision = Precision::automatic;
  std::string device = automatic_device;  ///< see resolve_device()
};

/// May change from frame to frame.
struct DetectionOptions {
  std::optional<double> threshold;  ///< raw score, >= 0; nothing: the bank's
  double min_region_area = 0;       ///< smaller regions are dropped, frame pixels
  bool members = false;             ///< also say what each member found, or the only bank
};

/// One frame to score.
struct DetectionRequest {
  const PreparedFrame* frame = nullptr;
  DetectionOptions options;
};

/// What of a frame is prepared; may change from frame to frame.
struct PreparationOptions {
  InspectionOverride area;      ///< instead of the bank's region and mask
  std::optional<Rect> cut_out;  ///< a part of the frame, see resolve_inspection_area()
};

/// What a loaded bank says of itself.
struct BankSummary {
  std::string backbone;        ///< of an ensemble all, with semicolons between them
  std::int64_t members = 1;    ///< of the ensemble
  std::int64_t patches = 0;    ///< of all members
  std::int64_t dimension = 0;  ///< of a patch; of all members together
  std::int64_t frames = 0;
  double threshold = 0;
  bool threshold_is_guess = false;
  std::string created;
  std::string checksum;  ///< the file's settings_sha256: two banks never have the same
  IndexKind index = IndexKind::automatic;  ///< that it asks for and was calibrated with
  std::optional<SearchRecall> recall;  ///< of that one, if it is approximate; the worst member's
  std::string region;                  ///< as format_inspection_region() writes it
  bool has_mask = false;
};

/// A loaded bank, or an ensemble of several. Immutable after construction; frames may be prepared
/// and scored from several threads at once, each with a Workspace of its own.
class Detector {
 public:
  /// Reads the bank, builds the network and the index, and runs the bank's self-test.
  /// @throws Error
  Detector(const std::string& bank_path, const DetectorOptions& options);
  ~Detector();

  /// The part of detect() that reads the frame. @p prepared may be scored on another thread; memory
  /// that it has is used again.
  /// @throws Error unsupported_frame as check_frame_size(); others
  void prepare(const ImageView& frame, const PreparationOptions& options, PreparedFrame& prepared,
               Workspace& workspace) const;

  /// The rest of it.
  /// @throws Error
  Detection detect(const PreparedFrame& frame, const DetectionOptions& options,
                   Workspace& workspace) const;

  /// The same for several frames in one pass of the network, with the same results on the
  /// processor, bit by bit.
  /// @param requests  frames whose inputs have one size; those that are cut into tiles are scored
  ///                  one after the other
  /// @return one for each, in their order
  /// @throws Error
  std::vector<Detection> detect(const std::vector<DetectionRequest>& requests,
                                Workspace& workspace) const;

  /// Both in a row, of what the bank was trained with.
  /// @throws Error
  Detection detect(const ImageView& frame, const DetectionOptions& options,
                   Workspace& workspace) const;

  const BankSummary& bank() const;

  /// Where it computes, and if that is not what "auto" promises, why.
  const DeviceInUse& device() const;

  /// The index in use: what was asked for, or else what the bank asks for.
  IndexKind index() const;

  /// Says whether frames of this size can be inspected, before the first one comes.
  /// @throws Error unsupported_frame if what would be seen is too small, the region does not fit or
  /// the mask leaves nothing
  void check_frame_size(Size frame, const PreparationOptions& options = {}) const;

 private:
  struct Private;
  std::unique_ptr<Private> private_;
};

}  // namespace patchcore
