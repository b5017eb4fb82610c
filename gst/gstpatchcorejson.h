// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result of an inspection as one line of JSON.
#pragma once

#include <gst/gst.h>

#include <string>

#include "gst/patchcore/gstpatchcoremeta.h"

/// One JSON object without line feeds, the same in every locale. Numbers read back as the values
/// that were written; where there is none, or none that JSON can say, stands null.
/// @param frame        index of the buffer, from 0
/// @param pts          of the buffer; GST_CLOCK_TIME_NONE becomes null
/// @param meta         may be null: the frame was not inspected
/// @param include_map  with the values of the map, not its size alone
std::string gst_patch_core_json(guint64 frame, GstClockTime pts, const GstPatchCoreMeta* meta,
                                bool include_map);
