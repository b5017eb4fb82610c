// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A real memory bank that is made in a moment: a small network with weights by formula, trained on
// a few small pictures.
#include "tests/support/tiny_bank.h"

#include <cmath>
#include <optional>

#include "core/weights/safetensors.h"
#include "tests/support/formula_weights.h"

namespace patchcore::test {
namespace {

constexpr int training_pictures = 10;

std::vector<std::string> tiny_layers() {
  return {"layer1", "layer2"};
}

/// Of a resnet34.
std::string write_other_weights(const std::string& folder) {
  const std::string path = folder + "/resnet34.safetensors";
  Safetensors file;
  file.tensors = formula_weights("resnet34", tiny_layers());
  write_safetensors(path, file);
  return path;
}

}  // namespace

StripedPicture::StripedPicture(int number, Size picture_size) : size(picture_size) {
  rgb.reserve(3 * static_cast<std::size_t>(size.width) * size.height);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double stripe = std::sin(0.4 * x + 0.05 * number) + 0.1 * std::sin(y + number);
      rgb.push_back(static_cast<std::uint8_t>(100 + 40 * stripe));
      rgb.push_back(static_cast<std::uint8_t>(90 + 30 * stripe));
      rgb.push_back(static_cast<std::uint8_t>(80 + 20 * stripe));
    }
  }
}

void StripedPicture::add_defect() {
  const int side = size.height / 5;
  const int left = (size.width - side) / 2;
  const int top = (size.height - side) / 2;
  add_defect({left, top, (size.width + side) / 2 - left, (size.height + side) / 2 - top});
}

void StripedPicture::add_defect(const Rect& part) {
  for (int y = part.y; y < part.y + part.height; ++y) {
    for (int x = part.x; x < part.x + part.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) rgb[3 * (y * size.width + x) + channel] = 250;
    }
  }
}

ImageView StripedPicture::view() const {
  ImageView image;
  image.format = PixelFormat::rgb;
  image.size = size;
  image.planes[0] = rgb.data();
  image.strides[0] = 3 * static_cast<std::ptrdiff_t>(size.width);
  return image;
}

std::string write_tiny_weights(const std::string& folder) {
  const std::string path = folder + "/resnet18.safetensors";
  Safetensors file;
  file.tensors = formula_weights("resnet18", tiny_layers());
  write_safetensors(path, file);
  return path;
}

TrainerOptions tiny_trainer_options(const std::string& weights) {
  TrainerOptions options;
  options.backbone.name = "resnet18";
  options.backbone.layers = tiny_layers();
  options.backbone.weights = weights;
  options.input_size = "64x64";
  options.pretrain_embed_dimension = 64;
  options.target_embed_dimension = 64;
  return options;
}

TrainingReport build_and_wait(Trainer& trainer, const std::string& path) {
  TrainingReport report;
  std::optional<Error> failure;
  TrainingCallbacks callbacks;
  callbacks.done = [&](const TrainingReport& result) { report = result; };
  callbacks.failed = [&](const Error& error) { failure = error; };
  trainer.start_build(path, callbacks);
  trainer.wait();
  if (failure) throw Error(*failure);
  return report;
}

std::string write_tiny_bank(const std::string& folder, Precision precision) {
  TrainerOptions options = tiny_trainer_options(write_tiny_weights(folder));
  options.precision = precision;
  Trainer trainer(options);
  for (int number = 0; number < training_pictures; ++number) {
    trainer.add(StripedPicture(number).view());
  }
  return build_and_wait(trainer, folder + "/tiny.safetensors").path;
}

TrainerOptions tiny_ensemble_options(const std::string& folder) {
  TrainerOptions options = tiny_trainer_options(write_tiny_weights(folder));
  options.further_members.push_back({"resnet34", {"layer2"}, write_other_weights(folder), false});
  return options;
}

std::string write_tiny_ensemble(const std::string& folder) {
  Trainer trainer(tiny_ensemble_options(folder));
  for (int number = 0; number < training_pictures; ++number) {
    trainer.add(StripedPicture(number).view());
  }
  return build_and_wait(trainer, folder + "/ensemble.safetensors").path;
}

std::string write_other_tiny_bank(const std::string& folder) {
  TrainerOptions options = tiny_trainer_options(write_other_weights(folder));
  options.backbone.name = "resnet34";
  Trainer trainer(options);
  for (int number = 0; number < training_pictures; ++number) {
    trainer.add(StripedPicture(number).view());
  }
  return build_and_wait(trainer, folder + "/other.safetensors").path;
}

}  // namespace patchcore::test
