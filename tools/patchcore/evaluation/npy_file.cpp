// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Arrays for NumPy.
#include "tools/patchcore/evaluation/npy_file.h"

#include <cstdint>

#include "core/atomic_file.h"
#include "core/error.h"

namespace patchcore {

void write_npy(const std::string& path, const std::vector<std::size_t>& shape, const float* values,
               std::size_t count) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  constexpr std::size_t alignment = 64;
  constexpr std::size_t preamble = 10;  // magic, version and the header's length
  std::size_t product = 1;
  std::string sides;
  for (const std::size_t side : shape) {
    product *= side;
    sides += std::to_string(side) + ",";
  }
  if (product != count) {
    throw Error(ErrorCode::invalid_argument,
                "an array of shape (" + sides + ") has not " + std::to_string(count) + " values");
  }
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + sides + "), }";
  header.append(alignment - 1 - (preamble + header.size()) % alignment, ' ');
  header += '\n';
  std::string start = std::string("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(header.size() & 0xFF);
  start += static_cast<char>(header.size() >> 8);
  start += header;
  AtomicFile file(path);
  file.write(start.data(), start.size());
  file.write(values, count * sizeof(float));
  file.commit();
}

}  // namespace patchcore
