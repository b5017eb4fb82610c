/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * The result of an inspection, attached to a video buffer. */
#pragma once

#include <gst/gst.h>
#include <gst/patchcore/patchcore-prelude.h>

G_BEGIN_DECLS

typedef struct _GstPatchCoreMeta GstPatchCoreMeta;
typedef struct _GstPatchCoreRegion GstPatchCoreRegion;
typedef struct _GstPatchCorePart GstPatchCorePart;

typedef enum {
  GST_PATCH_CORE_RESULT_NONE,
  GST_PATCH_CORE_RESULT_FRESH,
  GST_PATCH_CORE_RESULT_HELD,
} GstPatchCoreResult;

typedef enum {
  GST_PATCH_CORE_REASON_NONE,
  GST_PATCH_CORE_REASON_INTERVAL,
  GST_PATCH_CORE_REASON_GAP,
  GST_PATCH_CORE_REASON_LATE,
  GST_PATCH_CORE_REASON_NOT_YET,
  GST_PATCH_CORE_REASON_NO_PART,
  GST_PATCH_CORE_REASON_UNFIT,
} GstPatchCoreReason;

typedef enum {
  GST_PATCH_CORE_VERDICT_UNKNOWN,
  GST_PATCH_CORE_VERDICT_NORMAL,
  GST_PATCH_CORE_VERDICT_ANOMALOUS,
} GstPatchCoreVerdict;

struct _GstPatchCoreRegion {
  gint x;
  gint y;
  gint width;
  gint height;
  gdouble area;
  gdouble peak;
  gint peak_x;
  gint peak_y;
};

struct _GstPatchCorePart {
  gint roi_id;
  GstPatchCoreReason reason;
  GstPatchCoreVerdict verdict;
  gdouble score;
  gdouble relative_score;
  gint x;
  gint y;
  gint width;
  gint height;
};

struct _GstPatchCoreMeta {
  GstMeta meta;

  GstPatchCoreResult result;
  GstPatchCoreReason reason;
  GstPatchCoreVerdict verdict;
  gdouble score;
  gdouble threshold;
  gdouble usual_score;
  gdouble relative_score;
  GstClockTime scored_pts;
  GstClockTime age;
  gchar* bank;

  gint inspected_x;
  gint inspected_y;
  gint inspected_width;
  gint inspected_height;
  gint input_width;
  gint input_height;

  guint map_width;
  guint map_height;
  gfloat* map;

  guint n_regions;
  GstPatchCoreRegion* regions;

  guint n_parts;
  GstPatchCorePart* parts;

  gboolean drawn;
};

GST_PATCH_CORE_API
GType gst_patch_core_meta_api_get_type(void);
#define GST_PATCH_CORE_META_API_TYPE (gst_patch_core_meta_api_get_type())

GST_PATCH_CORE_API
const GstMetaInfo* gst_patch_core_meta_get_info(void);
#define GST_PATCH_CORE_META_INFO (gst_patch_core_meta_get_info())

GST_PATCH_CORE_API
GType gst_patch_core_result_get_type(void);
#define GST_TYPE_PATCH_CORE_RESULT (gst_patch_core_result_get_type())

GST_PATCH_CORE_API
GType gst_patch_core_reason_get_type(void);
#define GST_TYPE_PATCH_CORE_REASON (gst_patch_core_reason_get_type())

GST_PATCH_CORE_API
GType gst_patch_core_verdict_get_type(void);
#define GST_TYPE_PATCH_CORE_VERDICT (gst_patch_core_verdict_get_type())

GST_PATCH_CORE_API
GstPatchCoreMeta* gst_buffer_add_patch_core_meta(GstBuffer* buffer);

GST_PATCH_CORE_API
GstPatchCoreMeta* gst_buffer_get_patch_core_meta(GstBuffer* buffer);

GST_PATCH_CORE_API
void gst_patch_core_meta_set_bank(GstPatchCoreMeta* meta, const gchar* bank);

GST_PATCH_CORE_API
void gst_patch_core_meta_set_map(GstPatchCoreMeta* meta, const gfloat* map, guint width,
                                 guint height);

GST_PATCH_CORE_API
void gst_patch_core_meta_set_regions(GstPatchCoreMeta* meta, const GstPatchCoreRegion* regions,
                                     guint n_regions);

GST_PATCH_CORE_API
void gst_patch_core_meta_set_parts(GstPatchCoreMeta* meta, const GstPatchCorePart* parts,
                                   guint n_parts);

GST_PATCH_CORE_API
const gfloat* gst_patch_core_meta_get_map(const GstPatchCoreMeta* meta, gsize* n_values);

GST_PATCH_CORE_API
const GstPatchCoreRegion* gst_patch_core_meta_get_region(const GstPatchCoreMeta* meta, guint index);

GST_PATCH_CORE_API
const GstPatchCorePart* gst_patch_core_meta_get_part(const GstPatchCoreMeta* meta, guint index);

G_END_DECLS
