// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#include "gst/gstpatchcorelinefile.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
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

GstPatchCoreLineFile::GstPatchCoreLineFile() : poll_(gst_poll_new(TRUE)) {}

GstPatchCoreLineFile::~GstPatchCoreLineFile() {
  close();
  gst_poll_free(poll_);
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

int GstPatchCoreLineFile::wait_until_writable() {
  GstPollFD polled = GST_POLL_FD_INIT;
  polled.fd = descriptor_;
  gst_poll_add_fd(poll_, &polled);
  gst_poll_fd_ctl_write(poll_, &polled, TRUE);
  const int error = gst_poll_wait(poll_, GST_CLOCK_TIME_NONE) < 0 ? errno : 0;
  gst_poll_remove_fd(poll_, &polled);
  return error == EBUSY ? ECANCELED : error;
}

int GstPatchCoreLineFile::write_line(std::string line) {
  if (descriptor_ < 0) return EBADF;
  const std::size_t left_over = unwritten_.size();
  unwritten_ += line;
  unwritten_ += '\n';
  const NoPipeSignal no_pipe_signal;
  std::size_t done = 0;
  int error = 0;
  while (done < unwritten_.size() && error == 0) {
    error = wait_until_writable();
    if (error != 0) {
      if (error == EINTR || error == EAGAIN) error = 0;
      continue;
    }
    // A pipe that is writable takes as much as this without blocking.
    const std::size_t part = std::min<std::size_t>(unwritten_.size() - done, PIPE_BUF);
    const ssize_t written = ::write(descriptor_, unwritten_.data() + done, part);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR && errno != EAGAIN) {
      error = errno;
    }
  }
  unwritten_.erase(0, done);
  // A line that has not begun is given up, one that has must be completed.
  if (error != 0 && done <= left_over) unwritten_.resize(left_over - done);
  return error;
}

void GstPatchCoreLineFile::set_flushing(bool flushing) {
  gst_poll_set_flushing(poll_, flushing ? TRUE : FALSE);
}

int GstPatchCoreLineFile::close() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  unwritten_.clear();
  if (descriptor < 0 || descriptor == STDOUT_FILENO) return 0;
  return ::close(descriptor) == 0 || errno == EINTR ? 0 : errno;
}
