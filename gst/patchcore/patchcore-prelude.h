/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * Visibility of the metadata library's symbols. */
#pragma once

#include <gst/gst.h>

#ifndef GST_PATCH_CORE_API
#ifdef BUILDING_GST_PATCH_CORE
#define GST_PATCH_CORE_API GST_API_EXPORT
#else
#define GST_PATCH_CORE_API GST_API_IMPORT
#endif
#endif
