// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result as GStreamer's own analytics metadata. Built with GStreamer 1.24 or newer only.
#include "gst/gstpatchcoreanalytics.h"

#include <gst/analytics/analytics.h>

#include "core/types.h"

namespace {

bool add_verdict(GstAnalyticsRelationMeta* relations, const GstPatchCoreMeta* meta,
                 GstAnalyticsClsMtd* verdict) {
  const double anomalous = patchcore::confidence(meta->score, meta->threshold);
  gfloat levels[] = {static_cast<gfloat>(anomalous), static_cast<gfloat>(1 - anomalous)};
  GQuark classes[] = {g_quark_from_static_string("anomalous"),
                      g_quark_from_static_string("normal")};
  return gst_analytics_relation_meta_add_cls_mtd(relations, G_N_ELEMENTS(levels), levels, classes,
                                                 verdict) != FALSE;
}

bool add_region(GstAnalyticsRelationMeta* relations, const GstPatchCoreRegion& region,
                double threshold, GstAnalyticsODMtd* object) {
  const double anomalous = patchcore::confidence(region.peak, threshold);
  return gst_analytics_relation_meta_add_od_mtd(relations, g_quark_from_static_string("anomaly"),
                                                region.x, region.y, region.width, region.height,
                                                static_cast<gfloat>(anomalous), object) != FALSE;
}

}  // namespace

void gst_patch_core_analytics_attach(GstBuffer* buffer, const GstPatchCoreMeta* meta) {
  if (meta->result == GST_PATCH_CORE_RESULT_NONE) return;
  GstAnalyticsRelationMeta* relations = gst_buffer_get_analytics_relation_meta(buffer);
  if (relations == nullptr) relations = gst_buffer_add_analytics_relation_meta(buffer);

  GstAnalyticsClsMtd verdict;
  if (!add_verdict(relations, meta, &verdict)) return;
  for (guint i = 0; i < meta->n_regions; ++i) {
    GstAnalyticsODMtd object;
    if (!add_region(relations, meta->regions[i], meta->threshold, &object)) return;
    gst_analytics_relation_meta_set_relation(relations, GST_ANALYTICS_REL_TYPE_RELATE_TO, object.id,
                                             verdict.id);
  }
}
