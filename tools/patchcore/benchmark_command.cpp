// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore benchmark`: how long every stage of detection takes on this machine.
#include "tools/patchcore/benchmark_command.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "core/atomic_file.h"
#include "core/bank_file.h"
#include "core/detector.h"
#include "core/error.h"
#include "core/threads.h"
#include "tools/patchcore/coreset_benchmark.h"
#include "tools/patchcore/engine_benchmark.h"
#include "tools/patchcore/pipeline_benchmark.h"
#include "tools/patchcore/setting_names.h"
#include "tools/patchcore/synthetic_bank.h"
#include "tools/patchcore/temporary_folder.h"

namespace patchcore {
namespace {

constexpr int largest_side = 16384;  ///< of a frame, in pixels

struct BenchmarkOptions {
  std::string bank;
  SyntheticBankOptions synthetic;
  int dimension = 0;
  std::string size = "1920x1080";
  int frames = 100;
  int threads = 0;
  std::string json;
  std::string compare;  ///< "plain" or nothing
  Precision precision = Precision::automatic;
  IndexKind index = IndexKind::automatic;
  std::string device = automatic_device;
  bool pipeline = true;
  std::int64_t coreset_patches = 163840;
  int coreset_dimension = 128;
};

/// Of a processor, as /proc/cpuinfo tells it.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

/// All of the text.
bool parse_number(std::string_view text, int& number) {
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && after == end;
}

Size parse_size(const std::string& text) {
  Size size;
  const std::size_t cross = text.find('x');
  const bool two_numbers = cross != std::string::npos &&
                           parse_number({text.data(), cross}, size.width) &&
                           parse_number(std::string_view(text).substr(cross + 1), size.height);
  const auto is_side = [](int side) {
    return side >= smallest_input_side && side <= largest_side && side % 2 == 0;
  };
  if (!two_numbers || !is_side(size.width) || !is_side(size.height)) {
    throw Error(ErrorCode::invalid_argument, "--size is \"" + text +
                                                 "\": give even numbers of pixels from " +
                                                 std::to_string(smallest_input_side) + " to " +
                                                 std::to_string(largest_side) + ", as 1920x1080");
  }
  return size;
}

double milliseconds(double seconds) {
  return 1000 * seconds;
}

void print_engine(const EngineBenchmark& engine) {
  std::printf("%-16s %10s %10s\n", "stage", "median ms", "p95 ms");
  for (const auto& [name, time] : engine.stages) {
    std::printf("%-16s %10.3f %10.3f\n", name.c_str(), milliseconds(time.median),
                milliseconds(time.p95));
  }
  std::printf("engine           %10.1f frames/s\n", engine.frames_per_second);
}

nlohmann::ordered_json times_json(const Measurement& times) {
  return {{"median_ms", milliseconds(times.median)}, {"p95_ms", milliseconds(times.p95)}};
}

nlohmann::ordered_json engine_json(const EngineBenchmark& engine) {
  nlohmann::ordered_json stages;
  for (const auto& [name, times] : engine.stages) stages[name] = times_json(times);
  return {{"stages", stages}, {"frames_per_second", engine.frames_per_second}};
}

void write_json(const std::string& path, const nlohmann::ordered_json& report) {
  const std::string text = report.dump(2) + "\n";
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

/// @return the bank's path, in @p folder
std::string make_bank(const BenchmarkOptions& options, Size frame, int threads,
                      const TemporaryFolder& folder) {
  SyntheticBankOptions synthetic = options.synthetic;
  synthetic.frame = frame;
  synthetic.trainer.threads = threads;
  synthetic.trainer.device = options.device;
  if (options.dimension > 0) {
    synthetic.trainer.pretrain_embed_dimension = options.dimension;
    synthetic.trainer.target_embed_dimension = options.dimension;
  }
  std::string path = folder.path() + "/benchmark.bank";
  write_synthetic_bank(path, synthetic);
  return path;
}

/// How a bank of the caller's is loaded, or the one that was made.
DetectorOptions detector_options(const BenchmarkOptions& benchmark, int threads) {
  DetectorOptions options;
  options.threads = threads;
  options.allow_torchscript = benchmark.synthetic.trainer.backbone.allow_torchscript;
  // The one that was made holds its own.
  if (!benchmark.bank.empty()) options.weights = benchmark.synthetic.trainer.backbone.weights;
  return options;
}

/// The same stages with their plain twins: FAISS's flat search and fp32, on the processor.
EngineBenchmark measure_plain_engine(const BenchmarkOptions& options, const std::string& bank,
                                     Size frame, int threads) {
  DetectorOptions plain = detector_options(options, threads);
  plain.index = IndexKind::faiss_flat;
  plain.precision = Precision::fp32;
  plain.device = "cpu";
  return run_engine_benchmark(Detector(bank, plain), frame, options.frames);
}

void print_ratios(const EngineBenchmark& engine, const EngineBenchmark& plain) {
  std::printf("%-16s %10s %10s\n", "plain twin", "median ms", "ratio");
  for (std::size_t i = 0; i < engine.stages.size(); ++i) {
    const double ratio = plain.stages[i].second.median / engine.stages[i].second.median;
    std::printf("%-16s %10.3f %9.1fx\n", plain.stages[i].first.c_str(),
                milliseconds(plain.stages[i].second.median), ratio);
  }
}

nlohmann::ordered_json measure_recall(const Detector& detector, const std::string& bank, Size frame,
                                      int frames) {
  const SearchRecall recall = run_recall_benchmark(detector, read_bank_file(bank), frame, frames);
  std::printf("%-16s %10.4f recall; error of the score %.4f on average, %.4f at most\n",
              index_name(detector.index()), recall.neighbours, recall.mean_score_error,
              recall.largest_score_error);
  return {{"neighbours", recall.neighbours},
          {"mean_score_error", recall.mean_score_error},
          {"largest_score_error", recall.largest_score_error}};
}

nlohmann::ordered_json measure_engine(const BenchmarkOptions& benchmark, const std::string& bank,
                                      Size frame, int threads) {
  DetectorOptions options = detector_options(benchmark, threads);
  options.precision = benchmark.precision;
  options.index = benchmark.index;
  options.device = benchmark.device;
  const Detector detector(bank, options);
  const BankSummary& summary = detector.bank();
  const DeviceInUse& in_use = detector.device();
  const std::string device = device_name(in_use.device);
  if (!in_use.reason.empty()) {
    std::fprintf(stderr, "patchcore: the GPU cannot be used: %s\n", in_use.reason.c_str());
  }
  std::printf("%s, %d threads, device %s, frames of %dx%d\n%s, bank of %lld x %lld\n",
              processor_name().c_str(), threads, device.c_str(), frame.width, frame.height,
              summary.backbone.c_str(), static_cast<long long>(summary.patches),
              static_cast<long long>(summary.dimension));
  const EngineBenchmark engine = run_engine_benchmark(detector, frame, benchmark.frames);
  print_engine(engine);
  nlohmann::ordered_json report = {{"program_version", PATCHCORE_VERSION},
                                   {"processor", processor_name()},
                                   {"threads", threads},
                                   {"device", device},
                                   {"frame", {{"width", frame.width}, {"height", frame.height}}},
                                   {"backbone", summary.backbone},
                                   {"bank_patches", summary.patches},
                                   {"dimension", summary.dimension},
                                   {"frames", benchmark.frames},
                                   {"engine", engine_json(engine)}};
  report["index"] = index_name(detector.index());
  // Of an ensemble each member has an index of its own.
  if (is_approximate(detector.index()) && summary.members == 1) {
    report["recall"] = measure_recall(detector, bank, frame, benchmark.frames);
  }
  if (benchmark.compare == "plain") {
    const EngineBenchmark plain = measure_plain_engine(benchmark, bank, frame, threads);
    print_ratios(engine, plain);
    report["plain_engine"] = engine_json(plain);
  }
  return report;
}

nlohmann::ordered_json measure_pipeline(const PipelineBenchmarkOptions& options) {
  const PipelineBenchmark pipeline = run_pipeline_benchmark(options);
  std::printf("%-16s %10.3f %10.3f\n", "element", milliseconds(pipeline.element.median),
              milliseconds(pipeline.element.p95));
  std::printf("pipeline         %10.1f frames/s  (%s)\n", pipeline.frames_per_second,
              pipeline.pipeline.c_str());
  return {{"description", pipeline.pipeline},
          {"element", times_json(pipeline.element)},
          {"frames_per_second", pipeline.frames_per_second}};
}

nlohmann::ordered_json measure_coreset(const CoresetBenchmarkOptions& options) {
  const CoresetBenchmark coreset = run_coreset_benchmark(options);
  std::printf("coreset          %10.1f s  (%lld picks of %lld x %d", coreset.seconds,
              static_cast<long long>(coreset.picks), static_cast<long long>(options.patches),
              options.dimension);
  nlohmann::ordered_json report = {{"patches", options.patches},
                                   {"dimension", options.dimension},
                                   {"picks", coreset.picks},
                                   {"seconds", coreset.seconds}};
  if (options.compare_plain) {
    std::printf("; plain %.1f s, %.1fx", coreset.plain_seconds,
                coreset.plain_seconds / coreset.seconds);
    report["plain_seconds"] = coreset.plain_seconds;
  }
  std::printf(")\n");
  return report;
}

void run(const BenchmarkOptions& options) {
  const Size frame = parse_size(options.size);
  const int threads = options.threads > 0 ? options.threads : available_processors();
  // Says before minutes of measuring whether the file can be written.
  if (!options.json.empty()) AtomicFile{options.json};

  std::optional<TemporaryFolder> folder;
  std::string bank = options.bank;
  if (bank.empty()) bank = make_bank(options, frame, threads, folder.emplace());

  nlohmann::ordered_json report = measure_engine(options, bank, frame, threads);
  if (options.pipeline) {
    const DetectorOptions loading = detector_options(options, threads);
    report["pipeline"] =
        measure_pipeline({bank, loading.weights, loading.allow_torchscript, frame, options.frames,
                          threads, options.device, options.precision, options.index});
  }
  if (options.coreset_patches > 0) {
    use_threads(threads);
    report["coreset"] = measure_coreset(
        {options.coreset_patches, options.coreset_dimension, 0.1, options.compare == "plain"});
  }
  if (!options.json.empty()) write_json(options.json, report);
}

}  // namespace

void add_benchmark_command(CLI::App& app) {
  auto options = std::make_shared<BenchmarkOptions>();
  TrainerOptions& trainer = options->synthetic.trainer;
  options->synthetic.patches = 16384;

  CLI::App* command = app.add_subcommand(
      "benchmark",
      "Times every stage of detection on synthetic frames, with a memory bank of yours or one of "
      "the size that you ask for, and the coreset");
  CLI::Option* bank =
      command->add_option("--bank", options->bank, "Memory-bank file (none: one is made)");
  command->add_option("--backbone", trainer.backbone.name, "Backbone of the bank that is made")
      ->capture_default_str()
      ->excludes(bank);
  command->add_option("--weights", trainer.backbone.weights,
                      "Its weights, or those of a bank that holds none (none: searched for)");
  command->add_flag("--allow-torchscript", trainer.backbone.allow_torchscript,
                    "Run a TorchScript file, which is a program, as backbone");
  command->add_option("--patches", options->synthetic.patches, "Number of its patches")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000))
      ->excludes(bank);
  command
      ->add_option("--dimension", options->dimension,
                   "Embedding dimension of its patches (0: the backbone's default)")
      ->check(CLI::Range(0, 65536))
      ->excludes(bank);
  command->add_option("--input-size", trainer.input_size, "As the property of patchcoretrain")
      ->excludes(bank);
  command->add_option("--crop", trainer.crop, "As the property of patchcoretrain")->excludes(bank);
  command->add_option("--size", options->size, "Frame size in pixels, WIDTHxHEIGHT")
      ->capture_default_str();
  command->add_option("--frames", options->frames, "Frames to measure")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--threads", options->threads, "Threads (0: one a processor)")
      ->capture_default_str()
      ->check(CLI::Range(0, max_threads));
  command
      ->add_option("--coreset-patches", options->coreset_patches,
                   "Patches to pick a tenth of for the coreset's time (0: do not measure it)")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}));
  command->add_option("--coreset-dimension", options->coreset_dimension, "Their dimension")
      ->capture_default_str()
      ->check(CLI::Range(1, 65536));
  command
      ->add_option("--compare", options->compare,
                   "plain: time the plain twins, too, and give the ratios")
      ->check(CLI::IsMember({"plain"}));
  add_choice(*command, "--precision", options->precision, precision_names(),
             "As the property of patchcoredetect");
  command->add_option("--device", options->device, "As the property of patchcoredetect")
      ->capture_default_str();
  add_choice(*command, "--index", options->index, index_names(),
             "As the property of patchcoredetect");
  command->add_flag("!--no-pipeline", options->pipeline, "Leave the run of a whole pipeline out");
  command->add_option("--json", options->json, "Write the figures to this file, too");
  command->callback([options] { run(*options); });
}

}  // namespace patchcore
