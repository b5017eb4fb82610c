// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Collects patches of normal frames and makes a memory bank of them.
#include "core/trainer.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <locale>
#include <mutex>
#include <new>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/backbone/precision.h"
#include "core/backbone/torchscript_file.h"
#include "core/bank_appending.h"
#include "core/bank_building.h"
#include "core/bank_file.h"
#include "core/ensemble_scores.h"
#include "core/frame_collector.h"
#include "core/inspection_area.h"
#include "core/novelty.h"
#include "core/number_text.h"
#include "core/patch_collections.h"
#include "core/score_combination.h"
#include "core/thread_start.h"
#include "core/threads.h"
#include "core/training_member.h"

namespace patchcore {
namespace {

// Where each stage begins on the scale of the whole build, in percent; by typical durations.
constexpr int calibration_begins = 60;
constexpr int writing_begins = 95;

/// On the scale of the whole build; below @p end, so that the next stage has a percent to begin
/// with.
/// @param begin,end  as if there were one member
int percent_of_build(int begin, int end, double share, std::size_t member, std::size_t members) {
  const double of_member = begin + (end - 1 - begin) * share;
  const double before = static_cast<double>(writing_begins) * static_cast<double>(member);
  return static_cast<int>((before + of_member) / static_cast<double>(members));
}

/// What an approximate index missed of the held-out frames; nothing of an exact one.
std::string recall_text(const TrainingReport& report) {
  if (!report.recall) return "";
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << std::setprecision(4) << ", " << index_name(report.index) << ": recall "
       << report.recall->neighbours << ", error of the score " << report.recall->mean_score_error
       << " on average, " << report.recall->largest_score_error << " at most";
  return text.str();
}

std::string members_text(std::size_t members) {
  return members == 1 ? "a single bank" : "an ensemble of " + std::to_string(members) + " banks";
}

std::string percent_text(const std::string& what, int percent) {
  return what + ": " + std::to_string(percent) + " %";
}

}  // namespace

std::vector<BackboneOptions> TrainerOptions::members() const {
  std::vector<BackboneOptions> all = {backbone};
  all.insert(all.end(), further_members.begin(), further_members.end());
  return all;
}

void TrainerOptions::set_members(std::vector<BackboneOptions> members) {
  backbone = std::move(members.front());
  members.erase(members.begin());
  further_members = std::move(members);
}

struct Trainer::Private {
  Private(const TrainerOptions& given, CollectedCallback tell_collected) : options(given) {
    options.coreset.validate();
    options.scoring.validate();
    if (!(options.min_novelty >= 0)) {
      throw Error(ErrorCode::invalid_argument, "the smallest novelty of a frame is " +
                                                   number_text(options.min_novelty) +
                                                   ", it must be 0 or more");
    }
    for (const BackboneOptions& member : options.members()) members.emplace_back(member);
    if (is_ensemble() && options.tile_size != 0) {
      throw Error(ErrorCode::invalid_argument,
                  "an ensemble sees frames at once and not in tiles: set no tile-size");
    }
    read_earlier_bank();
    load(given.precision);
    std::vector<std::size_t> earlier_rows;
    Novelty novelty(options.coreset.seed);
    if (earlier) {
      for (const BankFile& bank : earlier->members) earlier_rows.push_back(bank.bank.rows);
      novelty.learn(earlier->members.front().bank);
    }
    collected.emplace(members.size(), options.coreset, options.memory_limit,
                      std::move(earlier_rows));
    std::vector<const FrameEmbedding*> embeddings;
    for (const TrainingMember& member : members) embeddings.push_back(&member.embedding());
    collector = std::make_unique<FrameCollector>(
        std::move(embeddings), *collected, std::move(novelty),
        FrameCollector::Options{area, options.threads, options.max_frames, options.min_novelty},
        std::move(tell_collected));
  }

  bool is_ensemble() const { return members.size() > 1; }
  void read_earlier_bank();
  void require_same_settings() const;
  void load(Precision asked);
  std::unique_ptr<BackboneSource> find_source(std::size_t member);
  void resolve_area();
  Precision precision_on(const Device& device, Precision asked, std::size_t member) const;
  BankFile make_bank(std::size_t member, TrainingPatches training,
                     const BuildingProgress& progress);
  BankEnsemble make_ensemble(
      const std::function<BuildingProgress(std::size_t member)>& progress_of);
  TrainingReport report_of(const BankEnsemble& ensemble) const;

  void stop_if_cancelled() const {
    if (cancelled) throw Error(ErrorCode::cancelled, "the building of the bank was cancelled");
  }
  void build(const std::string& path, const TrainingCallbacks& callbacks);
  void fail(const TrainingCallbacks& callbacks, const Error& error);
  TrainingReport build_and_write(const std::string& path, const TrainingCallbacks& callbacks);

  TrainerOptions options;
  InspectionArea area;
  std::vector<TrainingMember> members;  // one: a single bank
  std::optional<BankEnsemble> earlier;  // that is continued; of the build's thread at last
  DeviceInUse in_use;

  // Of the collector until it has finished; of the build's thread from then on.
  std::optional<PatchCollections> collected;
  std::unique_ptr<FrameCollector> collector;

  std::atomic<bool> build_started{false};
  std::atomic<bool> cancelled{false};

  std::mutex builder_mutex;
  std::thread builder;  // guarded by builder_mutex
};

/// Nothing where there is no file: the first run of a series makes it. Where the weights are not
/// needed to know the settings, they are compared before any are looked for.
void Trainer::Private::read_earlier_bank() {
  const std::string& path = options.append_to;
  std::error_code unknown;
  if (path.empty() || (!std::filesystem::exists(path, unknown) && !unknown)) return;
  earlier = read_bank_ensemble(path);
  if (earlier->members.size() != members.size()) {
    throw Error(ErrorCode::invalid_argument,
                "memory bank \"" + path + "\" is " + members_text(earlier->members.size()) +
                    ", and cannot be continued as " + members_text(members.size()) +
                    ": set the same backbones and layers, or train a new bank");
  }
  for (const TrainingMember& member : members) {
    if (is_torchscript_name(member.backbone().name)) return;
  }
  for (TrainingMember& member : members) {
    member.resolve(describe_backbone(member.backbone().name), options);
    member.take_geometry_of(members.front());
  }
  resolve_area();
  require_same_settings();
}

/// Save for the weights.
void Trainer::Private::require_same_settings() const {
  for (std::size_t i = 0; i < members.size(); ++i) {
    patchcore::require_same_settings(earlier->members[i], members[i].settings(options, area),
                                     options.append_to);
  }
}

void Trainer::Private::load(Precision asked) {
  std::vector<std::unique_ptr<BackboneSource>> sources;
  for (std::size_t i = 0; i < members.size(); ++i) {
    sources.push_back(find_source(i));
    members[i].resolve(sources.back()->description(), options);
    members[i].take_geometry_of(members.front());
  }
  resolve_area();
  in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i].load(*sources[i], device, precision_on(device, asked, i));
    }
  });
  for (std::size_t i = 0; i < members.size(); ++i) members[i].take_weights(*sources[i]);
  if (!earlier) return;
  require_same_settings();
  for (std::size_t i = 0; i < members.size(); ++i) {
    require_same_weights(earlier->members[i], members[i].weights_sha256(), options.append_to);
  }
}

/// Where the network comes from: the file that was named, the bank that is continued, or the file
/// that is found.
std::unique_ptr<BackboneSource> Trainer::Private::find_source(std::size_t member) {
  const BackboneOptions& backbone = members[member].backbone();
  if (!earlier || earlier->members[member].backbone_weights.empty() || !backbone.weights.empty() ||
      is_torchscript_name(backbone.name)) {
    return find_backbone(backbone);
  }
  BankFile& bank = earlier->members[member];
  return find_bank_backbone(
      {bank.backbone, bank.layers, std::move(bank.backbone_weights), bank.weights_sha256},
      options.append_to, "", false);
}

/// That of the bank that is continued, unless the run says something else.
void Trainer::Private::resolve_area() {
  area = apply_override(earlier ? earlier->members.front().area : InspectionArea{},
                        read_inspection_override(options.region, options.mask));
}

/// What would be chosen by default gives way to what the bank was begun with, where the device has
/// it.
Precision Trainer::Private::precision_on(const Device& device, Precision asked,
                                         std::size_t member) const {
  const Precision usual = training_precision(asked, device);
  if (!earlier || asked != Precision::automatic) return usual;
  const Precision begun_with = earlier->members[member].precision;
  const bool impossible = begun_with == Precision::fp16 && device.kind == DeviceKind::cpu;
  return impossible ? usual : begun_with;
}

void Trainer::check_destination(const std::string& path) {
  check_bank_path_writable(path);
}

Trainer::Trainer(const TrainerOptions& options, CollectedCallback collected) {
  use_threads(options.threads);
  private_ = std::make_unique<Private>(options, std::move(collected));
}

Trainer::~Trainer() {
  cancel();
  wait();
}

bool Trainer::add(const ImageView& frame, const std::optional<Rect>& cut_out) {
  return private_->collector->add(frame, cut_out);
}

void Trainer::set_flushing(bool flushing) {
  private_->collector->set_flushing(flushing);
}

std::int64_t Trainer::added() const {
  return private_->collector->added();
}

const DeviceInUse& Trainer::device() const {
  return private_->in_use;
}

CollectedSoFar Trainer::collected() const {
  return private_->collector->collected();
}

bool Trainer::complete() const {
  return private_->collector->complete();
}

void Trainer::start_build(const std::string& path, TrainingCallbacks callbacks) {
  if (added() == 0) {
    throw Error(
        ErrorCode::invalid_argument,
        "no frame was collected, so there is nothing to make a memory bank of: check that "
        "the source sends frames, and the settings interval, max-frames and region-from-meta");
  }
  if (private_->build_started.exchange(true)) {
    throw Error(ErrorCode::invalid_argument, "the memory bank is being built already");
  }
  const std::lock_guard<std::mutex> lock(private_->builder_mutex);
  try {
    private_->builder =
        start_thread("to build the memory bank",
                     [self = private_.get(), path, callbacks = std::move(callbacks)] {
                       self->build(path, callbacks);
                     });
  } catch (const Error&) {
    private_->build_started = false;
    throw;
  }
}

void Trainer::cancel() {
  private_->cancelled = true;
  private_->collector->cancel();
}

void Trainer::cancel_and_wait() {
  cancel();
  wait();
  private_->collector->wait();
}

void Trainer::wait() {
  const std::lock_guard<std::mutex> lock(private_->builder_mutex);
  if (private_->builder.joinable()) private_->builder.join();
}

void Trainer::Private::build(const std::string& path, const TrainingCallbacks& callbacks) {
  try {
    const TrainingReport report = build_and_write(path, callbacks);
    if (callbacks.done) callbacks.done(report);
  } catch (const Error& error) {
    fail(callbacks, error);
  } catch (const std::bad_alloc&) {
    fail(callbacks,
         Error(ErrorCode::no_space, "no memory left to build the bank: collect fewer frames"));
  } catch (const std::exception& error) {
    fail(callbacks, Error(ErrorCode::internal, error.what()));
  }
}

/// Nothing comes of what was collected, and the trainer may live on for long.
void Trainer::Private::fail(const TrainingCallbacks& callbacks, const Error& error) {
  for (std::size_t i = 0; i < members.size(); ++i) collected->take(i);
  earlier.reset();
  if (callbacks.failed) callbacks.failed(error);
}

TrainingReport Trainer::Private::build_and_write(const std::string& path,
                                                 const TrainingCallbacks& callbacks) {
  const auto begin = std::chrono::steady_clock::now();
  use_threads(options.threads);

  int last_percent = -1;
  const auto tell = [&](TrainingStage stage, int percent, const std::string& text) {
    stop_if_cancelled();
    if (percent == last_percent || !callbacks.progress) return;
    last_percent = percent;
    callbacks.progress(stage, percent, text);
  };
  const auto progress_of = [&](std::size_t member) {
    return [&, member](BuildingStep step, double share) {
      const bool is_coreset = step == BuildingStep::coreset;
      const std::string of_member =
          is_ensemble() ? " " + std::to_string(member + 1) + " of " + std::to_string(members.size())
                        : "";
      tell(is_coreset ? TrainingStage::coreset : TrainingStage::calibration,
           percent_of_build(is_coreset ? 0 : calibration_begins,
                            is_coreset ? calibration_begins : writing_begins, share, member,
                            members.size()),
           percent_text((is_coreset ? "coreset" : "calibration") + of_member,
                        static_cast<int>(100 * share)));
    };
  };

  collector->finish();
  const std::int64_t earlier_frames = earlier ? earlier->members.front().frames : 0;
  // Only an earlier bank can cover the first frame.
  const bool nothing_new = collector->collected().frames == 0;
  BankEnsemble ensemble;
  if (nothing_new) {
    ensemble = std::move(*earlier);
  } else {
    ensemble = is_ensemble() ? make_ensemble(progress_of)
                             : BankEnsemble::of(make_bank(0, collected->take(0), progress_of(0)));
  }
  if (options.store_weights) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      ensemble.members[i].backbone_weights = members[i].release_weights();
    }
  }
  TrainingReport report = report_of(ensemble);
  std::string text = "nothing new to add to " + path;
  if (!nothing_new || path != options.append_to) {
    tell(TrainingStage::writing, writing_begins, "writing " + path);
    write_bank_ensemble(path, ensemble, [this] { stop_if_cancelled(); });
    text = "wrote " + path + recall_text(report);
  }
  // Not through tell(): once the file is there, it is too late to cancel.
  if (callbacks.progress) callbacks.progress(TrainingStage::writing, 100, text);

  report.path = path;
  report.earlier_frames = earlier_frames;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

/// Everything but the weights, from the frames that were collected and the earlier bank.
BankFile Trainer::Private::make_bank(std::size_t member, TrainingPatches training,
                                     const BuildingProgress& progress) {
  BankFile file = members[member].settings(options, area);
  file.frames = collector->collected().frames;
  file.patches = training.patches;
  file.thinned = training.thinned;
  EarlierBank continued;
  if (earlier) {
    BankFile& bank = earlier->members[member];
    file.frames += bank.frames;
    file.patches += bank.patches;
    file.thinned = file.thinned || bank.thinned;
    const std::int64_t patches = collected_patches(bank, options.coreset);
    continued = {std::move(bank.bank), patches, {}, {}};
    if (bank.calibration.of_frames) {
      continued.scores = std::move(bank.calibration.scores);
      continued.held_out = std::move(bank.held_out);
    }
    bank = {};
  }
  return members[member].make_bank(std::move(file), std::move(training), std::move(continued),
                                   progress);
}

/// Everything but the weights: each member's bank, one after the other, and the calibration of all
/// together from the frames that all of them held out, and from those of the earlier ensemble.
BankEnsemble Trainer::Private::make_ensemble(
    const std::function<BuildingProgress(std::size_t member)>& progress_of) {
  BankEnsemble ensemble;
  const bool has_earlier_scores = earlier && earlier->calibration.of_frames;
  std::optional<EnsembleScores> earlier_scores;
  if (has_earlier_scores) earlier_scores.emplace(*earlier);
  HeldOutScores scores;
  for (std::size_t i = 0; i < members.size(); ++i) {
    TrainingPatches training = collected->take(i);
    std::vector<std::int64_t> frames = training.held_out.frames;
    std::size_t earlier_frames = 0;
    if (has_earlier_scores && earlier->members[i].calibration.of_frames) {
      earlier_frames = earlier->members[i].calibration.scores.size();
    }
    ensemble.members.push_back(make_bank(i, std::move(training), progress_of(i)));
    const BankFile& made = ensemble.members.back();
    if (earlier_frames > 0) {
      const auto begin = made.calibration.scores.begin();
      earlier_scores->update_member(i,
                                    {begin, begin + static_cast<std::ptrdiff_t>(earlier_frames)});
    }
    // Of a single frame there is no score, a distance within it stands in.
    if (frames.empty() && !has_earlier_scores) frames.push_back(0);
    scores.add(frames, made.calibration, rounding_score(made.bank, made.scoring));
  }
  ensemble.calibration = scores.calibrate_ensemble([&](const ScoreCombination& combination) {
    return earlier_scores ? earlier_scores->combined_by(combination) : std::vector<float>();
  });
  return ensemble;
}

/// What a bank or an ensemble says of itself.
TrainingReport Trainer::Private::report_of(const BankEnsemble& ensemble) const {
  const BankFile& first = ensemble.members.front();
  TrainingReport report;
  report.members = static_cast<std::int64_t>(ensemble.members.size());
  report.frames = first.frames;
  for (const BankFile& member : ensemble.members) {
    report.patches += member.patches;
    report.bank_patches += static_cast<std::int64_t>(member.bank.rows);
    report.dimension += static_cast<std::int64_t>(member.bank.columns);
    report.recall = worse_recall(report.recall, member.recall);
  }
  report.held_out_frames = ensemble.calibration.of_frames
                               ? static_cast<std::int64_t>(ensemble.calibration.scores.size())
                               : 0;
  report.threshold = ensemble.calibration.threshold;
  report.usual_score = ensemble.calibration.usual_score;
  report.threshold_is_guess = ensemble.calibration.is_guess;
  report.device = device_name(in_use.device);
  report.index = first.index;
  return report;
}

}  // namespace patchcore
