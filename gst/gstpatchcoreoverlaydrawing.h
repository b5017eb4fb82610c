// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// The overlay of the latest result: drawn once, then laid over as many frames as it is shown on.
#pragma once

#include <gst/video/video.h>

#include <memory>
#include <optional>
#include <vector>

#include "core/heatmap.h"
#include "gst/gstpatchcoreoverlayproperties.h"

/// Knows nothing of where and when a result was made: it draws what it is given, and draws anew
/// only if that is another result, other settings or another frame size than before. For one
/// thread at a time.
class GstPatchCoreOverlayDrawing {
 public:
  /// Makes the overlay that lay_over() lays over frames. Results are compared by what is
  /// drawn of them.
  /// @param detection  its regions are not needed
  /// @param frame      size of the frames
  /// @throws patchcore::Error
  void draw(const patchcore::Detection& detection, const GstPatchCoreOverlaySettings& settings,
            patchcore::Size frame);

  /// Lays what was drawn over a frame.
  /// @param element  posts what goes wrong
  /// @param buffer   a frame of @p info, writable
  /// @param attach   hand the overlay over as a composition, so that the pixels stay as they are,
  ///                 instead of blending it into them
  /// @param drawn    becomes whether pixels have changed
  GstFlowReturn lay_over(GstElement* element, GstBuffer* buffer, const GstVideoInfo& info,
                         bool attach, gboolean& drawn);

  /// Frees what was drawn.
  void forget();

 private:
  struct CompositionUnref {
    void operator()(GstVideoOverlayComposition* composition) const {
      gst_video_overlay_composition_unref(composition);
    }
  };

  /// What the pictures were drawn of.
  struct Drawn {
    patchcore::Detection detection;
    GstPatchCoreOverlaySettings settings;
    patchcore::Size frame;
  };

  bool empty() const;

  std::optional<Drawn> drawn_;
  std::vector<patchcore::OverlayPicture> pictures_;
  std::unique_ptr<GstVideoOverlayComposition, CompositionUnref> composition_;  ///< once needed
};
