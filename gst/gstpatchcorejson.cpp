// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The result of an inspection as one line of JSON.
#include "gst/gstpatchcorejson.h"

#include <nlohmann/json.hpp>

namespace {

// Fields stay in the order in which they are written here. The writer gives doubles the fewest
// digits that read back as the same value, whatever the locale, and null for NaN and infinity.
using Json = nlohmann::ordered_json;

Json time_or_null(GstClockTime time) {
  return GST_CLOCK_TIME_IS_VALID(time) ? Json(time) : Json();
}

const char* nick(GType type, int value) {
  auto* values = static_cast<GEnumClass*>(g_type_class_ref(type));
  const GEnumValue* found = g_enum_get_value(values, value);
  if (found == nullptr) found = g_enum_get_value(values, 0);
  // Registered values are static, so the name outlives the reference to their class.
  g_type_class_unref(values);
  return found->value_nick;
}

/// Also of frames that were not inspected; null for those that were scored.
Json reason_of(const GstPatchCoreMeta* meta) {
  if (meta == nullptr || meta->reason == GST_PATCH_CORE_REASON_NONE) return Json();
  return nick(GST_TYPE_PATCH_CORE_REASON, meta->reason);
}

Json map_of(const GstPatchCoreMeta& meta, bool include_map) {
  gsize n_values = 0;
  const gfloat* values = gst_patch_core_meta_get_map(&meta, &n_values);
  if (values == nullptr) return Json();

  Json map = {{"width", meta.map_width}, {"height", meta.map_height}};
  if (include_map) {
    Json list = Json::array();
    for (gsize i = 0; i < n_values; ++i) list.push_back(values[i]);
    map["values"] = std::move(list);
  }
  return map;
}

Json regions_of(const GstPatchCoreMeta& meta) {
  Json regions = Json::array();
  for (guint i = 0; i < meta.n_regions; ++i) {
    const GstPatchCoreRegion& region = *gst_patch_core_meta_get_region(&meta, i);
    regions.push_back(Json{{"x", region.x},
                           {"y", region.y},
                           {"width", region.width},
                           {"height", region.height},
                           {"area", region.area},
                           {"peak", region.peak},
                           {"peak_x", region.peak_x},
                           {"peak_y", region.peak_y}});
  }
  return regions;
}

/// Also of frames none of whose parts was inspected.
Json parts_of(const GstPatchCoreMeta* meta) {
  Json parts = Json::array();
  for (guint i = 0; meta != nullptr && i < meta->n_parts; ++i) {
    const GstPatchCorePart& part = *gst_patch_core_meta_get_part(meta, i);
    const bool scored = part.verdict != GST_PATCH_CORE_VERDICT_UNKNOWN;
    parts.push_back(Json{{"roi_id", part.roi_id},
                         {"reason", part.reason == GST_PATCH_CORE_REASON_NONE
                                        ? Json()
                                        : Json(nick(GST_TYPE_PATCH_CORE_REASON, part.reason))},
                         {"verdict", nick(GST_TYPE_PATCH_CORE_VERDICT, part.verdict)},
                         {"score", scored ? Json(part.score) : Json()},
                         {"relative_score", scored ? Json(part.relative_score) : Json()},
                         {"x", part.x},
                         {"y", part.y},
                         {"width", part.width},
                         {"height", part.height}});
  }
  return parts;
}

}  // namespace

std::string gst_patch_core_json(guint64 frame, GstClockTime pts, const GstPatchCoreMeta* meta,
                                bool include_map) {
  // A frame that was not inspected has no values, whatever its metadata holds.
  const bool inspected = meta != nullptr && meta->result != GST_PATCH_CORE_RESULT_NONE;

  Json line;
  line["frame"] = frame;
  line["pts"] = time_or_null(pts);
  line["result"] =
      nick(GST_TYPE_PATCH_CORE_RESULT, inspected ? meta->result : GST_PATCH_CORE_RESULT_NONE);
  line["reason"] = reason_of(meta);
  line["verdict"] =
      nick(GST_TYPE_PATCH_CORE_VERDICT, inspected ? meta->verdict : GST_PATCH_CORE_VERDICT_UNKNOWN);
  line["score"] = inspected ? Json(meta->score) : Json();
  line["threshold"] = inspected ? Json(meta->threshold) : Json();
  line["usual_score"] = inspected ? Json(meta->usual_score) : Json();
  line["relative_score"] = inspected ? Json(meta->relative_score) : Json();
  line["scored_pts"] = inspected ? time_or_null(meta->scored_pts) : Json();
  line["age"] = inspected ? time_or_null(meta->age) : Json();
  line["bank"] = inspected && meta->bank != nullptr ? Json(meta->bank) : Json();
  line["inspected"] = inspected ? Json{{"x", meta->inspected_x},
                                       {"y", meta->inspected_y},
                                       {"width", meta->inspected_width},
                                       {"height", meta->inspected_height}}
                                : Json();
  line["map"] = inspected ? map_of(*meta, include_map) : Json();
  line["regions"] = inspected ? regions_of(*meta) : Json::array();
  line["parts"] = parts_of(meta);
  // Metadata may be anybody's: a name of a bank that is no UTF-8 is no reason to fail.
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}
