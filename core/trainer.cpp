// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Collects patches of normal frames and makes a memory bank of them.
#include "core/trainer.h"

#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <iomanip>
#include <locale>
#include <mutex>
#include <new>
#include <sstream>
#include <thread>
#include <utility>

#include "core/backbone/backbone_source.h"
#include "core/backbone/precision.h"
#include "core/bank_building.h"
#include "core/bank_file.h"
#include "core/frame_collector.h"
#include "core/frame_embedding.h"
#include "core/input_settings.h"
#include "core/inspection_area.h"
#include "core/nearest_neighbours.h"
#include "core/patch_collection.h"
#include "core/scoring.h"
#include "core/self_test.h"
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

std::string now_iso8601() {
  const std::time_t now = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
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

std::string percent_text(const std::string& what, int percent) {
  return what + ": " + std::to_string(percent) + " %";
}

}  // namespace

struct Trainer::Private {
  Private(const TrainerOptions& given, CollectedCallback tell_collected)
      : options(given), collected(given.coreset, given.memory_limit) {
    options.coreset.validate();
    options.scoring.validate();
    const std::unique_ptr<BackboneSource> backbone = find_backbone(options.backbone);
    const BackboneDescription& description = backbone->description();
    options.backbone.name = description.name;
    preprocess = apply_input_settings(description.preprocess, options.input_size, options.crop);
    area = apply_override({}, read_inspection_override(options.region, options.mask));
    embedding_options = resolve_embedding(description.embedding, options);
    in_use = load_on_device(options.device, device_support(), [&](const Device& device) {
      options.precision =
          backbone->resolve_precision(training_precision(given.precision, device), device);
      std::unique_ptr<Backbone> network = backbone->make(options.precision, device, preprocess);
      options.backbone.layers = network->layers();
      embedding =
          std::make_unique<FrameEmbedding>(preprocess, std::move(network), embedding_options);
    });
    weights_sha256 = backbone->sha256();
    weights = backbone->take_weights();
    collector = std::make_unique<FrameCollector>(*embedding, area, collected, options.threads,
                                                 std::move(tell_collected));
  }

  void stop_if_cancelled() const {
    if (cancelled) throw Error(ErrorCode::cancelled, "the building of the bank was cancelled");
  }
  void build(const std::string& path, const TrainingCallbacks& callbacks);
  TrainingReport build_and_write(const std::string& path, const TrainingCallbacks& callbacks);

  TrainerOptions options;  // with the backbone's own name and its default layers filled in
  PreprocessOptions preprocess;
  InspectionArea area;
  PatchEmbeddingOptions embedding_options;
  std::string weights_sha256;
  TensorTable weights;  // none of a TorchScript file
  DeviceInUse in_use;
  std::unique_ptr<FrameEmbedding> embedding;

  // Of the collector until it has finished; of the build's thread from then on.
  PatchCollection collected;
  std::unique_ptr<FrameCollector> collector;

  std::atomic<bool> build_started{false};
  std::atomic<bool> cancelled{false};

  std::mutex builder_mutex;
  std::thread builder;  // guarded by builder_mutex
};

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

std::int64_t Trainer::frames() const {
  return private_->collector->frames();
}

std::int64_t Trainer::patches() const {
  return private_->collector->patches();
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
    return;
  } catch (const Error& error) {
    if (callbacks.failed) callbacks.failed(error);
  } catch (const std::bad_alloc&) {
    if (callbacks.failed) {
      callbacks.failed(
          Error(ErrorCode::no_space, "no memory left to build the bank: collect fewer frames"));
    }
  } catch (const std::exception& error) {
    if (callbacks.failed) callbacks.failed(Error(ErrorCode::internal, error.what()));
  }
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
  BankFile file;
  file.frames = collector->frames();
  file.patches = collector->patches();
  TrainingPatches training = collected.take();
  file.thinned = training.thinned;
  building(BuildingStep::coreset, 0);
  BuiltBank built =
      build_bank(std::move(training), options.coreset, options.scoring, options.index, building);
  tell(TrainingStage::writing, writing_begins, "writing " + path);

  file.backbone = options.backbone.name;
  file.layers = options.backbone.layers;
  file.precision = options.precision;
  file.weights_sha256 = weights_sha256;
  file.preprocess = preprocess;
  file.area = area;
  file.embedding = embedding_options;
  file.coreset = options.coreset;
  file.scoring = options.scoring;
  file.calibration = std::move(built.calibration);
  file.index = options.index;
  file.recall = built.recall;
  file.created = now_iso8601();
  file.program_version = PATCHCORE_VERSION;
  file.bank = std::move(built.bank);
  if (options.store_weights) file.backbone_weights = std::move(weights);
  {
    // By exact search whatever the bank asks for: the self-test is for the rest.
    file.search = choose_principal_directions(file.bank);
    const auto index = make_nearest_neighbours(file.bank, IndexKind::automatic, file.search);
    file.self_test = make_self_test(*embedding, Scoring(file.scoring, file.bank, *index));
  }
  stop_if_cancelled();
  write_bank_file(path, file, [this] { stop_if_cancelled(); });
  // Not through tell(): once the file is there, it is too late to cancel.
  if (callbacks.progress) {
    callbacks.progress(TrainingStage::writing, 100, "wrote " + path + recall_text(file));
  }

  TrainingReport report;
  report.path = path;
  report.frames = file.frames;
  report.patches = file.patches;
  report.bank_patches = static_cast<std::int64_t>(file.bank.rows);
  report.dimension = static_cast<std::int64_t>(file.bank.columns);
  report.held_out_frames =
      file.frames > 1 ? static_cast<std::int64_t>(file.calibration.scores.size()) : 0;
  report.threshold = file.calibration.threshold;
  report.usual_score = file.calibration.usual_score;
  report.threshold_is_guess = file.calibration.is_guess;
  report.device = device_name(in_use.device);
  report.index = file.index;
  report.recall = file.recall;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace patchcore
