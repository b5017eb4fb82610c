// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Our side of against_reference.py: one command a line comes in, one line of answer goes out, so
// that the two programs can take turns.
//
// reference_bench FOLDER [THREADS], where FOLDER/inputs.safetensors holds normalized pictures,
// `train` and `frames`, [n, 3, side, side]. Commands:
//
//   bank ROWS                   thins the patches of `train` to FOLDER/bank_ROWS.safetensors:
//   `bank` frames PRECISION ROWS       scores all frames -> SECONDS SCORE, of each search ROWS
//   searches all frames' patches -> SECONDS of each queries ROWS                writes
//   FOLDER/queries.safetensors: `queries` of all frames, `rows`
//                               of their nearest -> the number of queries
//   features ROWS DIMENSION     patches of `train`, projected, to FOLDER/features.safetensors:
//                               `features`
//   coreset ROWS COUNT STARTS   picks among the first of them, STARTS are comma-separated rows
//                               -> SECONDS, then the picks
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/anchor_distances.h"
#include "core/backbone/backbone.h"
#include "core/coreset.h"
#include "core/error.h"
#include "core/greedy_selection.h"
#include "core/nearest_neighbours.h"
#include "core/patch_embedding.h"
#include "core/random_projection.h"
#include "core/scoring.h"
#include "core/threads.h"
#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"

namespace patchcore {
namespace {

constexpr const char* network = "wide_resnet50_2";

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<InputTensor> pictures_of(const StoredTensor& stored) {
  const std::vector<float> values = stored.to_floats();
  const std::size_t length = values.size() / static_cast<std::size_t>(stored.shape.at(0));
  std::vector<InputTensor> pictures;
  for (auto begin = values.begin(); begin != values.end();) {
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    InputTensor picture;
    picture.batch = 1;
    picture.height = static_cast<int>(stored.shape.at(2));
    picture.width = static_cast<int>(stored.shape.at(3));
    picture.values.assign(begin, end);
    pictures.push_back(std::move(picture));
    begin = end;
  }
  return pictures;
}

void append(PatchMatrix& all, const PatchMatrix& patches) {
  all.columns = patches.columns;
  all.rows += patches.rows;
  all.values.insert(all.values.end(), patches.values.begin(), patches.values.end());
}

PatchMatrix first_rows(const PatchMatrix& patches, std::size_t rows) {
  if (rows > patches.rows)
    throw Error(ErrorCode::invalid_argument,
                std::to_string(rows) + " of " + std::to_string(patches.rows) + " patches");
  PatchMatrix first{rows, patches.columns, {}};
  first.values.assign(patches.values.begin(),
                      patches.values.begin() + static_cast<std::ptrdiff_t>(rows * first.columns));
  return first;
}

StoredTensor stored(const PatchMatrix& patches) {
  return StoredTensor::from_floats(
      {static_cast<std::int64_t>(patches.rows), static_cast<std::int64_t>(patches.columns)},
      patches.values.data());
}

/// A memory bank with what searches it.
struct Bank {
  explicit Bank(PatchMatrix values)
      : patches(std::move(values)),
        index(make_nearest_neighbours(patches, IndexKind::automatic)),
        scoring({}, patches, *index) {}

  PatchMatrix patches;
  std::unique_ptr<NearestNeighbours> index;
  Scoring scoring;
};

class Session {
 public:
  explicit Session(std::string folder)
      : folder_(std::move(folder)),
        inputs_(read_safetensors(folder_ + "/inputs.safetensors").tensors),
        description_(describe_backbone(network)),
        embedding_(description_.embedding),
        frames_(pictures_of(require_tensor(inputs_, "frames", folder_))) {
    const TensorTable weights = test::formula_weights(network, description_.default_layers);
    for (const Precision precision : {Precision::fp32, Precision::bf16})
      backbones_[precision] =
          make_backbone(network, description_.default_layers, weights, "formula", precision);
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "bank") return make_bank(read<std::size_t>(words));
    if (command == "frames") {
      const auto precision = read<std::string>(words);
      return score_frames(precision == "bf16" ? Precision::bf16 : Precision::fp32,
                          bank(read<std::size_t>(words)));
    }
    if (command == "search") return search(bank(read<std::size_t>(words)));
    if (command == "queries") return write_queries(bank(read<std::size_t>(words)));
    if (command == "features") {
      const auto rows = read<std::size_t>(words);
      return write_features(rows, read<int>(words));
    }
    if (command == "coreset") {
      const auto rows = read<std::size_t>(words);
      const auto count = read<std::int64_t>(words);
      return pick(rows, count, read<std::string>(words));
    }
    throw Error(ErrorCode::invalid_argument, "there is no command \"" + command + "\"");
  }

 private:
  template <typename Value>
  static Value read(std::istringstream& words) {
    Value value;
    if (!(words >> value))
      throw Error(ErrorCode::invalid_argument, "\"" + words.str() + "\" lacks an argument");
    return value;
  }

  const Bank& bank(std::size_t rows) {
    const auto found = banks_.find(rows);
    if (found == banks_.end())
      throw Error(ErrorCode::not_found, "no bank of " + std::to_string(rows) + " was made");
    return *found->second;
  }

  PatchMatrix frame_patches(const InputTensor& picture) const {
    PatchMatrix patches;
    embedding_.embed(backbones_.at(Precision::fp32)->extract(picture), patches);
    return patches;
  }

  /// The patches of enough pictures for @p rows of them.
  PatchMatrix training_patches(std::size_t rows) const {
    PatchMatrix all;
    for (const InputTensor& picture : pictures_of(require_tensor(inputs_, "train", folder_))) {
      if (all.rows >= rows) break;
      append(all, frame_patches(picture));
    }
    return all;
  }

  std::string make_bank(std::size_t rows) {
    constexpr std::size_t patches_for_one_of_the_bank = 10;
    const PatchMatrix all = training_patches(patches_for_one_of_the_bank * rows);
    CoresetOptions options;
    options.ratio = 1;
    options.max_patches = 0;
    PatchMatrix thinned{0, all.columns, {}};
    for (const std::int64_t row : select_coreset(all, static_cast<std::int64_t>(rows), options)) {
      const float* values = all.row(static_cast<std::size_t>(row));
      thinned.values.insert(thinned.values.end(), values, values + all.columns);
      ++thinned.rows;
    }
    write_safetensors(folder_ + "/bank_" + std::to_string(rows) + ".safetensors",
                      Safetensors{{}, {{"bank", stored(thinned)}}});
    banks_[rows] = std::make_unique<Bank>(std::move(thinned));
    return std::to_string(all.rows);
  }

  /// All that the published _predict() does: from the normalized picture to score and full map.
  std::string score_frames(Precision precision, const Bank& bank) const {
    std::string text;
    PatchMatrix patches;
    Neighbours neighbours;
    for (const InputTensor& picture : frames_) {
      std::vector<double> times = {now()};
      const FeatureMaps features = backbones_.at(precision)->extract(picture);
      times.push_back(now());
      const PatchGrid grid = embedding_.embed(features, patches);
      times.push_back(now());
      bank.scoring.search(patches, neighbours);
      times.push_back(now());
      const FrameScore result = bank.scoring.score_neighbours(patches, grid, neighbours);
      const ScoreMap map = full_anomaly_map(result.map, {picture.width, picture.height});
      times.push_back(now());
      if (map.values.empty()) throw Error(ErrorCode::internal, "the map is empty");
      text += std::to_string(result.score);
      for (std::size_t i = 1; i < times.size(); ++i)
        text += " " + std::to_string(times[i] - times[i - 1]);
      text += " ";
    }
    return text;
  }

  std::string search(const Bank& bank) {
    std::string text;
    Neighbours neighbours;
    for (const InputTensor& picture : frames_) {
      const PatchMatrix queries = frame_patches(picture);
      const double begin = now();
      bank.index->search(queries, 1, neighbours);
      text += std::to_string(now() - begin) + " ";
    }
    return text;
  }

  std::string write_queries(const Bank& bank) const {
    PatchMatrix queries;
    for (const InputTensor& picture : frames_) append(queries, frame_patches(picture));
    Neighbours neighbours;
    bank.index->search(queries, 1, neighbours);
    // Whole numbers of this size are exact in float32.
    const std::vector<float> rows(neighbours.indices.begin(), neighbours.indices.end());
    write_safetensors(
        folder_ + "/queries.safetensors",
        Safetensors{{},
                    {{"queries", stored(queries)},
                     {"rows", StoredTensor::from_floats({static_cast<std::int64_t>(rows.size())},
                                                        rows.data())}}});
    return std::to_string(queries.rows);
  }

  std::string write_features(std::size_t rows, int dimension) {
    features_ = first_rows(project_randomly(training_patches(rows), dimension, 0), rows);
    write_safetensors(folder_ + "/features.safetensors",
                      Safetensors{{}, {{"features", stored(features_)}}});
    return std::to_string(features_.rows);
  }

  std::string pick(std::size_t rows, std::int64_t count, const std::string& starts) const {
    std::vector<std::int64_t> start_rows;
    std::istringstream list(starts);
    for (std::string row; std::getline(list, row, ',');) start_rows.push_back(std::stoll(row));
    const PatchMatrix features = first_rows(features_, rows);
    const double begin = now();
    std::vector<float> bounds = mean_distances(features, start_rows);
    const std::vector<std::int64_t> picks = select_greedily(features, count, bounds);
    std::string text = std::to_string(now() - begin);
    for (const std::int64_t picked : picks) text += " " + std::to_string(picked);
    return text;
  }

  std::string folder_;
  TensorTable inputs_;
  BackboneDescription description_;
  PatchEmbedding embedding_;
  std::vector<InputTensor> frames_;
  std::map<Precision, std::unique_ptr<Backbone>> backbones_;
  std::map<std::size_t, std::unique_ptr<Bank>> banks_;
  PatchMatrix features_;
};

}  // namespace
}  // namespace patchcore

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr,
                 "reference_bench FOLDER [THREADS]; see tests/bench/against_reference.py\n");
    return EXIT_FAILURE;
  }
  try {
    patchcore::use_threads(argc > 2 ? std::atoi(argv[2]) : 0);
    patchcore::Session session(argv[1]);
    for (std::string line; std::getline(std::cin, line);)
      std::cout << session.answer(line) << std::endl;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
