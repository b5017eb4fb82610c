// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result of an inspection as metadata of a buffer and as a message.
#include "gst/gstpatchcoreresult.h"

#include <gst/video/video.h>

#include <vector>

#ifdef PATCHCORE_WITH_ANALYTICS
#include "gst/gstpatchcoreanalytics.h"
#endif

namespace {

GstPatchCoreRegion to_gst(const patchcore::Region& region) {
  return {region.box.x, region.box.y, region.box.width, region.box.height,
          region.area,  region.peak,  region.peak_x,    region.peak_y};
}

GstStructure* region_structure(const GstPatchCoreRegion& region, double threshold) {
  return gst_structure_new(GST_PATCH_CORE_REGION_NAME, "x", G_TYPE_INT, region.x, "y", G_TYPE_INT,
                           region.y, "width", G_TYPE_INT, region.width, "height", G_TYPE_INT,
                           region.height, "area", G_TYPE_DOUBLE, region.area, "peak", G_TYPE_DOUBLE,
                           region.peak, "relative-peak", G_TYPE_DOUBLE,
                           patchcore::relative_score(region.peak, threshold), "peak-x", G_TYPE_INT,
                           region.peak_x, "peak-y", G_TYPE_INT, region.peak_y, nullptr);
}

void attach_region_of_interest(GstBuffer* buffer, const GstPatchCoreRegion& region,
                               double threshold) {
  GstVideoRegionOfInterestMeta* roi = gst_buffer_add_video_region_of_interest_meta(
      buffer, GST_PATCH_CORE_REGION_TYPE, static_cast<guint>(region.x),
      static_cast<guint>(region.y), static_cast<guint>(region.width),
      static_cast<guint>(region.height));
  gst_video_region_of_interest_meta_add_param(roi, region_structure(region, threshold));
}

/// Without an age where a time is missing or runs backwards.
GstClockTime age_of(GstClockTime scored_pts, GstClockTime pts) {
  const bool known =
      GST_CLOCK_TIME_IS_VALID(scored_pts) && GST_CLOCK_TIME_IS_VALID(pts) && scored_pts <= pts;
  return known ? pts - scored_pts : GST_CLOCK_TIME_NONE;
}

/// Sets a field to an array of structures.
/// @param make  (guint index) -> GstStructure*, (transfer full)
template <typename Make>
void set_structures(GstStructure* structure, const char* field, guint count, Make make) {
  GValue array = G_VALUE_INIT;
  g_value_init(&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < count; ++i) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed(&value, make(i));
    gst_value_array_append_and_take_value(&array, &value);
  }
  gst_structure_take_value(structure, field, &array);
}

}  // namespace

GstStructure* gst_patch_core_part_structure(const GstPatchCorePart& part) {
  return gst_structure_new(GST_PATCH_CORE_PART_NAME, "roi-id", G_TYPE_INT, part.roi_id, "reason",
                           GST_TYPE_PATCH_CORE_REASON, part.reason, "verdict",
                           GST_TYPE_PATCH_CORE_VERDICT, part.verdict, "score", G_TYPE_DOUBLE,
                           part.score, "relative-score", G_TYPE_DOUBLE, part.relative_score, "x",
                           G_TYPE_INT, part.x, "y", G_TYPE_INT, part.y, "width", G_TYPE_INT,
                           part.width, "height", G_TYPE_INT, part.height, nullptr);
}

GstPatchCoreMeta* gst_patch_core_result_attach(GstBuffer* buffer,
                                               const GstPatchCoreFrameResult& frame) {
  GstPatchCoreMeta* meta = gst_buffer_add_patch_core_meta(buffer);
  meta->result = frame.result;
  meta->reason = frame.reason;
  if (frame.parts != nullptr) {
    gst_patch_core_meta_set_parts(meta, frame.parts->data(),
                                  static_cast<guint>(frame.parts->size()));
  }
  const patchcore::Detection* detection = frame.detection;
  if (detection == nullptr) return meta;

  meta->verdict =
      detection->anomalous ? GST_PATCH_CORE_VERDICT_ANOMALOUS : GST_PATCH_CORE_VERDICT_NORMAL;
  meta->score = detection->score;
  meta->threshold = detection->threshold;
  meta->usual_score = detection->usual_score;
  meta->relative_score = patchcore::relative_score(detection->score, detection->threshold);
  meta->scored_pts = frame.scored_pts;
  meta->age = age_of(frame.scored_pts, GST_BUFFER_PTS(buffer));
  gst_patch_core_meta_set_bank(meta, frame.bank);
  meta->inspected_x = detection->inspected.x;
  meta->inspected_y = detection->inspected.y;
  meta->inspected_width = detection->inspected.width;
  meta->inspected_height = detection->inspected.height;
  meta->input_width = detection->input_size.width;
  meta->input_height = detection->input_size.height;
  gst_patch_core_meta_set_map(meta, detection->map.values.data(),
                              static_cast<guint>(detection->map.width),
                              static_cast<guint>(detection->map.height));

  std::vector<GstPatchCoreRegion> regions;
  regions.reserve(detection->regions.size());
  for (const patchcore::Region& region : detection->regions) {
    regions.push_back(to_gst(region));
    attach_region_of_interest(buffer, regions.back(), detection->threshold);
  }
  gst_patch_core_meta_set_regions(meta, regions.data(), static_cast<guint>(regions.size()));
#ifdef PATCHCORE_WITH_ANALYTICS
  gst_patch_core_analytics_attach(buffer, meta);
#endif
  return meta;
}

static GstPatchCoreMeta* nearest_meta(GstBuffer* buffer) {
  GstPatchCoreMeta* nearest = nullptr;
  gpointer state = nullptr;
  while (GstMeta* meta =
             gst_buffer_iterate_meta_filtered(buffer, &state, GST_PATCH_CORE_META_API_TYPE)) {
    nearest = reinterpret_cast<GstPatchCoreMeta*>(meta);
  }
  return nearest;
}

const GstPatchCoreMeta* gst_patch_core_result_nearest(GstBuffer* buffer) {
  return nearest_meta(buffer);
}

void gst_patch_core_result_mark_drawn(GstBuffer* buffer) {
  if (GstPatchCoreMeta* meta = nearest_meta(buffer)) meta->drawn = TRUE;
}

static bool is_drawn_upon(GstBuffer* buffer) {
  gpointer state = nullptr;
  while (const GstMeta* meta =
             gst_buffer_iterate_meta_filtered(buffer, &state, GST_PATCH_CORE_META_API_TYPE)) {
    if (reinterpret_cast<const GstPatchCoreMeta*>(meta)->drawn) return true;
  }
  return false;
}

void gst_patch_core_warn_once_of_drawing(GstElement* element, GstBuffer* buffer, bool& warned) {
  if (warned || !is_drawn_upon(buffer)) return;
  warned = true;
  GST_ELEMENT_WARNING(element, STREAM, FAILED,
                      ("The frames come with an overlay drawn into them, and are not the camera's "
                       "any more: set overlay=none of the patchcoredetect upstream, and draw last"),
                      (nullptr));
}

/// Applications may attach what they like. Beyond any frame's size positions would overflow, and
/// pictures would fill the memory.
static bool has_plausible_sizes(const GstPatchCoreMeta* meta) {
  constexpr gint largest = 1 << 16;
  for (const gint position : {meta->inspected_x, meta->inspected_y}) {
    if (position < -largest || position > largest) return false;
  }
  for (const gint size :
       {meta->inspected_width, meta->inspected_height, meta->input_width, meta->input_height}) {
    if (size < 1 || size > largest) return false;
  }
  return true;
}

patchcore::Detection gst_patch_core_result_detection(const GstPatchCoreMeta* meta) {
  patchcore::Detection detection;
  detection.score = meta->score;
  detection.threshold = meta->threshold;
  detection.usual_score = meta->usual_score;
  detection.anomalous = meta->verdict == GST_PATCH_CORE_VERDICT_ANOMALOUS;
  if (!has_plausible_sizes(meta)) return detection;
  gsize values = 0;
  const gfloat* map = gst_patch_core_meta_get_map(meta, &values);
  detection.map.width = static_cast<int>(meta->map_width);
  detection.map.height = static_cast<int>(meta->map_height);
  detection.map.values.assign(map, map + values);
  detection.inspected = {meta->inspected_x, meta->inspected_y, meta->inspected_width,
                         meta->inspected_height};
  detection.input_size = {meta->input_width, meta->input_height};
  return detection;
}

GstStructure* gst_patch_core_result_structure(GstBuffer* buffer, const GstPatchCoreMeta* meta,
                                              const GstSegment* segment) {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  // A segment in bytes, as appsrc's by default, says nothing of times.
  const bool timed = segment->format == GST_FORMAT_TIME;
  const GstClockTime stream_time =
      timed ? gst_segment_to_stream_time(segment, GST_FORMAT_TIME, pts) : GST_CLOCK_TIME_NONE;
  const GstClockTime running_time =
      timed ? gst_segment_to_running_time(segment, GST_FORMAT_TIME, pts) : GST_CLOCK_TIME_NONE;
  GstStructure* structure = gst_structure_new(
      GST_PATCH_CORE_RESULT_NAME, "result", GST_TYPE_PATCH_CORE_RESULT, meta->result, "reason",
      GST_TYPE_PATCH_CORE_REASON, meta->reason, "verdict", GST_TYPE_PATCH_CORE_VERDICT,
      meta->verdict, "score", G_TYPE_DOUBLE, meta->score, "threshold", G_TYPE_DOUBLE,
      meta->threshold, "usual-score", G_TYPE_DOUBLE, meta->usual_score, "relative-score",
      G_TYPE_DOUBLE, meta->relative_score, "pts", G_TYPE_UINT64, pts, "duration", G_TYPE_UINT64,
      GST_BUFFER_DURATION(buffer), "stream-time", G_TYPE_UINT64, stream_time, "running-time",
      G_TYPE_UINT64, running_time, "scored-pts", G_TYPE_UINT64, meta->scored_pts, "age",
      G_TYPE_UINT64, meta->age, "bank", G_TYPE_STRING, meta->bank, nullptr);
  set_structures(structure, "regions", meta->n_regions,
                 [meta](guint i) { return region_structure(meta->regions[i], meta->threshold); });
  set_structures(structure, "parts", meta->n_parts,
                 [meta](guint i) { return gst_patch_core_part_structure(meta->parts[i]); });
  return structure;
}
