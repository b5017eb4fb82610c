// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Lines in a file that makes room for a new one before it grows too large.
#include "gst/gstpatchcorerotatedfiles.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

int GstPatchCoreRotatedFiles::open(const std::string& location, bool append) {
  location_ = location;
  rotations_ = 0;
  return file_.open(location, append);
}

std::string GstPatchCoreRotatedFiles::numbered(guint number) const {
  return location_ + "." + std::to_string(number);
}

int GstPatchCoreRotatedFiles::rotate(guint max_files) {
  if (max_files > 1) {
    // Up to the first number that is free: whatever failed before must not push files out twice.
    guint number = 1;
    while (number < max_files - 1 && access(numbered(number).c_str(), F_OK) == 0) ++number;
    for (; number > 0; --number) {
      const std::string from = number > 1 ? numbered(number - 1) : location_;
      const bool renamed = std::rename(from.c_str(), numbered(number).c_str()) == 0;
      if (!renamed && errno != ENOENT) return errno;  // somebody may have removed one
    }
  }
  const int closed = file_.close();
  const int opened = file_.open(location_, false);
  rotations_ += 1;
  return opened != 0 ? opened : closed;
}

int GstPatchCoreRotatedFiles::write_line(const std::string& line, const Limits& limits) {
  if (!file_.is_open()) {
    if (location_.empty()) return EBADF;
    const int error = file_.open(location_, true);
    if (error != 0) return error;
  }
  const bool full = limits.max_size > 0 && file_.is_regular() && file_.size() > 0 &&
                    file_.size() + line.size() + 1 > limits.max_size;
  if (full) {
    const int error = rotate(limits.max_files);
    if (error != 0) return error;
  }
  return file_.write_line(line);
}

int GstPatchCoreRotatedFiles::close() {
  location_.clear();
  return file_.close();
}
