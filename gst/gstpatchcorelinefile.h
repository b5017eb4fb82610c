// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#pragma once

#include <gst/gst.h>

#include <string>

/// Not buffered: what write_line() has accepted, others can read. One thread at a time,
/// but for set_flushing().
class GstPatchCoreLineFile {
 public:
  GstPatchCoreLineFile();
  ~GstPatchCoreLineFile();
  GstPatchCoreLineFile(const GstPatchCoreLineFile&) = delete;
  GstPatchCoreLineFile& operator=(const GstPatchCoreLineFile&) = delete;

  /// Empties the file, or creates it. "-" is standard output, which close() leaves open. A named
  /// pipe that nobody reads is refused rather than waited for.
  /// @param append  keeps what is there; if that ends within a line, it gets its line feed first
  /// @return 0, or the system's error number
  int open(const std::string& location, bool append = false);

  bool is_open() const { return descriptor_ >= 0; }

  /// Whether it is a file on a disk: no pipe, terminal or device.
  bool is_regular() const { return regular_; }

  /// Bytes that a regular file holds.
  guint64 size() const { return size_; }

  /// Writes @p line and a line feed, or nothing: of a regular file the part that was written before
  /// an error is taken back. Waits for the reader of a pipe that is full; what is left of a line
  /// that was interrupted there goes before the next one.
  /// @return 0, ECANCELED while flushing, or the system's error number
  int write_line(std::string line);

  /// Ends a wait in write_line(), and keeps it from waiting until this is called with false. From
  /// any thread.
  void set_flushing(bool flushing);

  /// May be called when nothing is open.
  /// @return 0, or the system's error number: some file systems tell of a full disk only here
  int close();

 private:
  int wait_until_writable();
  bool take_back(guint64 bytes);

  int descriptor_ = -1;
  bool regular_ = false;
  guint64 size_ = 0;
  GstPoll* poll_;
  std::string unwritten_;
};
