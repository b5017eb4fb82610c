// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Reading of uncompressed zip archives that need not be trusted.
#include "core/weights/zip_archive.h"

#include <unistd.h>
#include <zip.h>

#include "core/error.h"

namespace patchcore {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

[[noreturn]] void fail(const std::string& path, const std::string& problem) {
  throw Error(ErrorCode::corrupt,
              "\"" + path + "\" is a faulty zip archive: " + problem + "; copy or save it again");
}

std::string description(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

struct ZipArchive::Private {
  std::unique_ptr<zip_t, CloseArchive> archive;
};

ZipArchive::ZipArchive(const RegularFile& file)
    : private_(std::make_unique<Private>()), file_(file) {
  // libzip closes the descriptor that it is given, if it can open the archive.
  const int descriptor = ::dup(file.descriptor());
  int code = 0;
  private_->archive.reset(zip_fdopen(descriptor, 0, &code));
  if (private_->archive == nullptr) {
    ::close(descriptor);
    fail(file.path(), description(code));
  }
}

ZipArchive::~ZipArchive() = default;

std::uint64_t ZipArchive::entries() const {
  const zip_int64_t count = zip_get_num_entries(private_->archive.get(), 0);
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

std::string ZipArchive::name(std::uint64_t index) const {
  const char* name = zip_get_name(private_->archive.get(), index, ZIP_FL_ENC_RAW);
  return name == nullptr ? "" : name;
}

std::optional<std::uint64_t> ZipArchive::find(const std::string& name) const {
  const zip_int64_t index = zip_name_locate(private_->archive.get(), name.c_str(), ZIP_FL_ENC_RAW);
  if (index < 0) return std::nullopt;
  return static_cast<std::uint64_t>(index);
}

std::uint64_t ZipArchive::size(std::uint64_t index) const {
  zip_stat_t status;
  constexpr zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(private_->archive.get(), index, 0, &status) != 0 ||
      (status.valid & needed) != needed) {
    fail(file_.path(), "an entry has no size");
  }
  if (status.comp_method != ZIP_CM_STORE || status.encryption_method != ZIP_EM_NONE) {
    throw Error(ErrorCode::unsupported_file,
                "\"" + file_.path() +
                    "\" is compressed or encrypted, which torch.save never "
                    "does: unpack it, or save it again");
  }
  if (status.size != status.comp_size || status.size > file_.size()) {
    fail(file_.path(), "entry \"" + name(index) + "\" is larger than the file");
  }
  return status.size;
}

std::vector<std::uint8_t> ZipArchive::read(std::uint64_t index) const {
  const std::uint64_t expected = size(index);
  require_memory(expected, file_.path());
  std::vector<std::uint8_t> data(expected);
  const std::unique_ptr<zip_file_t, CloseEntry> entry(
      zip_fopen_index(private_->archive.get(), index, 0));
  std::uint64_t position = 0;
  bool good = entry != nullptr;
  while (good && position < expected) {
    const zip_int64_t got = zip_fread(entry.get(), data.data() + position, expected - position);
    good = got > 0;
    if (good) position += static_cast<std::uint64_t>(got);
  }
  // The checksum is compared where the end is met.
  std::uint8_t beyond = 0;
  if (!good || zip_fread(entry.get(), &beyond, 1) != 0) {
    fail(file_.path(), "entry \"" + name(index) + "\" cannot be read or differs from its checksum");
  }
  return data;
}

}  // namespace patchcore
