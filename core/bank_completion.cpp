// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What every new bank file gets last: how it is searched, its self-test, and who wrote it when.
#include "core/bank_completion.h"

#include <ctime>

#include "core/nearest_neighbours.h"
#include "core/scoring.h"
#include "core/self_test.h"

namespace patchcore {
namespace {

std::string now_iso8601() {
  const std::time_t now = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

void complete_bank(BankFile& file, const FrameEmbedding& embedding) {
  file.search = choose_principal_directions(file.bank);
  // By exact search whatever the bank asks for: the self-test is for the rest.
  const auto index = make_nearest_neighbours(file.bank, IndexKind::automatic, file.search);
  file.self_test = make_self_test(embedding, Scoring(file.scoring, file.bank, *index));
  file.created = now_iso8601();
  file.program_version = PATCHCORE_VERSION;
}

}  // namespace patchcore
