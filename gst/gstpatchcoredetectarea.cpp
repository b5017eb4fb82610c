// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The region and the mask that patchcoredetect uses instead of the bank's, and how the next ones
// come into use.
#include "gst/gstpatchcoredetectarea.h"

#include <utility>

#include "gst/gstpatchcoreerror.h"

std::string GstPatchCoreDetectArea::setting(
    const std::string GstPatchCoreDetectAreaSettings::*member) const {
  GST_OBJECT_LOCK(element_);
  std::string value = settings_.*member;
  GST_OBJECT_UNLOCK(element_);
  return value;
}

patchcore::InspectionOverride GstPatchCoreDetectArea::start() {
  const std::lock_guard<std::mutex> lock(requests_);
  patchcore::InspectionOverride first =
      patchcore::read_inspection_override(setting(&GstPatchCoreDetectAreaSettings::region),
                                          setting(&GstPatchCoreDetectAreaSettings::mask));
  started_ = true;
  GST_OBJECT_LOCK(element_);
  wanted_ = first;
  waits_ = false;
  GST_OBJECT_UNLOCK(element_);
  return first;
}

void GstPatchCoreDetectArea::stop() {
  const std::lock_guard<std::mutex> lock(requests_);
  started_ = false;
  patchcore::InspectionOverride unused;  // freed without the object lock
  GST_OBJECT_LOCK(element_);
  std::swap(unused, wanted_);
  waits_ = false;
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreDetectArea::request(GstPatchCoreDetectProperty changed) {
  // Told of without the lock: whoever hears it may set the property again.
  try {
    read_setting(changed);
  } catch (const std::exception& error) {
    warn(error);
  }
}

void GstPatchCoreDetectArea::read_setting(GstPatchCoreDetectProperty changed) {
  const std::lock_guard<std::mutex> lock(requests_);
  if (!started_) return;
  const bool is_region = changed == GST_PATCH_CORE_DETECT_REGION;
  patchcore::InspectionOverride read =
      is_region
          ? patchcore::read_inspection_override(setting(&GstPatchCoreDetectAreaSettings::region),
                                                "")
          : patchcore::read_inspection_override("", setting(&GstPatchCoreDetectAreaSettings::mask));
  GST_OBJECT_LOCK(element_);
  if (is_region) {
    wanted_.region = read.region;
  } else {
    std::swap(wanted_.mask, read.mask);
  }
  waits_ = true;
  GST_OBJECT_UNLOCK(element_);
}

std::optional<patchcore::InspectionOverride> GstPatchCoreDetectArea::take() {
  std::optional<patchcore::InspectionOverride> taken;
  GST_OBJECT_LOCK(element_);
  if (std::exchange(waits_, false)) taken = wanted_;
  GST_OBJECT_UNLOCK(element_);
  return taken;
}

void GstPatchCoreDetectArea::refuse(const patchcore::InspectionOverride& in_use,
                                    const std::exception& error) {
  GST_OBJECT_LOCK(element_);
  // Unless another one has come meanwhile.
  if (!waits_) wanted_ = in_use;
  GST_OBJECT_UNLOCK(element_);
  warn(error);
}

void GstPatchCoreDetectArea::warn(const std::exception& error) {
  gst_patch_core_post_warning(element_, error, "Region and mask stay as they are");
}
