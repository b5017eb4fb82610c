// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Collects patches of normal frames and makes a memory bank of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/device.h"
#include "core/error.h"
#include "core/options.h"
#include "core/search_recall.h"
#include "core/types.h"

namespace patchcore {

/// All settings of training. Fields without a value take the backbone's default.
struct TrainerOptions {
  BackboneOptions backbone;
  /// The others' of an ensemble, which all see the frames as the first one does: its default
  /// decides where input_size and crop do not. See parse_members(). Empty: a single bank.
  std::vector<BackboneOptions> further_members;
  /// The first and the others.
  std::vector<BackboneOptions> members() const;
  /// @param members  one or more
  void set_members(std::vector<BackboneOptions> members);

  std::string input_size;  ///< with the crop as apply_input_settings() reads it; empty: default
  std::string crop;
  int tile_size = 0;  ///< see PreprocessOptions; a backbone's default crop gives way to it
  double tile_overlap = PreprocessOptions().tile_overlap;
  std::string region;  ///< as parse_inspection_region() reads it; empty: the whole frame
  std::string mask;    ///< a PNG file, black where nothing is learned; empty: none
  std::optional<int> patch_size;
  std::optional<int> pretrain_embed_dimension;
  std::optional<int> target_embed_dimension;
  CoresetOptions coreset;
  ScoringOptions scoring;
  /// A bank file whose patches are kept, as far as the coreset has room for them, and to whose
  /// frames those of this run are added; its settings must be the same. Empty, or no such file: a
  /// new bank is made.
  std::string append_to;
  std::int64_t max_frames = 0;  ///< that are collected at most; 0: no limit
  /// Frames of a smaller novelty than this are not collected, see Novelty; 0: all are.
  double min_novelty = 0;
  std::uint64_t memory_limit = 0;  ///< bytes, see PatchCollections; 0: a third of the machine's
  Precision precision = Precision::automatic;
  std::string device = automatic_device;   ///< of the network, see resolve_device()
  IndexKind index = IndexKind::automatic;  ///< that the bank asks for and is calibrated with
  bool store_weights = true;               ///< put the backbone's weights into the bank file
  int threads = 0;                         ///< 0: all processors
};

enum class TrainingStage { collecting, coreset, calibration, writing };

/// What came of it.
struct TrainingReport {
  std::string path;
  std::int64_t frames = 0;           ///< that the bank was made from, also those of earlier runs
  std::int64_t earlier_frames = 0;   ///< of these, those of the bank that was continued
  std::int64_t members = 1;          ///< of the ensemble
  std::int64_t patches = 0;          ///< of the frames, by all members
  std::int64_t bank_patches = 0;     ///< kept, by all members
  std::int64_t dimension = 0;        ///< of a patch; of all members together
  std::int64_t held_out_frames = 0;  ///< that the threshold was computed from
  double threshold = 0;
  double usual_score = 0;
  bool threshold_is_guess = true;  ///< too few held-out frames: say so to the user
  IndexKind index = IndexKind::automatic;
  /// Of an approximate index, where frames were held out; the worst member's.
  std::optional<SearchRecall> recall;
  double seconds = 0;  ///< that building took
  std::string device;  ///< that the network ran on, by its name
};

/// Called on the trainer's own thread.
struct TrainingCallbacks {
  /// @param percent  0 to 100 of the whole build
  std::function<void(TrainingStage stage, int percent, const std::string& text)> progress;
  std::function<void(const TrainingReport&)> done;
  std::function<void(const Error&)> failed;  ///< ErrorCode::cancelled after cancel()
};

/// What has come of the frames that were added.
struct CollectedSoFar {
  std::int64_t frames = 0;   ///< whose patches were collected
  std::int64_t patches = 0;  ///< of these, by all members
  std::int64_t skipped = 0;  ///< frames that were not novel enough
  double coverage = 0;       ///< 0 to 1, see Novelty::coverage()
};

/// Called on the trainer's collecting thread after each frame.
using CollectedCallback = std::function<void(const CollectedSoFar&)>;

/// One training run: add() frames, then start_build() once.
class Trainer {
 public:
  /// Says early, before hours of collecting, whether a bank can be written to @p path.
  /// @throws Error write_failed, not_found
  static void check_destination(const std::string& path);

  /// Loads the weights and checks every setting.
  /// @throws Error
  explicit Trainer(const TrainerOptions& options, CollectedCallback collected = {});
  /// Cancels and waits.
  ~Trainer();

  /// Takes one frame: prepares the network's input from it, of the frame itself nothing is kept.
  /// Its patches are computed and collected on a thread of the trainer's own, in the order of the
  /// frames. A few inputs may wait for that (FrameCollector::queue_size); when they do, this waits
  /// for the first. Frames of one run must all give the same number of patch columns, not the same
  /// size. One thread at a time; not after start_build().
  /// @param cut_out  a part of the frame that is taken instead of the region
  /// @return false if the frame was not taken, see set_flushing()
  /// @throws Error of this frame, or what an earlier one failed with; cancelled after cancel()
  bool add(const ImageView& frame, const std::optional<Rect>& cut_out = {});

  /// Where the network runs, and if that is not what "auto" promises, why.
  const DeviceInUse& device() const;

  /// While set, add() takes no frame and never waits. Any thread.
  void set_flushing(bool flushing);

  std::int64_t added() const;        ///< frames that add() took; any thread
  CollectedSoFar collected() const;  ///< any thread
  bool complete() const;             ///< TrainerOptions::max_frames are there; any thread

  /// Starts coreset, calibration and writing on a thread of the trainer's own and returns at once;
  /// they begin when the frames that were added are collected. Exactly one of callbacks.done and
  /// callbacks.failed is called at its end, the latter also for a frame that could not be
  /// collected.
  /// @throws Error invalid_argument if no frame was added or a build was started already; no_space
  ///         if there can be no more threads, and what was collected stays
  void start_build(const std::string& path, TrainingCallbacks callbacks);

  /// Ends the collecting, and makes a running build fail soon with ErrorCode::cancelled and leave
  /// no file. Any thread.
  void cancel();

  /// Gives the run up: cancels, and returns when neither a build is running nor frames are being
  /// collected. The thread that adds.
  void cancel_and_wait();

  /// Returns when no build is running. Any thread but the trainer's own.
  void wait();

 private:
  struct Private;
  std::unique_ptr<Private> private_;
};

}  // namespace patchcore
