/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * Everything of the metadata library. */
#pragma once

#include <gst/patchcore/gstpatchcoremeta.h>
#include <gst/patchcore/patchcore-prelude.h>
