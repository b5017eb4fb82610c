// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The region and the mask that patchcoredetect uses instead of the bank's, and how the next ones
// come into use.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <mutex>
#include <optional>
#include <string>

#include "core/inspection_area.h"
#include "gst/gstpatchcoredetectproperties.h"

/// Reads the settings while the element starts, and those that are set while it plays on the thread
/// that sets them. The streaming thread takes them into use between two frames; what cannot be used
/// is told of in a warning, and changes nothing. Takes the element's object lock: never call with
/// it held.
class GstPatchCoreDetectArea {
 public:
  /// @param element   the owner
  /// @param settings  guarded by its object lock
  GstPatchCoreDetectArea(GstElement* element, const GstPatchCoreDetectAreaSettings& settings)
      : element_(element), settings_(settings) {}

  /// Reads both settings. From here on to stop() request() is heard.
  /// @throws patchcore::Error
  patchcore::InspectionOverride start();

  void stop();

  /// Reads the setting that was changed. Any thread.
  void request(GstPatchCoreDetectProperty changed);

  /// What waits to be used. Of the streaming thread, as the next.
  std::optional<patchcore::InspectionOverride> take();

  /// What was taken is not going to be used: says why.
  /// @param in_use  what stays
  void refuse(const patchcore::InspectionOverride& in_use, const std::exception& error);

 private:
  std::string setting(const std::string GstPatchCoreDetectAreaSettings::*member) const;
  void read_setting(GstPatchCoreDetectProperty changed);
  void warn(const std::exception& error);

  GstElement* element_;
  const GstPatchCoreDetectAreaSettings& settings_;

  std::mutex requests_;  ///< held while a setting is read; guards started_
  bool started_ = false;

  // Guarded by the object lock.
  patchcore::InspectionOverride wanted_;
  bool waits_ = false;  ///< to be taken
};
