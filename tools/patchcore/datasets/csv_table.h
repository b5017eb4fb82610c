// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Tables of comma-separated values (RFC 4180).
#pragma once

#include <map>
#include <string>
#include <vector>

namespace patchcore {

/// A line of a table, by the names of its columns.
using CsvRow = std::map<std::string, std::string>;

/// Splits text whose first line has the names of the columns. Empty lines are passed over.
/// @param origin  for messages
/// @throws Error corrupt if a line has another number of fields or a quote is not closed
std::vector<CsvRow> parse_csv(const std::string& text, const std::string& origin);

/// A line with its line end, fields quoted where they must be.
std::string format_csv_line(const std::vector<std::string>& fields);

}  // namespace patchcore
