// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A text file that is complete after every line.
#include "gst/gstpatchcorelinefile.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>

namespace {

/// While it lives, writing to a pipe whose reader is gone, or beyond the largest size that a file
/// may have (ulimit -f), is an error and not the end of the process. For the current thread only.
class NoWriteSignals {
 public:
  NoWriteSignals() {
    sigset_t pending;
    sigpending(&pending);
    sigemptyset(&blocked_);
    sigemptyset(&raised_here_);
    for (const int signal : {SIGPIPE, SIGXFSZ}) {
      sigaddset(&blocked_, signal);
      if (sigismember(&pending, signal) == 0) sigaddset(&raised_here_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &blocked_, &before_);
  }

  ~NoWriteSignals() {
    const int error = errno;
    const timespec at_once = {0, 0};
    // Takes the signals that a write has raised before they can be delivered, but no older ones.
    while (sigtimedwait(&raised_here_, nullptr, &at_once) >= 0 || errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }

  NoWriteSignals(const NoWriteSignals&) = delete;
  NoWriteSignals& operator=(const NoWriteSignals&) = delete;

 private:
  sigset_t blocked_;
  sigset_t raised_here_;
  sigset_t before_;
};

/// Whether the last line of a file has no line feed, as after a loss of power.
bool ends_within_line(const std::string& location, off_t size) {
  const int descriptor = ::open(location.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  char last = '\n';
  const bool read = pread(descriptor, &last, 1, size - 1) == 1;
  ::close(descriptor);
  return read && last != '\n';
}

}  // namespace

GstPatchCoreLineFile::GstPatchCoreLineFile() : poll_(gst_poll_new(TRUE)) {}

GstPatchCoreLineFile::~GstPatchCoreLineFile() {
  close();
  gst_poll_free(poll_);
}

int GstPatchCoreLineFile::open(const std::string& location, bool append) {
  close();
  if (location == "-") {
    descriptor_ = STDOUT_FILENO;
    return 0;
  }

  // Without O_NONBLOCK, opening a named pipe would wait for its reader, maybe for ever.
  const int mode = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  const int descriptor = ::open(location.c_str(), append ? mode : mode | O_TRUNC, 0666);
  if (descriptor < 0) return errno;
  struct stat status;
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0 ||
      fstat(descriptor, &status) < 0) {
    const int error = errno;
    ::close(descriptor);
    return error;
  }
  descriptor_ = descriptor;
  regular_ = S_ISREG(status.st_mode);
  size_ = regular_ ? static_cast<guint64>(status.st_size) : 0;
  if (size_ > 0 && ends_within_line(location, status.st_size)) unwritten_ = "\n";
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

bool GstPatchCoreLineFile::take_back(guint64 bytes) {
  if (!regular_) return false;
  // Not where somebody else has written since.
  struct stat status;
  return fstat(descriptor_, &status) == 0 &&
         static_cast<guint64>(status.st_size) == size_ + bytes &&
         ftruncate(descriptor_, static_cast<off_t>(size_)) == 0;
}

int GstPatchCoreLineFile::write_line(std::string line) {
  if (descriptor_ < 0) return EBADF;
  const std::size_t left_over = unwritten_.size();
  unwritten_ += line;
  unwritten_ += '\n';
  const NoWriteSignals no_write_signals;
  std::size_t done = 0;
  int error = 0;
  while (done < unwritten_.size() && error == 0) {
    error = wait_until_writable();
    if (error != 0) {
      if (error == EINTR || error == EAGAIN) error = 0;
      continue;
    }
    // A pipe that is writable takes as much as this without blocking.
    const std::size_t rest = unwritten_.size() - done;
    const std::size_t part = regular_ ? rest : std::min<std::size_t>(rest, PIPE_BUF);
    const ssize_t written = ::write(descriptor_, unwritten_.data() + done, part);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR && errno != EAGAIN) {
      error = errno;
    }
  }
  if (error != 0 && take_back(done)) done = 0;
  size_ += regular_ ? done : 0;
  unwritten_.erase(0, done);
  // A line that has not begun is given up, one that has must be completed.
  if (error != 0 && done <= left_over) unwritten_.resize(left_over - done);
  return error == ECANCELED && done > left_over ? 0 : error;
}

void GstPatchCoreLineFile::set_flushing(bool flushing) {
  gst_poll_set_flushing(poll_, flushing ? TRUE : FALSE);
}

int GstPatchCoreLineFile::close() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  unwritten_.clear();
  regular_ = false;
  size_ = 0;
  if (descriptor < 0 || descriptor == STDOUT_FILENO) return 0;
  return ::close(descriptor) == 0 || errno == EINTR ? 0 : errno;
}
