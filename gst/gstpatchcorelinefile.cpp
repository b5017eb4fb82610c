// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#include "gst/gstpatchcorelinefile.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

GstPatchCoreLineFile::~GstPatchCoreLineFile() {
  close();
}

int GstPatchCoreLineFile::open(const std::string& location) {
  close();
  if (location == "-") {
    descriptor_ = STDOUT_FILENO;
    return 0;
  }

  // Without O_NONBLOCK, opening a named pipe would wait for its reader, maybe for ever.
  const int descriptor =
      ::open(location.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
  if (descriptor < 0) return errno;
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0) {
    const int error = errno;
    ::close(descriptor);
    return error;
  }
  descriptor_ = descriptor;
  return 0;
}

int GstPatchCoreLineFile::write_line(std::string line) {
  line += '\n';
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int GstPatchCoreLineFile::close() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (descriptor < 0 || descriptor == STDOUT_FILENO) return 0;
  return ::close(descriptor) == 0 || errno == EINTR ? 0 : errno;
}
