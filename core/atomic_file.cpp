// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// A file that is replaced whole or not at all.
#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace patchcore {
namespace {

namespace fs = std::filesystem;

/// What a path leads to when its last part is a link, or a link to a link: the file that is to be
/// replaced, whether it exists or not.
fs::path follow_links(const std::string& path) {
  fs::path target = path;
  for (int links = 0; links < 40; ++links) {
    std::error_code ignored;
    if (!fs::is_symlink(target, ignored)) return target;
    const fs::path next = fs::read_symlink(target, ignored);
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  throw Error(ErrorCode::write_failed, "cannot write \"" + path + "\": too many links");
}

/// Makes a file that nobody else has, with a name that does not depend on the length of the
/// target's.
/// @return its descriptor, or -1 with errno set
int create_temporary(const fs::path& folder, std::string& name) {
  static std::atomic<unsigned> counter{0};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    name = (folder / (".patchcore-" + std::to_string(::getpid()) + "-" +
                      std::to_string(counter.fetch_add(1)) + ".tmp"))
               .string();
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const fs::path target = follow_links(path);
  target_ = target.string();
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");

  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    throw Error(ErrorCode::not_found, "cannot write \"" + path + "\": there is no folder \"" +
                                          folder.string() + "\"; make it first");
  }
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT && !target_.empty()) fail("its name cannot be used", errno);
  if (!target.has_filename() || (exists && !S_ISREG(status.st_mode))) {
    throw Error(ErrorCode::write_failed,
                "cannot write \"" + path + "\": it is a folder or device; name a file");
  }
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("it is write-protected", errno);

  descriptor_ = create_temporary(folder, temporary_);
  if (descriptor_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail("its folder takes no new file", error);
  }
  if (exists) {
    // Others may own the file that is replaced; only root can keep that.
    [[maybe_unused]] const int ignored = ::fchown(descriptor_, status.st_uid, status.st_gid);
    ::fchmod(descriptor_, status.st_mode & 0777);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* what, int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  throw Error(full ? ErrorCode::no_space : ErrorCode::write_failed,
              "cannot write \"" + path_ + "\": " + what + ": " + std::strerror(error));
}

void AtomicFile::write(const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("writing", errno);
    next += written;
    size -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail("fsync", errno);
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) fail("close", errno);
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail("rename", errno);
  temporary_.clear();

  // The new name has to reach the disk too. Folders that cannot be opened or synchronized (some
  // network file systems) leave that to the system: the file itself is whole either way.
  const fs::path parent = fs::path(target_).parent_path();
  const int folder =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  const int error = ::fsync(folder) != 0 ? errno : 0;
  ::close(folder);
  if (error == EIO) fail("the disk reported a fault after the file was replaced", error);
}

}  // namespace patchcore
