// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The memory bank that patchcoredetect uses, and how the next one comes into use.
#include "gst/gstpatchcoredetectbank.h"

#include <utility>

#include "core/detector_sharing.h"
#include "core/error.h"
#include "gst/gstpatchcoreerror.h"
#include "gst/gstpatchcoreproperties.h"

GST_DEBUG_CATEGORY_EXTERN(gst_patch_core_detect_debug);
#define GST_CAT_DEFAULT gst_patch_core_detect_debug

namespace {

std::shared_ptr<const patchcore::Detector> load_bank(const std::string& path,
                                                     const patchcore::DetectorOptions& options) {
  if (path.empty()) {
    throw patchcore::Error(patchcore::ErrorCode::not_found,
                           "No memory bank: set the property \"bank\" to a file that "
                           "patchcoretrain has made of good frames");
  }
  return patchcore::shared_detector(path, options);
}

patchcore::BankSource source_of(const GstPatchCoreDetectLoadSettings& settings) {
  patchcore::BankSource source;
  source.path = settings.bank;
  source.options.weights = settings.weights;
  source.options.allow_torchscript = settings.allow_torchscript;
  source.options.threads = settings.threads;
  source.options.index = settings.index;
  source.options.precision = settings.precision;
  if (!settings.device.empty()) source.options.device = settings.device;
  return source;
}

GstStructure* bank_structure(const patchcore::BankSummary& bank, const std::string& path) {
  GstStructure* structure = gst_structure_new(
      "patchcore-bank", "location", G_TYPE_STRING, gst_patch_core_valid_utf8(path).c_str(),
      "backbone", G_TYPE_STRING, bank.backbone.c_str(), "patches", G_TYPE_INT64,
      static_cast<gint64>(bank.patches), "dimension", G_TYPE_INT64,
      static_cast<gint64>(bank.dimension), "frames", G_TYPE_INT64, static_cast<gint64>(bank.frames),
      "threshold", G_TYPE_DOUBLE, bank.threshold, "threshold-is-guess", G_TYPE_BOOLEAN,
      static_cast<gboolean>(bank.threshold_is_guess), "created", G_TYPE_STRING,
      bank.created.c_str(), "checksum", G_TYPE_STRING, bank.checksum.c_str(), "region",
      G_TYPE_STRING, bank.region.c_str(), "mask", G_TYPE_BOOLEAN,
      static_cast<gboolean>(bank.has_mask), nullptr);
  gst_patch_core_index_add_fields(structure, bank.index, bank.recall);
  return structure;
}

}  // namespace

GstPatchCoreDetectBank::GstPatchCoreDetectBank(GstElement* element,
                                               const GstPatchCoreDetectLoadSettings& settings)
    : element_(element),
      settings_(settings),
      loading_(load_bank, [this](const patchcore::BankSource& source, const std::exception& error) {
        warn(source.path, error);
      }) {}

std::shared_ptr<const patchcore::Detector> GstPatchCoreDetectBank::start() {
  patchcore::LoadedBank first;
  {
    const std::lock_guard<std::mutex> lock(requests_);
    GST_OBJECT_LOCK(element_);
    first.source = source_of(settings_);
    swaps_ = 0;
    GST_OBJECT_UNLOCK(element_);
    loading_.start(first.source);
  }
  try {
    first.detector = load_bank(first.source.path, first.source.options);
  } catch (...) {
    loading_.stop();
    throw;
  }
  set_in_use(first);
  follow();
  return first.detector;
}

void GstPatchCoreDetectBank::stop() {
  loading_.stop();
  std::shared_ptr<const patchcore::Detector> used;  // freed without the lock
  GST_OBJECT_LOCK(element_);
  used.swap(detector_);
  path_.clear();
  GST_OBJECT_UNLOCK(element_);
  g_object_notify(G_OBJECT(element_), "bank-info");
}

void GstPatchCoreDetectBank::request() {
  patchcore::BankSource source;
  try {
    const std::lock_guard<std::mutex> lock(requests_);
    GST_OBJECT_LOCK(element_);
    source = source_of(settings_);
    GST_OBJECT_UNLOCK(element_);
    loading_.request(source);
  } catch (const std::exception& error) {
    warn(source.path, error);
  }
}

void GstPatchCoreDetectBank::follow() {
  std::string path;
  try {
    const std::lock_guard<std::mutex> lock(requests_);
    GST_OBJECT_LOCK(element_);
    const bool wanted = settings_.watch_bank;
    path = settings_.bank;
    GST_OBJECT_UNLOCK(element_);
    loading_.watch(wanted);
  } catch (const std::exception& error) {
    warn(path, error);
  }
}

void GstPatchCoreDetectBank::use(const patchcore::LoadedBank& loaded, GstClockTime pts,
                                 std::shared_ptr<const void> used) {
  loading_.retire(std::move(used));
  GST_OBJECT_LOCK(element_);
  swaps_ += 1;
  GST_OBJECT_UNLOCK(element_);
  set_in_use(loaded);
  GstStructure* message = info();
  gst_structure_set(message, "pts", G_TYPE_UINT64, pts, nullptr);
  gst_element_post_message(element_, gst_message_new_element(GST_OBJECT(element_), message));
}

void GstPatchCoreDetectBank::refuse(patchcore::LoadedBank loaded, const std::exception& error) {
  warn(loaded.source.path, error);
  loading_.retire(std::move(loaded.detector));
}

GstStructure* GstPatchCoreDetectBank::info() const {
  GST_OBJECT_LOCK(element_);
  GstStructure* structure = detector_ ? bank_structure(detector_->bank(), path_) : nullptr;
  GST_OBJECT_UNLOCK(element_);
  return structure;
}

void GstPatchCoreDetectBank::add_to_stats(GstStructure* stats) const {
  GST_OBJECT_LOCK(element_);
  const std::string device =
      detector_ ? patchcore::device_name(detector_->device().device) : std::string();
  gst_structure_set(stats, "device", G_TYPE_STRING, detector_ ? device.c_str() : nullptr, "bank",
                    G_TYPE_STRING, detector_ ? detector_->bank().checksum.c_str() : nullptr,
                    "swaps", G_TYPE_UINT64, swaps_, nullptr);
  GST_OBJECT_UNLOCK(element_);
}

void GstPatchCoreDetectBank::set_in_use(const patchcore::LoadedBank& loaded) {
  const patchcore::Detector& detector = *loaded.detector;
  const patchcore::BankSummary& bank = detector.bank();
  GST_INFO_OBJECT(element_, "%s: %s, %" G_GINT64_FORMAT " patches, threshold %g, on %s",
                  loaded.source.path.c_str(), bank.backbone.c_str(),
                  static_cast<gint64>(bank.patches), bank.threshold,
                  patchcore::device_name(detector.device().device).c_str());
  std::shared_ptr<const patchcore::Detector> used = loaded.detector;
  GST_OBJECT_LOCK(element_);
  used.swap(detector_);
  path_ = loaded.source.path;
  GST_OBJECT_UNLOCK(element_);
  loading_.retire(std::move(used));
  gst_patch_core_warn_of_device(element_, detector.device());
  gst_patch_core_warn_of_slow_precision(element_, loaded.source.options.precision,
                                        detector.device().device);
  g_object_notify(G_OBJECT(element_), "bank-info");
}

void GstPatchCoreDetectBank::warn(const std::string& path, const std::exception& error) {
  GST_WARNING_OBJECT(element_, "%s is not used: %s", path.c_str(), error.what());
  gst_patch_core_post_warning(element_, error, "The bank stays as it is");
}
