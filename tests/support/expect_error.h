// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Expectations about patchcore::Error.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

/// Expects that @p statement throws patchcore::Error with @p expected_code and a message that
/// contains @p part.
#define EXPECT_ERROR(statement, expected_code, part)                                        \
  do {                                                                                      \
    try {                                                                                   \
      statement;                                                                            \
      ADD_FAILURE() << #statement << " throws nothing";                                     \
    } catch (const ::patchcore::Error& error_) {                                            \
      EXPECT_EQ(static_cast<int>(error_.code()),                                            \
                static_cast<int>(::patchcore::ErrorCode::expected_code))                    \
          << error_.what();                                                                 \
      EXPECT_NE(std::string(error_.what()).find(part), std::string::npos) << error_.what(); \
    }                                                                                       \
  } while (false)
