// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine's errors as exceptions of Python.
#include "tools/python/python_error.h"

#include <cstring>
#include <exception>

namespace py = pybind11;

namespace patchcore {
namespace {

constexpr ErrorCode all_codes[] = {ErrorCode::invalid_argument, ErrorCode::not_found,
                                   ErrorCode::read_failed,      ErrorCode::write_failed,
                                   ErrorCode::no_space,         ErrorCode::corrupt,
                                   ErrorCode::unsupported_file, ErrorCode::unsupported_frame,
                                   ErrorCode::cancelled,        ErrorCode::internal};

/// Messages quote names of files, which need not be UTF-8.
py::object text_of(const char* message) {
  return py::reinterpret_steal<py::object>(
      PyUnicode_DecodeUTF8(message, static_cast<Py_ssize_t>(std::strlen(message)), "replace"));
}

void set_python_error(const Error& error) {
  try {
    const py::object type = py::module_::import("patchcore._error").attr("Error");
    const py::tuple arguments =
        py::make_tuple(error_code_name(error.code()), text_of(error.what()));
    PyErr_SetObject(type.ptr(), arguments.ptr());
  } catch (py::error_already_set& failure) {
    failure.restore();
  }
}

}  // namespace

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::read_failed:
      return "read_failed";
    case ErrorCode::write_failed:
      return "write_failed";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::unsupported_file:
      return "unsupported_file";
    case ErrorCode::unsupported_frame:
      return "unsupported_frame";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::internal:
      break;
  }
  return "internal";
}

std::vector<const char*> error_code_names() {
  std::vector<const char*> names;
  for (const ErrorCode code : all_codes) names.push_back(error_code_name(code));
  return names;
}

void translate_errors() {
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      set_python_error(error);
    }
  });
}

}  // namespace patchcore
