// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#pragma once

#include <string>

/// Not buffered: what write_line() has accepted, others can read. One thread at a time.
class GstPatchCoreLineFile {
 public:
  GstPatchCoreLineFile() = default;
  ~GstPatchCoreLineFile();
  GstPatchCoreLineFile(const GstPatchCoreLineFile&) = delete;
  GstPatchCoreLineFile& operator=(const GstPatchCoreLineFile&) = delete;

  /// Empties the file, or creates it. "-" is standard output, which close() leaves open. A named
  /// pipe that nobody reads is refused rather than waited for.
  /// @return 0, or the system's error number
  int open(const std::string& location);

  /// Writes @p line and a line feed, with a single call where the system takes it all at once.
  /// @return 0, or the system's error number
  int write_line(std::string line);

  /// May be called when nothing is open.
  /// @return 0, or the system's error number: some file systems tell of a full disk only here
  int close();

 private:
  int descriptor_ = -1;
};
