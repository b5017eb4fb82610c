// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine's exceptions as GStreamer errors: the one guard between the two.
#include "gst/gstpatchcoreerror.h"

#include <new>

#include "core/backbone/precision.h"
#include "core/error.h"

namespace {

struct GstCode {
  GQuark domain;
  gint code;
};

GstCode gst_code(patchcore::ErrorCode code) {
  using patchcore::ErrorCode;
  switch (code) {
    case ErrorCode::invalid_argument:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS};
    case ErrorCode::not_found:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND};
    case ErrorCode::read_failed:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ};
    case ErrorCode::write_failed:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE};
    case ErrorCode::no_space:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NO_SPACE_LEFT};
    case ErrorCode::corrupt:
    case ErrorCode::unsupported_file:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ};
    case ErrorCode::unsupported_frame:
      return {GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT};
    case ErrorCode::cancelled:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED};
    case ErrorCode::internal:
      break;
  }
  return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_FAILED};
}

GstCode gst_code(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const patchcore::Error*>(&error)) {
    return gst_code(ours->code());
  }
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return gst_code(patchcore::ErrorCode::no_space);
  }
  return gst_code(patchcore::ErrorCode::internal);
}

std::string text_of(const std::exception& error) {
  const bool out_of_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  return out_of_memory ? "Out of memory" : gst_patch_core_valid_utf8(error.what());
}

}  // namespace

void gst_patch_core_warn_of_slow_precision(GstElement* element, patchcore::Precision precision,
                                           const patchcore::Device& device) {
  if (precision != patchcore::Precision::bf16 || patchcore::precision_support().fast_bf16) return;
  if (device.kind != patchcore::DeviceKind::cpu) return;
  GST_ELEMENT_WARNING(
      element, RESOURCE, SETTINGS,
      ("This processor has no instructions for precision=bf16, which makes it slower "
       "than fp32: leave precision at auto"),
      (nullptr));
}

void gst_patch_core_warn_of_device(GstElement* element, const patchcore::DeviceInUse& in_use) {
  if (in_use.reason.empty()) return;
  GST_ELEMENT_WARNING(element, RESOURCE, SETTINGS,
                      ("The processor computes, as the GPU cannot be used: %s",
                       gst_patch_core_valid_utf8(in_use.reason).c_str()),
                      (nullptr));
}

std::string gst_patch_core_valid_utf8(const std::string& text) {
  gchar* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  std::string copy = valid;
  g_free(valid);
  return copy;
}

void gst_patch_core_post_error(GstElement* element, const std::exception& error) {
  const GstCode code = gst_code(error);
  gst_element_message_full(element, GST_MESSAGE_ERROR, code.domain, code.code,
                           g_strdup(text_of(error).c_str()), nullptr, __FILE__, GST_FUNCTION,
                           __LINE__);
}

void gst_patch_core_post_warning(GstElement* element, const std::exception& error,
                                 const std::string& outcome) {
  const GstCode code = gst_code(error);
  gst_element_message_full(element, GST_MESSAGE_WARNING, code.domain, code.code,
                           g_strdup((outcome + ": " + text_of(error)).c_str()), nullptr, __FILE__,
                           GST_FUNCTION, __LINE__);
}
