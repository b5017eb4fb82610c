// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// `patchcore bank verify`: whether a bank file is whole and works on this machine.
#include "tools/patchcore/bank_verify_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "core/detector.h"
#include "tools/patchcore/detector_settings.h"

namespace patchcore {
namespace {

struct VerifyOptions {
  std::string bank;
  DetectorOptions detector;
};

void verify(const VerifyOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  // Checksums, network, index and self-test.
  const Detector detector(options.bank, options.detector);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const BankSummary& bank = detector.bank();
  if (!detector.device().reason.empty()) {
    std::fprintf(stderr, "patchcore: the GPU cannot be used: %s\n",
                 detector.device().reason.c_str());
  }
  const std::string ensemble =
      bank.members > 1 ? "ensemble of " + std::to_string(bank.members) + ", " : "";
  std::printf(
      "%s: whole; %s%s, bank of %lld x %lld from %lld frames, threshold %.5g%s; loaded on %s "
      "in %.2f s\n",
      options.bank.c_str(), ensemble.c_str(), bank.backbone.c_str(),
      static_cast<long long>(bank.patches), static_cast<long long>(bank.dimension),
      static_cast<long long>(bank.frames), bank.threshold,
      bank.threshold_is_guess ? " (a guess)" : "", device_name(detector.device().device).c_str(),
      seconds);
}

}  // namespace

void add_bank_verify_command(CLI::App& bank) {
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* command = bank.add_subcommand(
      "verify", "Check a bank file's checksums and load it as detection does, with its self-test");
  command->add_option("bank", options->bank, "Memory-bank file")->required();
  add_detector_settings(*command, options->detector);
  command->callback([options] { verify(*options); });
}

}  // namespace patchcore
