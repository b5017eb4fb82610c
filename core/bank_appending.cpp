// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Whether the patches of a new training run may join an existing bank.
#include "core/bank_appending.h"

#include <array>
#include <optional>
#include <vector>

#include "core/ensemble_settings.h"
#include "core/error.h"
#include "core/inspection_mask.h"
#include "core/number_text.h"

namespace patchcore {
namespace {

std::string text(const std::string& value) {
  return "\"" + value + "\"";
}

std::string text(int value) {
  return std::to_string(value);
}

std::string text(double value) {
  return number_text(value);
}

std::string text(const std::vector<std::string>& values) {
  return text(join_layers(values));
}

std::string text(const std::array<float, 3>& values) {
  return text(values[0]) + " " + text(values[1]) + " " + text(values[2]);
}

std::string text(Size size) {
  return size_text(size);
}

std::string text(const std::optional<Size>& size) {
  return size ? text(*size) : "none";
}

std::string text(Precision precision) {
  return precision_name(precision);
}

std::string text(IndexKind kind) {
  return index_name(kind);
}

std::string text(ScoreMode mode) {
  return score_mode_name(mode);
}

std::string text(ImageScore score) {
  return image_score_name(score);
}

std::string text(ResizeMode mode) {
  switch (mode) {
    case ResizeMode::area:
      return "to an area";
    case ResizeMode::exact:
      return "to an exact size";
    case ResizeMode::shorter_side:
      break;
  }
  return "of the shorter side";
}

std::string text(const InspectionRegion& region) {
  return is_whole_frame(region) ? "none" : format_inspection_region(region);
}

std::string text(const InspectionMaskPointer& mask) {
  return mask == nullptr ? "none" : "a picture of " + text(mask->size());
}

/// Settings that are not the same, for one message.
class Differences {
 public:
  /// @param setting  as a person would call it
  template <typename Value>
  void compare(const char* setting, const Value& existing, const Value& wanted) {
    if (!(existing == wanted)) add(setting, text(existing), text(wanted));
  }

  void add(const char* setting, const std::string& existing, const std::string& wanted) {
    list_ += (list_.empty() ? "" : "; ") + std::string(setting) + ": " + existing + " there, " +
             wanted + " here";
  }

  /// @throws Error invalid_argument if there are any
  void refuse(const std::string& path) const {
    if (list_.empty()) return;
    throw Error(ErrorCode::invalid_argument, "memory bank \"" + path +
                                                 "\" cannot be continued with other settings (" +
                                                 list_ + "): set the same, or train a new bank");
  }

 private:
  std::string list_;
};

void compare_preprocessing(const PreprocessOptions& existing, const PreprocessOptions& wanted,
                           Differences& differences) {
  differences.compare("resizing", existing.mode, wanted.mode);
  if (existing.mode == wanted.mode) {
    switch (wanted.mode) {
      case ResizeMode::area:
        differences.compare("input size", existing.area_side, wanted.area_side);
        break;
      case ResizeMode::exact:
        differences.compare("input size", existing.exact, wanted.exact);
        differences.compare("crop", existing.crop, wanted.crop);
        break;
      case ResizeMode::shorter_side:
        differences.compare("input size", existing.shorter_side, wanted.shorter_side);
        differences.compare("crop", existing.crop, wanted.crop);
        break;
    }
  }
  differences.compare("tile size", existing.tile_size, wanted.tile_size);
  if (existing.tile_size > 0 && wanted.tile_size > 0) {
    differences.compare("tile overlap", existing.tile_overlap, wanted.tile_overlap);
  }
  differences.compare("mean of the colours", existing.mean, wanted.mean);
  differences.compare("deviation of the colours", existing.deviation, wanted.deviation);
}

}  // namespace

void require_same_settings(const BankFile& existing, const BankFile& wanted,
                           const std::string& path) {
  Differences differences;
  differences.compare("backbone", existing.backbone, wanted.backbone);
  differences.compare("layers", existing.layers, wanted.layers);
  if (wanted.precision != Precision::automatic) {
    differences.compare("precision", existing.precision, wanted.precision);
  }
  compare_preprocessing(existing.preprocess, wanted.preprocess, differences);
  differences.compare("region", existing.area.region, wanted.area.region);
  if (!same_mask(existing.area.mask, wanted.area.mask)) {
    const bool both = existing.area.mask != nullptr && wanted.area.mask != nullptr;
    differences.add("mask", text(existing.area.mask),
                    both ? "another one" : text(wanted.area.mask));
  }
  differences.compare("patch size", existing.embedding.patch_size, wanted.embedding.patch_size);
  differences.compare("pretrain embed dimension", existing.embedding.pretrain_embed_dimension,
                      wanted.embedding.pretrain_embed_dimension);
  differences.compare("target embed dimension", existing.embedding.target_embed_dimension,
                      wanted.embedding.target_embed_dimension);
  differences.compare("score mode", existing.scoring.mode, wanted.scoring.mode);
  differences.compare("image score", existing.scoring.image_score, wanted.scoring.image_score);
  differences.compare("neighbours", existing.scoring.neighbours, wanted.scoring.neighbours);
  // Exact ones agree.
  if (is_approximate(existing.index) || is_approximate(wanted.index)) {
    differences.compare("index", existing.index, wanted.index);
  }
  differences.refuse(path);
}

void require_same_weights(const BankFile& existing, const std::string& wanted_sha256,
                          const std::string& path) {
  Differences differences;
  differences.compare("SHA-256 of the weights", existing.weights_sha256, wanted_sha256);
  differences.refuse(path);
}

}  // namespace patchcore
