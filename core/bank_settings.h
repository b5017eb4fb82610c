// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The JSON document in a bank file's header: everything that is no tensor.
#pragma once

#include <string>

#include "core/bank_file.h"

namespace patchcore {

/// The document, its own checksum included (docs/bank-file.md).
/// @param tensors_sha256  of all tensors in the file
/// @throws Error invalid_argument if a text is not UTF-8
std::string format_bank_settings(const BankFile& content, const std::string& tensors_sha256);

/// Sets every field of @p content that is no tensor. Keys that it does not know are passed over;
/// the values' ranges are checked by check_bank().
/// @param origin  the file, for messages
/// @return the checksum that the tensors must have
/// @throws Error corrupt, unsupported_file for another major version or an ensemble
std::string parse_bank_settings(const std::string& json, const std::string& origin,
                                BankFile& content);

/// The same of either kind of file.
std::string format_ensemble_settings(const BankEnsemble& content,
                                     const std::string& tensors_sha256);
std::string parse_ensemble_settings(const std::string& json, const std::string& origin,
                                    BankEnsemble& content);

}  // namespace patchcore
