// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The memory bank that patchcoredetect uses, and how the next one comes into use.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/bank_loading.h"
#include "core/detector.h"
#include "gst/gstpatchcoredetectproperties.h"

/// Loads the first bank while the element starts, and others beside it while frames are scored. The
/// streaming thread takes one into use between two frames; what cannot be used is told of in a
/// warning, and changes nothing. Takes the element's object lock: never call with it held.
class GstPatchCoreDetectBank {
 public:
  /// @param element   the owner
  /// @param settings  guarded by its object lock
  GstPatchCoreDetectBank(GstElement* element, const GstPatchCoreDetectLoadSettings& settings);

  /// Loads the bank that the settings name, and waits for it. From here on to stop() request() and
  /// follow() are heard.
  /// @throws Error
  std::shared_ptr<const patchcore::Detector> start();

  /// No bank is in use any more. Waits for a load in progress.
  void stop();

  /// Has the bank that the settings name loaded. Any thread.
  void request();

  /// Whether the bank file is followed is another setting now. Any thread.
  void follow();

  /// What waits to be used. Of the streaming thread, as all that follow.
  std::optional<patchcore::LoadedBank> take() { return loading_.take(); }

  /// This one is in use from now on: tells the application.
  /// @param pts   of the first frame that is compared with it
  /// @param used  what it replaces, which is freed on another thread
  void use(const patchcore::LoadedBank& loaded, GstClockTime pts, std::shared_ptr<const void> used);

  /// This one is not going to be used: says why.
  void refuse(patchcore::LoadedBank loaded, const std::exception& error);

  /// What the property `bank-info` holds. Any thread.
  /// @return (transfer full) null while no bank is in use
  GstStructure* info() const;

  /// Adds to the counts which bank they end with. Any thread.
  void add_to_stats(GstStructure* stats) const;

 private:
  void set_in_use(const patchcore::LoadedBank& loaded);
  void warn(const std::string& path, const std::exception& error);

  GstElement* element_;
  const GstPatchCoreDetectLoadSettings& settings_;
  patchcore::BankLoading loading_;
  std::mutex requests_;  ///< held from reading the settings to asking for what they name

  // Guarded by the object lock.
  std::shared_ptr<const patchcore::Detector> detector_;  ///< in use
  std::string path_;                                     ///< that it was loaded from
  guint64 swaps_ = 0;                                    ///< since start()
};
