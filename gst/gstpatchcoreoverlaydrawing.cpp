// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The overlay of the latest result: drawn once, then laid over as many frames as it is shown on.
#include "gst/gstpatchcoreoverlaydrawing.h"

#include <algorithm>
#include <cstring>
#include <locale>
#include <sstream>
#include <string>

#include "gst/gstpatchcorecomposition.h"
#include "gst/gstpatchcoreframe.h"

namespace {

/// In the same words in every locale.
std::string label_text(const patchcore::Detection& detection) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.setf(std::ios::fixed);
  text.precision(2);
  text << (detection.anomalous ? "ANOMALY " : "OK ")
       << patchcore::relative_score(detection.score, detection.threshold);
  return text.str();
}

std::vector<patchcore::OverlayPicture> pictures_of(const patchcore::Detection& detection,
                                                   const GstPatchCoreOverlaySettings& settings,
                                                   patchcore::Size frame) {
  std::vector<patchcore::OverlayPicture> pictures;
  if ((settings.overlay & GST_PATCH_CORE_OVERLAY_HEATMAP) != 0) {
    pictures.push_back(patchcore::draw_heatmap(detection, settings.opacity));
  }
  if ((settings.overlay & GST_PATCH_CORE_OVERLAY_CONTOUR) != 0) {
    pictures.push_back(patchcore::draw_contour(detection, settings.opacity));
  }
  if ((settings.overlay & GST_PATCH_CORE_OVERLAY_LABEL) != 0) {
    pictures.push_back(patchcore::draw_label(detection, label_text(detection), frame));
  }
  return pictures;
}

/// To the bit: what is no number is equal to itself here.
bool same(double a, double b) {
  return std::memcmp(&a, &b, sizeof(a)) == 0;
}

bool same(const patchcore::ScoreMap& a, const patchcore::ScoreMap& b) {
  return a.width == b.width && a.height == b.height && a.values.size() == b.values.size() &&
         (a.values.empty() ||
          std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0);
}

bool same(const patchcore::Rect& a, const patchcore::Rect& b) {
  return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/// A map is a few kilobytes: comparing it costs next to nothing beside drawing it, and says more
/// than a time or a number that metadata may lack or repeat.
bool same(const patchcore::Detection& a, const patchcore::Detection& b) {
  return same(a.score, b.score) && same(a.threshold, b.threshold) &&
         same(a.usual_score, b.usual_score) && a.anomalous == b.anomalous &&
         same(a.inspected, b.inspected) && a.input_size == b.input_size && same(a.map, b.map);
}

bool same(const GstPatchCoreOverlaySettings& a, const GstPatchCoreOverlaySettings& b) {
  return a.overlay == b.overlay && a.opacity == b.opacity;
}

}  // namespace

void GstPatchCoreOverlayDrawing::draw(const patchcore::Detection& detection,
                                      const GstPatchCoreOverlaySettings& settings,
                                      patchcore::Size frame) {
  if (drawn_ && same(drawn_->settings, settings) && drawn_->frame == frame &&
      same(drawn_->detection, detection)) {
    return;
  }
  forget();
  pictures_ = pictures_of(detection, settings, frame);
  drawn_ = {detection, settings, frame};
}

/// Whether nothing shows.
bool GstPatchCoreOverlayDrawing::empty() const {
  return std::all_of(
      pictures_.begin(), pictures_.end(),
      [](const patchcore::OverlayPicture& picture) { return picture.pixels.empty(); });
}

GstFlowReturn GstPatchCoreOverlayDrawing::lay_over(GstElement* element, GstBuffer* buffer,
                                                   const GstVideoInfo& info, bool attach,
                                                   gboolean& drawn) {
  drawn = FALSE;
  if (empty()) return GST_FLOW_OK;
  if (attach) {
    if (!composition_) composition_.reset(gst_patch_core_composition_new(pictures_));
    if (composition_) gst_patch_core_composition_attach(buffer, composition_.get());
    return GST_FLOW_OK;
  }
  GstPatchCoreMappedFrame frame(info, buffer, GST_MAP_READWRITE);
  if (!frame) {
    gst_patch_core_post_map_error(element, info, buffer);
    return GST_FLOW_ERROR;
  }
  if (!gst_patch_core_composition_blend(pictures_, frame.get())) {
    GST_WARNING_OBJECT(element, "the overlay could not be blended");
    return GST_FLOW_OK;
  }
  drawn = TRUE;
  return GST_FLOW_OK;
}

void GstPatchCoreOverlayDrawing::forget() {
  drawn_.reset();
  pictures_.clear();
  composition_.reset();
}
