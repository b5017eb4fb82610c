// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// An evaluation as one page that needs nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/patchcore/evaluation/category_result.h"
#include "tools/patchcore/evaluation/result_files.h"

namespace patchcore {

/// The bytes of a sheet (PictureResult::sheet, not empty) of a category; empty if it is gone.
using SheetReader = std::function<std::vector<std::uint8_t>(const CategoryResult& category,
                                                            const std::string& sheet)>;

/// HTML with its style, charts and pictures in it: no script, and no address that is fetched.
std::string html_report(const std::vector<CategoryResult>& results,
                        const std::vector<CategoryFailure>& failures,
                        const nlohmann::ordered_json& settings, const SheetReader& read_sheet);

}  // namespace patchcore
