// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#include "gst/gstpatchcorelinefile.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace {

/// While it lives, writing to a pipe whose reader is gone is an error and not the end of the
/// process. For the current thread only.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }

  ~NoPipeSignal() {
    const int error = errno;
    const timespec at_once = {0, 0};
    // Takes the signal that a write has raised before it can be delivered, but no older one.
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }

  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
  bool was_pending_;
};

}  // namespace

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
  const NoPipeSignal no_pipe_signal;
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {
      // Whoever started the program has made standard output non-blocking.
      pollfd writable = {descriptor_, POLLOUT, 0};
      ::poll(&writable, 1, -1);
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
