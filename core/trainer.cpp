// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Collects patches of normal frames and makes a memory bank of them.
#include "core/trainer.h"

#include <atomic>
#include <chrono>
#include <cmath>
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
#include "core/bank_completion.h"
#include "core/bank_file.h"
#include "core/frame_collector.h"
#include "core/frame_embedding.h"
#include "core/input_settings.h"
#include "core/inspection_area.h"
#include "core/novelty.h"
#include "core/patch_collection.h"
#include "core/threads.h"

namespace patchcore {
namespace {

// Where each stage begins on the scale of the whole build, in percent; by typical durations.
constexpr int calibration_begins = 60;
constexpr int writing_begins = 95;

PatchEmbeddingOptions resolve_embedding(PatchEmbeddingOptions defaults,
                                        const TrainerOptions& options) {
  defaults.patch_size = options.patch_size.value_or(defaults.patch_size);
  defaults.pretrain_embed_dimension =
      options.pretrain_embed_dimension.value_or(defaults.pretrain_embed_dimension);
  defaults.target_embed_dimension =
      options.target_embed_dimension.value_or(defaults.target_embed_dimension);
  defaults.validate();
  return defaults;
}

/// On the scale of the whole build; below @p end, so that the next stage has a percent to begin
/// with.
int percent_of_build(int begin, int end, double share) {
  return begin + static_cast<int>((end - 1 - begin) * share);
}

/// What an approximate index missed of the held-out frames; nothing of an exact one.
std::string recall_text(const BankFile& file) {
  if (!file.recall) return "";
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << std::setprecision(4) << ", " << index_name(file.index) << ": recall "
       << file.recall->neighbours << ", error of the score " << file.recall->mean_score_error
       << " on average, " << file.recall->largest_score_error << " at most";
  return text.str();
}

/// What a bank was made from; one that was imported does not say, and was thinned as this run is.
std::int64_t patches_of(const BankFile& bank, const CoresetOptions& coreset) {
  if (bank.frames > 0) return bank.patches;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(bank.bank.rows) / coreset.ratio));
}

std::string percent_text(const std::string& what, int percent) {
  return what + ": " + std::to_string(percent) + " %";
}

}  // namespace

struct Trainer::Private {
  Private(const TrainerOptions& given, CollectedCallback tell_collected) : options(given) {
    options.coreset.validate();
    options.scoring.validate();
    if (!(options.min_novelty >= 0)) {
      throw Error(ErrorCode::invalid_argument, "the smallest novelty of a frame is " +
                                                   std::to_string(options.min_novelty) +
                                                   ", it must be 0 or more");
    }
    read_earlier_bank();
    const std::unique_ptr<BackboneSource> backbone = find_source();
    resolve_settings(backbone->description());
    in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
      options.precision =
          backbone->resolve_precision(precision_on(device, given.precision), device);
      std::unique_ptr<Backbone> network = backbone->make(options.precision, device, preprocess);
      options.backbone.layers = network->layers();
      embedding =
          std::make_unique<FrameEmbedding>(preprocess, std::move(network), embedding_options);
    });
    weights_sha256 = backbone->sha256();
    weights = backbone->take_weights();
    if (earlier) {
      require_same_settings(*earlier, settings_of_run(), options.append_to);
      require_same_weights(*earlier, weights_sha256, options.append_to);
    }
    collected.emplace(options.coreset, options.memory_limit, earlier ? earlier->bank.rows : 0);
    Novelty novelty(options.coreset.seed);
    if (earlier) novelty.learn(earlier->bank);
    collector = std::make_unique<FrameCollector>(
        *embedding, *collected, std::move(novelty),
        FrameCollector::Options{area, options.threads, options.max_frames, options.min_novelty},
        std::move(tell_collected));
  }

  void read_earlier_bank();
  std::unique_ptr<BackboneSource> find_source();
  void resolve_settings(const BackboneDescription& description);
  Precision precision_on(const Device& device, Precision asked) const;
  BankFile settings_of_run() const;
  BankFile make_bank(const BuildingProgress& progress);
  TrainingReport report_of(const BankFile& file) const;

  void stop_if_cancelled() const {
    if (cancelled) throw Error(ErrorCode::cancelled, "the building of the bank was cancelled");
  }
  void build(const std::string& path, const TrainingCallbacks& callbacks);
  void fail(const TrainingCallbacks& callbacks, const Error& error);
  TrainingReport build_and_write(const std::string& path, const TrainingCallbacks& callbacks);

  TrainerOptions options;  // with the backbone's own name and its default layers filled in
  PreprocessOptions preprocess;
  InspectionArea area;
  PatchEmbeddingOptions embedding_options;
  std::string weights_sha256;
  TensorTable weights;              // none of a TorchScript file
  std::optional<BankFile> earlier;  // that is continued; of the build's thread at last
  DeviceInUse in_use;
  std::unique_ptr<FrameEmbedding> embedding;

  // Of the collector until it has finished; of the build's thread from then on.
  std::optional<PatchCollection> collected;
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
  earlier = read_bank_file(path);
  if (is_torchscript_name(options.backbone.name)) return;
  resolve_settings(describe_backbone(options.backbone.name));
  require_same_settings(*earlier, settings_of_run(), path);
}

/// Where the network comes from: the file that was named, the bank that is continued, or the file
/// that is found.
std::unique_ptr<BackboneSource> Trainer::Private::find_source() {
  if (!earlier || earlier->backbone_weights.empty() || !options.backbone.weights.empty() ||
      is_torchscript_name(options.backbone.name)) {
    return find_backbone(options.backbone);
  }
  return find_bank_backbone({earlier->backbone, earlier->layers,
                             std::move(earlier->backbone_weights), earlier->weights_sha256},
                            options.append_to, "", false);
}

/// Fills in what was left to the backbone, or to the bank that is continued.
void Trainer::Private::resolve_settings(const BackboneDescription& description) {
  options.backbone.name = description.name;
  if (options.backbone.layers.empty()) options.backbone.layers = description.default_layers;
  preprocess =
      apply_input_settings(description.preprocess, options.input_size,
                           options.tile_size != 0 && options.crop.empty() ? "none" : options.crop);
  preprocess.tile_size = options.tile_size;
  preprocess.tile_overlap = options.tile_overlap;
  preprocess.validate();
  area = apply_override(earlier ? earlier->area : InspectionArea{},
                        read_inspection_override(options.region, options.mask));
  embedding_options = resolve_embedding(description.embedding, options);
}

/// What would be chosen by default gives way to what the bank was begun with, where the device has
/// it.
Precision Trainer::Private::precision_on(const Device& device, Precision asked) const {
  const Precision usual = training_precision(asked, device);
  if (!earlier || asked != Precision::automatic) return usual;
  const bool impossible = earlier->precision == Precision::fp16 && device.kind == DeviceKind::cpu;
  return impossible ? usual : earlier->precision;
}

/// What a bank says of how it was made, as far as that is known before; without the weights'
/// checksum.
BankFile Trainer::Private::settings_of_run() const {
  BankFile file;
  file.backbone = options.backbone.name;
  file.layers = options.backbone.layers;
  file.precision = options.precision;
  file.preprocess = preprocess;
  file.area = area;
  file.embedding = embedding_options;
  file.coreset = options.coreset;
  file.scoring = options.scoring;
  file.index = options.index;
  return file;
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
    throw Error(ErrorCode::invalid_argument,
                "no frame was collected, so there is nothing to make a memory bank of: check that "
                "the source sends frames, and the settings interval and max-frames");
  }
  if (private_->build_started.exchange(true)) {
    throw Error(ErrorCode::invalid_argument, "the memory bank is being built already");
  }
  const std::lock_guard<std::mutex> lock(private_->builder_mutex);
  private_->builder = std::thread([self = private_.get(), path, callbacks = std::move(callbacks)] {
    self->build(path, callbacks);
  });
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
  collected->take();
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
  const auto building = [&](BuildingStep step, double share) {
    const int stage_percent = static_cast<int>(100 * share);
    if (step == BuildingStep::coreset) {
      tell(TrainingStage::coreset, percent_of_build(0, calibration_begins, share),
           percent_text("coreset", stage_percent));
    } else {
      tell(TrainingStage::calibration, percent_of_build(calibration_begins, writing_begins, share),
           percent_text("calibration", stage_percent));
    }
  };

  collector->finish();
  const std::int64_t earlier_frames = earlier ? earlier->frames : 0;
  // Only an earlier bank can cover the first frame.
  const bool nothing_new = collector->collected().frames == 0;
  BankFile file = nothing_new ? std::move(*earlier) : make_bank(building);
  if (options.store_weights) file.backbone_weights = std::move(weights);
  std::string text = "nothing new to add to " + path;
  if (!nothing_new || path != options.append_to) {
    tell(TrainingStage::writing, writing_begins, "writing " + path);
    write_bank_file(path, file, [this] { stop_if_cancelled(); });
    text = "wrote " + path + recall_text(file);
  }
  // Not through tell(): once the file is there, it is too late to cancel.
  if (callbacks.progress) callbacks.progress(TrainingStage::writing, 100, text);

  TrainingReport report = report_of(file);
  report.path = path;
  report.earlier_frames = earlier_frames;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

/// Everything but the weights, from the frames that were collected and the earlier bank.
BankFile Trainer::Private::make_bank(const BuildingProgress& progress) {
  BankFile file = settings_of_run();
  file.frames = collector->collected().frames;
  file.patches = collector->collected().patches;
  TrainingPatches training = collected->take();
  file.thinned = training.thinned;
  EarlierBank continued;
  if (earlier) {
    file.frames += earlier->frames;
    file.patches += earlier->patches;
    file.thinned = file.thinned || earlier->thinned;
    continued = {std::move(earlier->bank), patches_of(*earlier, options.coreset), {}};
    // Of a single frame there is no score, a distance within it stood in.
    if (earlier->frames > 1) continued.scores = std::move(earlier->calibration.scores);
    earlier.reset();
  }
  progress(BuildingStep::coreset, 0);
  BuiltBank built = build_bank(std::move(training), options.coreset, options.scoring, options.index,
                               progress, std::move(continued));
  file.calibration = std::move(built.calibration);
  file.recall = built.recall;
  file.bank = std::move(built.bank);
  file.weights_sha256 = weights_sha256;
  progress(BuildingStep::calibration, 1);
  complete_bank(file, *embedding);
  return file;
}

/// What a bank says of itself.
TrainingReport Trainer::Private::report_of(const BankFile& file) const {
  TrainingReport report;
  report.frames = file.frames;
  report.patches = file.patches;
  report.bank_patches = static_cast<std::int64_t>(file.bank.rows);
  report.dimension = static_cast<std::int64_t>(file.bank.columns);
  // Of a single frame there is no score, a distance within it stood in.
  report.held_out_frames =
      file.frames > 1 ? static_cast<std::int64_t>(file.calibration.scores.size()) : 0;
  report.threshold = file.calibration.threshold;
  report.usual_score = file.calibration.usual_score;
  report.threshold_is_guess = file.calibration.is_guess;
  report.device = device_name(in_use.device);
  report.index = file.index;
  report.recall = file.recall;
  return report;
}

}  // namespace patchcore
