// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Memory of each thread's own for what lies between two steps of a computation.
#include "core/backbone/thread_scratch.h"

#include <cstdlib>
#include <memory>

namespace patchcore {
namespace {

constexpr std::size_t cache_line = 64;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

}  // namespace

void* thread_scratch(std::size_t bytes) noexcept {
  thread_local std::unique_ptr<void, Free> scratch;
  thread_local std::size_t capacity = 0;
  if (bytes > capacity) {
    // Not both at once, and none where there is no memory for the larger one.
    scratch.reset();
    capacity = 0;
    const std::size_t whole_lines = (bytes + cache_line - 1) / cache_line * cache_line;
    scratch.reset(std::aligned_alloc(cache_line, whole_lines));
    if (scratch != nullptr) capacity = whole_lines;
  }
  return scratch.get();
}

}  // namespace patchcore
