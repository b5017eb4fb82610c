// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The screened search and FAISS's approximate ones against FAISS's flat one, in turns, on features
// of real pictures (or, where there are none, of a generator with a falling spectrum).
//
// nearest_neighbours_bench [ROUNDS [THREADS]]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <opencv2/imgcodecs.hpp>
#include <random>
#include <string>
#include <vector>

#include "core/coreset.h"
#include "core/distances.h"
#include "core/error.h"
#include "core/frame_embedding.h"
#include "core/nearest_neighbours.h"
#include "core/search_recall.h"
#include "core/threads.h"
#include "core/weights/weights_search.h"
#include "tests/support/formula_weights.h"
#include "tests/support/shared_files.h"

namespace patchcore {
namespace {

constexpr std::int64_t bank_patches = 16384;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A bank and the patches of some frames.
struct Features {
  PatchMatrix bank;
  std::vector<PatchMatrix> frames;
};

std::vector<std::string> pictures_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

PatchMatrix embed(const FrameEmbedding& embedding, const std::string& path) {
  const cv::Mat picture = cv::imread(path, cv::IMREAD_COLOR);
  ImageView view;
  view.format = PixelFormat::bgr;
  view.size = {picture.cols, picture.rows};
  view.planes[0] = picture.data;
  view.strides[0] = static_cast<std::ptrdiff_t>(picture.step);
  Workspace workspace;
  embedding.embed(view, workspace);
  return workspace.patches;
}

PatchMatrix thinned(const PatchMatrix& patches) {
  CoresetOptions options;
  options.ratio = 1;
  options.max_patches = bank_patches;
  PatchMatrix bank{0, patches.columns, {}};
  const std::int64_t target = std::min<std::int64_t>(bank_patches, patches.rows);
  for (const std::int64_t row : select_coreset(patches, target, options)) {
    const float* values = patches.row(static_cast<std::size_t>(row));
    bank.values.insert(bank.values.end(), values, values + patches.columns);
    ++bank.rows;
  }
  return bank;
}

Features real_features(const std::string& data, const std::string& name, TensorTable weights,
                       PreprocessOptions preprocess, std::size_t pictures) {
  const BackboneDescription description = describe_backbone(name);
  const FrameEmbedding embedding(preprocess,
                                 make_backbone(name, description.default_layers, weights, name),
                                 description.embedding);
  PatchMatrix all;
  std::vector<std::string> train = pictures_in(data + "/train/good");
  train.resize(std::min(train.size(), pictures));
  for (const std::string& path : train) {
    const PatchMatrix patches = embed(embedding, path);
    all.columns = patches.columns;
    all.rows += patches.rows;
    all.values.insert(all.values.end(), patches.values.begin(), patches.values.end());
  }
  Features features;
  features.bank = thinned(all);
  for (const char* kind : {"good", "scratch_head", "manipulated_front"}) {
    const std::vector<std::string> paths = pictures_in(data + "/test/" + kind);
    for (std::size_t i = 0; i < 2; ++i) features.frames.push_back(embed(embedding, paths[i]));
  }
  return features;
}

/// Clusters, each with a spectrum that falls as that of a network's features does.
Features generated_features(std::size_t columns, std::size_t frame_patches) {
  constexpr std::size_t clusters = 64;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> deviations(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    deviations[i] = 1 / std::sqrt(1 + static_cast<float>(i));
  }
  PatchMatrix centres{clusters, columns, std::vector<float>(clusters * columns)};
  for (std::size_t i = 0; i < centres.values.size(); ++i) {
    centres.values[i] = 2 * deviations[i % columns] * normal(random);
  }
  const auto make = [&](std::size_t rows) {
    PatchMatrix patches{rows, columns, std::vector<float>(rows * columns)};
    for (std::size_t row = 0; row < rows; ++row) {
      const float* centre = centres.row(random() % clusters);
      for (std::size_t i = 0; i < columns; ++i) {
        patches.row(row)[i] = centre[i] + deviations[i] * normal(random);
      }
    }
    return patches;
  };
  Features features;
  features.bank = make(static_cast<std::size_t>(bank_patches));
  for (int frame = 0; frame < 4; ++frame) features.frames.push_back(make(frame_patches));
  return features;
}

/// FAISS finds the nearest by products, whose rounding can prefer one that is not.
bool at_least_as_near(const Neighbours& found, const Neighbours& plain) {
  for (std::size_t i = 0; i < found.distances.size(); ++i) {
    if (found.distances[i] > plain.distances[i]) return false;
  }
  return true;
}

/// The score of a frame as the published code has it.
double score_of(const Neighbours& nearest) {
  return *std::max_element(nearest.distances.begin(), nearest.distances.end());
}

void compare_approximate(const Features& features, int rounds) {
  const auto plain = make_nearest_neighbours_faiss(features.bank);
  for (const IndexKind kind : {IndexKind::faiss_ivfpq, IndexKind::faiss_hnsw}) {
    const double begin = now();
    const auto index = make_nearest_neighbours(features.bank, kind);
    const double built = now();
    RecallMeasurement recall;
    Neighbours expected;
    Neighbours found;
    std::vector<double> plain_times;
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      const PatchMatrix& queries =
          features.frames[static_cast<std::size_t>(round) % features.frames.size()];
      double last = now();
      plain->search(queries, 1, expected);
      plain_times.push_back(now() - last);
      last = now();
      index->search(queries, 1, found);
      times.push_back(now() - last);
      recall.add({found, score_of(found), expected, score_of(expected)});
    }
    const SearchRecall measured = recall.result();
    std::printf(
        "  %-24s %8.2f ms %6.1fx, recall %.4f, score error %.4f mean, %.4f largest, "
        "built in %.1f s\n",
        index_name(kind), 1000 * median(times), median(plain_times) / median(times),
        measured.neighbours, measured.mean_score_error, measured.largest_score_error,
        built - begin);
  }
}

void compare(const std::string& name, const Features& features, int rounds) {
  const double begin = now();
  PrincipalDirections directions = choose_principal_directions(features.bank);
  const double chosen = now();
  const std::size_t count = directions.directions.rows;
  std::printf("%s: bank %zu x %zu, %zu queries; chose %zu directions in %.2f s\n", name.c_str(),
              features.bank.rows, features.bank.columns, features.frames[0].rows, count,
              chosen - begin);
  const auto plain = make_nearest_neighbours_faiss(features.bank);
  std::vector<std::size_t> counts = {8, 16, 24, 32, 48, 64, 96, 128};
  Neighbours expected;
  Neighbours found;
  std::vector<std::unique_ptr<NearestNeighbours>> indices;
  std::vector<std::string> names;
  for (const ScreeningKernel& kernel : screening_kernels()) {
    if (count == 0) break;
    indices.push_back(make_nearest_neighbours_screened(features.bank, directions, kernel));
    names.push_back(std::string(kernel.instruction_set) + ", " + std::to_string(count));
  }
  const PrincipalDirections all =
      principal_directions(features.bank, std::min<std::size_t>(128, features.bank.columns));
  for (const std::size_t other : counts) {
    PrincipalDirections first = all;
    first.directions.rows = std::min(other, all.directions.rows);
    first.directions.values.resize(first.directions.rows * first.directions.columns);
    indices.push_back(make_nearest_neighbours_screened(features.bank, first));
    names.push_back(std::to_string(other));
  }
  std::vector<double> plain_times;
  std::vector<std::vector<double>> times(indices.size());
  for (int round = 0; round < rounds; ++round) {
    const PatchMatrix& queries =
        features.frames[static_cast<std::size_t>(round) % features.frames.size()];
    double last = now();
    plain->search(queries, 1, expected);
    plain_times.push_back(now() - last);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      last = now();
      indices[i]->search(queries, 1, found);
      times[i].push_back(now() - last);
      if (!at_least_as_near(found, expected)) {
        throw Error(ErrorCode::internal, "screened search (" + names[i] + ") missed a neighbour");
      }
    }
  }
  const double plain_median = median(plain_times);
  std::printf("  %-24s %8.2f ms\n", "FAISS flat", 1000 * plain_median);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::printf("  screened (%s)%*s %8.2f ms %6.1fx\n", names[i].c_str(),
                static_cast<int>(std::max<std::size_t>(1, 13 - names[i].size())), "",
                1000 * median(times[i]), plain_median / median(times[i]));
  }
  compare_approximate(features, rounds);
}

void run(int rounds, int threads) {
  use_threads(threads);
  const std::string data = test::shared_file("data/screw");
  if (!data.empty()) {
    const std::string wide = "wide_resnet50_2";
    const std::string lite = "efficientnet_lite0";
    compare("WideResNet-50-2",
            real_features(data, wide,
                          test::formula_weights(wide, describe_backbone(wide).default_layers),
                          describe_backbone(wide).preprocess, 60),
            rounds);
    const std::string weights = find_weights(lite, "", describe_backbone(lite).how_to_get_weights);
    compare(
        "EfficientNet-Lite0",
        real_features(data, lite, read_weights(weights), describe_backbone(lite).preprocess, 60),
        rounds);
  }
  compare("generated", generated_features(1024, 784), rounds);
  compare("generated", generated_features(152, 1024), rounds);
}

}  // namespace
}  // namespace patchcore

int main(int argc, char** argv) {
  try {
    patchcore::run(argc > 1 ? std::atoi(argv[1]) : 15, argc > 2 ? std::atoi(argv[2]) : 0);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
