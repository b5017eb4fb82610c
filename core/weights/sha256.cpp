// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// SHA-256 of data that comes in pieces.
#include "core/weights/sha256.h"

#include <openssl/evp.h>

#include "core/error.h"

namespace patchcore {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

void require(bool success) {
  if (!success) {
    throw Error(ErrorCode::internal, "SHA-256 is not available from the system's OpenSSL library");
  }
}

}  // namespace

struct Sha256::Private {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : private_(std::make_unique<Private>()) {
  require(private_->context != nullptr &&
          EVP_DigestInit_ex(private_->context.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(const void* data, std::size_t size) {
  require(EVP_DigestUpdate(private_->context.get(), data, size) == 1);
}

std::string Sha256::digest() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(private_->context.get(), bytes, &size) == 1);
  std::string digits;
  for (unsigned int i = 0; i < size; ++i) {
    digits += "0123456789abcdef"[bytes[i] >> 4];
    digits += "0123456789abcdef"[bytes[i] & 15];
  }
  return digits;
}

}  // namespace patchcore
