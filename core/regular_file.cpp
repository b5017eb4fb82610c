// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reading of files that need not be trusted: regular ones only, every range checked.
#include "core/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "core/error.h"
#include "core/memory_limit.h"

namespace patchcore {

RegularFile::RegularFile(const std::string& path) : path_(path) {
  // O_NONBLOCK: a pipe without a writer would block here.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR) {
      throw Error(ErrorCode::not_found, "there is no file \"" + path + "\"");
    }
    throw Error(ErrorCode::read_failed,
                "cannot open \"" + path + "\" for reading: " + std::strerror(error));
  }
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    const bool is_folder = S_ISDIR(status.st_mode);
    ::close(descriptor_);
    throw Error(
        ErrorCode::read_failed,
        "\"" + path + "\" is " + (is_folder ? "a folder" : "no regular file") + ": name a file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

RegularFile::~RegularFile() {
  ::close(descriptor_);
}

void RegularFile::require_range(std::uint64_t offset, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset) {
    throw Error(ErrorCode::corrupt, "\"" + path_ + "\" ends too early: " + std::to_string(size) +
                                        " bytes are expected at " + std::to_string(offset) +
                                        ", it has " + std::to_string(size_) +
                                        "; copy or make it again");
  }
}

void RegularFile::read(std::uint64_t offset, void* data, std::size_t size) const {
  require_range(offset, size);
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::pread(descriptor_, next, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error(ErrorCode::read_failed,
                  "cannot read \"" + path_ + "\" at " + std::to_string(offset) + ": " +
                      (got < 0 ? std::strerror(errno) : "it became shorter meanwhile"));
    }
    next += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
}

std::vector<std::uint8_t> RegularFile::read(std::uint64_t offset, std::uint64_t size) const {
  require_range(offset, size);
  require_memory(size, path_);
  try {
    std::vector<std::uint8_t> data(size);
    read(offset, data.data(), data.size());
    return data;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::no_space,
                "not enough memory for " + std::to_string(size) + " bytes of \"" + path_ + "\"");
  }
}

void require_memory(std::uint64_t size, const std::string& origin) {
  const std::uint64_t memory = machine_memory();
  if (size >= memory) {
    throw Error(ErrorCode::no_space,
                "\"" + origin + "\" needs " + std::to_string(size) +
                    " bytes of memory, more than this machine has: " + std::to_string(memory));
  }
}

}  // namespace patchcore
