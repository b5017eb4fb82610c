// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// Tables of comma-separated values (RFC 4180).
#include "tools/patchcore/datasets/csv_table.h"

#include <cstddef>

#include "core/error.h"

namespace patchcore {
namespace {

using Line = std::vector<std::string>;

std::vector<Line> split(const std::string& text, const std::string& origin) {
  std::vector<Line> lines(1, Line(1));
  bool quoted = false;
  const auto end_line = [&] {
    if (lines.back() == Line(1)) lines.pop_back();  // it was empty
    lines.emplace_back(1);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    std::string& field = lines.back().back();
    if (quoted) {
      if (letter != '"') {
        field += letter;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (letter == '"' && field.empty()) {
      quoted = true;
    } else if (letter == ',') {
      lines.back().emplace_back();
    } else if (letter == '\n') {
      end_line();
    } else if (letter != '\r') {
      field += letter;
    }
  }
  if (quoted) throw Error(ErrorCode::corrupt, "\"" + origin + "\" ends inside quotes");
  end_line();
  lines.pop_back();
  return lines;
}

}  // namespace

std::vector<CsvRow> parse_csv(const std::string& text, const std::string& origin) {
  const std::vector<Line> lines = split(text, origin);
  std::vector<CsvRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].size() != lines[0].size()) {
      throw Error(ErrorCode::corrupt, "\"" + origin + "\": row " + std::to_string(i) + " has " +
                                          std::to_string(lines[i].size()) + " fields, not " +
                                          std::to_string(lines[0].size()));
    }
    CsvRow& row = rows.emplace_back();
    for (std::size_t column = 0; column < lines[0].size(); ++column) {
      row[lines[0][column]] = lines[i][column];
    }
  }
  return rows;
}

std::string format_csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    if (fields[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += fields[i];
      continue;
    }
    line += '"';
    for (const char letter : fields[i]) {
      if (letter == '"') line += '"';
      line += letter;
    }
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace patchcore
