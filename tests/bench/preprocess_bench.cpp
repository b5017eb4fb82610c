// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A 1080p frame of every format on its way to the network, and the loops that this consists of, by
// every instruction set in turns.
//
// preprocess_bench [ROUNDS [THREADS]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "core/kernels/pixels.h"
#include "core/preprocess.h"
#include "core/threads.h"
#include "tests/support/pictures.h"

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median_ms(int rounds, const std::function<void()>& work) {
  std::vector<double> seconds;
  work();
  for (int round = 0; round < rounds; ++round) {
    const double begin = now();
    work();
    seconds.push_back(now() - begin);
  }
  std::sort(seconds.begin(), seconds.end());
  return 1000 * seconds[seconds.size() / 2];
}

constexpr int columns = 1920;

/// What each loop takes for 1080 rows, on one thread.
void time_loops(int rounds) {
  const std::vector<std::uint8_t> bytes(2 * columns, 100);
  std::vector<float> row(3 * columns + 16);
  std::vector<float> sums(3 * columns + 16);
  constexpr int length = 352;
  constexpr int taps = 16;
  std::vector<int> first(length);
  for (int x = 0; x < length; ++x) first[x] = x * (columns - taps) / length;
  const std::vector<float> weights(static_cast<std::size_t>(length) * taps, 1.0F / taps);
  const patchcore::RowResizing resizing = {first.data(), weights.data(), taps, length, 1, 0};
  std::vector<float> output(length);
  for (const patchcore::PixelKernels& kernels : patchcore::pixel_kernels()) {
    const auto each_row = [&](const std::function<void()>& work) {
      return median_ms(rounds, [&] {
        for (int y = 0; y < 1080; ++y) work();
      });
    };
    const patchcore::YuvRow yuv = {bytes.data(), bytes.data(), bytes.data(), 1, 1};
    std::printf(
        "%-8s 1080 rows on one thread: convert %5.2f ms, add %5.2f ms, resize 192 %5.2f ms\n",
        kernels.instruction_set, each_row([&] {
          kernels.convert_yuv(yuv, {16, 1.164F, 1.6F, -0.4F, -0.8F, 2}, columns, row.data(),
                              columns);
        }),
        each_row([&] { kernels.add_row(row.data(), 0.1F, 3 * columns, sums.data()); }),
        3 * 192.0 / 1080 *
            each_row([&] { kernels.resize_row(resizing, row.data(), output.data()); }));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 30;
  patchcore::use_threads(argc > 2 ? std::atoi(argv[2]) : 0);
  time_loops(rounds);
  patchcore::PreprocessOptions options;
  options.mode = patchcore::ResizeMode::area;
  options.area_side = 256;
  const patchcore::Preprocess preprocess(options);
  patchcore::Workspace workspace;
  patchcore::InputTensor output;
  for (const patchcore::PixelFormat format : patchcore::test::all_pixel_formats) {
    const patchcore::test::Picture picture = patchcore::test::make_scene(format, {columns, 1080});
    const patchcore::ImageView view = picture.view();
    std::printf("%-6s whole frame: %5.2f ms\n", patchcore::test::pixel_format_name(format),
                median_ms(rounds, [&] { preprocess.run(view, output, workspace); }));
  }
  return EXIT_SUCCESS;
}
