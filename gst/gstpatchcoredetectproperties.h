// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The properties of patchcoredetect and the settings that they stand for.
#pragma once

#include <gst/gst.h>

#include <string>

#include "core/device.h"
#include "core/options.h"
#include "gst/gstpatchcoreoverlayproperties.h"
#include "gst/gstpatchcoreproperties.h"

enum GstPatchCoreDetectProperty {
  GST_PATCH_CORE_DETECT_BANK = 1,
  GST_PATCH_CORE_DETECT_WATCH_BANK,
  GST_PATCH_CORE_DETECT_WEIGHTS,
  GST_PATCH_CORE_DETECT_ALLOW_TORCHSCRIPT,
  GST_PATCH_CORE_DETECT_REGION,
  GST_PATCH_CORE_DETECT_MASK,
  GST_PATCH_CORE_DETECT_REGION_FROM_META,
  GST_PATCH_CORE_DETECT_THRESHOLD,
  GST_PATCH_CORE_DETECT_OVERLAY,
  GST_PATCH_CORE_DETECT_OVERLAY_OPACITY,
  GST_PATCH_CORE_DETECT_MODE,
  GST_PATCH_CORE_DETECT_INTERVAL,
  GST_PATCH_CORE_DETECT_MIN_REGION_AREA,
  GST_PATCH_CORE_DETECT_POST_MESSAGES,
  GST_PATCH_CORE_DETECT_STATS_INTERVAL,
  GST_PATCH_CORE_DETECT_QOS,
  GST_PATCH_CORE_DETECT_THREADS,
  GST_PATCH_CORE_DETECT_ENGINE_THREADS,
  GST_PATCH_CORE_DETECT_BATCH_SIZE,
  GST_PATCH_CORE_DETECT_BATCH_TIMEOUT,
  GST_PATCH_CORE_DETECT_INDEX,
  GST_PATCH_CORE_DETECT_PRECISION,
  GST_PATCH_CORE_DETECT_DEVICE,
  GST_PATCH_CORE_DETECT_BANK_INFO,  ///< read-only, the element's own
  GST_PATCH_CORE_DETECT_STATS,      ///< read-only, the element's own
};

/// Read whenever a bank is loaded; mode, threads and batches at start only.
struct GstPatchCoreDetectLoadSettings {
  static constexpr gboolean DEFAULT_WATCH_BANK = FALSE;
  static constexpr GstPatchCoreMode DEFAULT_MODE = GST_PATCH_CORE_MODE_AUTO;
  static constexpr gint DEFAULT_THREADS = 0;
  static constexpr gboolean DEFAULT_ALLOW_TORCHSCRIPT = FALSE;
  static constexpr gint DEFAULT_ENGINE_THREADS = 0;
  static constexpr gint DEFAULT_BATCH_SIZE = 1;
  static constexpr guint DEFAULT_BATCH_TIMEOUT = 0;
  static constexpr patchcore::Precision DEFAULT_PRECISION = patchcore::Precision::automatic;
  static constexpr const char* DEFAULT_DEVICE = patchcore::automatic_device;
  static constexpr patchcore::IndexKind DEFAULT_INDEX = patchcore::IndexKind::automatic;

  std::string bank;
  bool watch_bank = DEFAULT_WATCH_BANK;  ///< read at once
  std::string weights;
  bool allow_torchscript = DEFAULT_ALLOW_TORCHSCRIPT;
  std::string region_from_meta;  ///< read at start
  GstPatchCoreMode mode = DEFAULT_MODE;
  gint threads = DEFAULT_THREADS;
  gint engine_threads = DEFAULT_ENGINE_THREADS;  ///< 0: as threads
  gint batch_size = DEFAULT_BATCH_SIZE;
  guint batch_timeout = DEFAULT_BATCH_TIMEOUT;  ///< milliseconds
  patchcore::IndexKind index = DEFAULT_INDEX;
  patchcore::Precision precision = DEFAULT_PRECISION;
  std::string device = DEFAULT_DEVICE;  ///< empty: the default
};

/// Read at start and whenever they are set. Empty: as the bank has it.
struct GstPatchCoreDetectAreaSettings {
  std::string region;
  std::string mask;  ///< a path, or "none"
};

/// Read before every frame.
struct GstPatchCoreDetectFrameSettings {
  static constexpr double DEFAULT_THRESHOLD = -1;
  static constexpr guint DEFAULT_INTERVAL = 1;
  static constexpr double DEFAULT_MIN_REGION_AREA = 0;
  static constexpr GstPatchCorePostMessages DEFAULT_POST_MESSAGES =
      GST_PATCH_CORE_POST_MESSAGES_ANOMALOUS;
  static constexpr guint DEFAULT_STATS_INTERVAL = 0;
  static constexpr gboolean DEFAULT_QOS = FALSE;

  double threshold = DEFAULT_THRESHOLD;
  GstPatchCoreOverlaySettings overlay;
  guint interval = DEFAULT_INTERVAL;
  double min_region_area = DEFAULT_MIN_REGION_AREA;
  GstPatchCorePostMessages post_messages = DEFAULT_POST_MESSAGES;
  guint stats_interval = DEFAULT_STATS_INTERVAL;  ///< milliseconds; 0: no messages
  gboolean qos = DEFAULT_QOS;
};

struct GstPatchCoreDetectSettings {
  GstPatchCoreDetectLoadSettings load;
  GstPatchCoreDetectAreaSettings area;
  GstPatchCoreDetectFrameSettings frame;
};

void gst_patch_core_detect_install_properties(GObjectClass* object_class);

/// @return false if no setting has this id
bool gst_patch_core_detect_store_property(GstPatchCoreDetectSettings& settings, guint id,
                                          const GValue* value);

/// @return false if no setting has this id
bool gst_patch_core_detect_load_property(const GstPatchCoreDetectSettings& settings, guint id,
                                         GValue* value);
