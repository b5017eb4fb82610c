// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Lines in a file that makes room for a new one before it grows too large.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gst/gstpatchcorelinefile.h"

/// The newest lines are in the file itself, those before in "FILE.1", then "FILE.2" and so on. Only
/// regular files are rotated. One thread at a time, but for set_flushing().
class GstPatchCoreRotatedFiles {
 public:
  struct Limits {
    guint64 max_size = 0;  ///< of one file, bytes; 0: none. A longer line has a file of its own
    guint max_files = 1;   ///< the file itself included, 1 or more; the oldest lines go
  };

  /// @param append  goes on in the file that is there, rather than to empty it
  /// @return 0, or the system's error number
  int open(const std::string& location, bool append);

  /// Like GstPatchCoreLineFile::write_line(). After an error the next line may well be written: a
  /// file that could not be opened is tried again.
  int write_line(const std::string& line, const Limits& limits);

  void set_flushing(bool flushing) { file_.set_flushing(flushing); }

  /// How many files were completed since open().
  guint64 rotations() const { return rotations_; }

  int close();

 private:
  int rotate(guint max_files);
  std::string numbered(guint number) const;

  std::string location_;
  GstPatchCoreLineFile file_;
  guint64 rotations_ = 0;
};
