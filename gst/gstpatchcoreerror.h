// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The engine's exceptions as GStreamer errors: the one guard between the two.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <string>
#include <utility>

#include "core/device.h"
#include "core/options.h"

/// Posts @p error on the bus with the domain and code that fit it. Never call with the object lock
/// held.
void gst_patch_core_post_error(GstElement* element, const std::exception& error);

/// Posts @p error as a warning, as gst_patch_core_post_error() does it.
/// @param outcome  what the user is to know first: that and how it goes on
void gst_patch_core_post_warning(GstElement* element, const std::exception& error,
                                 const std::string& outcome);

/// Posts a warning if this machine computes slower with what the user asked for than without.
void gst_patch_core_warn_of_slow_precision(GstElement* element, patchcore::Precision precision,
                                           const patchcore::Device& device);

/// Posts a warning if the processor computes although device=auto found a GPU.
void gst_patch_core_warn_of_device(GstElement* element, const patchcore::DeviceInUse& in_use);

/// Paths may be of any bytes, messages may not: the text with what is no UTF-8 replaced.
std::string gst_patch_core_valid_utf8(const std::string& text);

/// Runs @p function, which enters the engine; every virtual function that does goes through here.
/// @return what it returns, or @p on_error after posting whatever it threw
template <typename Result, typename Function>
Result gst_patch_core_guard(GstElement* element, Result on_error, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const std::exception& error) {
    gst_patch_core_post_error(element, error);
    return on_error;
  }
}
