/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * The result of an inspection, attached to a video buffer. */
#include "gst/patchcore/gstpatchcoremeta.h"

#include <gst/video/video.h>
#include <math.h>
#include <string.h>

#include "gst/patchcore/gstpatchcoremetatransform.h"

/**
 * SECTION:gstpatchcoremeta
 * @title: GstPatchCoreMeta
 * @short_description: The result of an inspection, attached to a video buffer
 *
 * `patchcoredetect` attaches a #GstPatchCoreMeta to every buffer that it lets pass. Read it with
 * gst_buffer_get_patch_core_meta() from a pad probe, an appsink or an element of your own:
 *
 * |[<!-- language="C" -->
 * GstPatchCoreMeta *meta = gst_buffer_get_patch_core_meta (buffer);
 *
 * if (meta && meta->result != GST_PATCH_CORE_RESULT_NONE)
 *   g_print ("score %g, %u regions\n", meta->score, meta->n_regions);
 * ]|
 *
 * All positions and sizes are pixels of the frame that carries the metadata. Copies, changes of the
 * colour format and encoders keep it; scalers (videoscale, videoconvertscale) have it converted. Up
 * to GStreamer 1.26 they say no more than the two sizes: where the display aspect changes, there
 * may be borders or not, and elements that crop, turn or mirror the picture say nothing at all.
 * There the metadata is dropped, since a wrong position is worse than none. From 1.28 on all of
 * them describe what they do ("gst-video-matrix"), and positions and map follow. A region that lies
 * outside of the new frame is left out; what lies partly outside keeps its whole size.
 *
 * Since: 0.1
 */

/**
 * GstPatchCoreResult:
 * @GST_PATCH_CORE_RESULT_NONE: the frame was not inspected, and there is no earlier result to show;
 *   this says nothing about the frame being good
 * @GST_PATCH_CORE_RESULT_FRESH: this very frame was scored
 * @GST_PATCH_CORE_RESULT_HELD: the latest result is shown again
 *
 * Where the values of a #GstPatchCoreMeta come from.
 *
 * Since: 0.1
 */

/**
 * GstPatchCoreReason:
 * @GST_PATCH_CORE_REASON_NONE: it was scored, or nobody said why not
 * @GST_PATCH_CORE_REASON_INTERVAL: it was not its turn, `patchcoredetect` scores each n-th frame
 * @GST_PATCH_CORE_REASON_GAP: the buffer holds no picture
 * @GST_PATCH_CORE_REASON_LATE: it came too late to be shown in time, as downstream's quality of
 *   service said
 * @GST_PATCH_CORE_REASON_NOT_YET: it had to go on before it could be scored, because an earlier
 *   frame was still being scored or its own score was not there yet
 * @GST_PATCH_CORE_REASON_NO_PART: the parts of frames are inspected that an element upstream marks,
 *   and this frame has none
 * @GST_PATCH_CORE_REASON_UNFIT: all of its parts are too small, masked or outside of it; of a
 *   part: this one
 *
 * Why a frame was not scored. With #GST_PATCH_CORE_RESULT_NONE that is why there is no result, with
 * #GST_PATCH_CORE_RESULT_HELD why it is an earlier frame's.
 *
 * Since: 0.1
 */

/**
 * GstPatchCoreVerdict:
 * @GST_PATCH_CORE_VERDICT_UNKNOWN: there is no result
 * @GST_PATCH_CORE_VERDICT_NORMAL: the score is below the threshold
 * @GST_PATCH_CORE_VERDICT_ANOMALOUS: the score is at the threshold or above
 *
 * What an inspection came to.
 *
 * Since: 0.1
 */

/**
 * GstPatchCoreRegion:
 * @x: left edge of the bounding box, frame pixels
 * @y: upper edge of the bounding box, frame pixels
 * @width: width of the bounding box, frame pixels
 * @height: height of the bounding box, frame pixels
 * @area: area of the region itself, frame pixels; at most that of the box
 * @peak: largest patch score inside, raw, in the unit of the score and the threshold
 * @peak_x: where the peak lies, frame pixels
 * @peak_y: where the peak lies, frame pixels
 *
 * A connected part of the frame whose patches reach the threshold.
 *
 * Since: 0.1
 */

/**
 * GstPatchCorePart:
 * @roi_id: the id of the #GstVideoRegionOfInterestMeta that marked it
 * @reason: why it was not scored; #GST_PATCH_CORE_REASON_NONE if it was
 * @verdict: what its inspection came to
 * @score: its score; not a number where it was not scored
 * @relative_score: its score / threshold; not a number where it was not scored
 * @x: left edge of what was looked at, frame pixels
 * @y: upper edge of that, frame pixels
 * @width: width of that, frame pixels
 * @height: height of that, frame pixels
 *
 * A part of the frame that was inspected by itself, as an element upstream had marked it with a
 * region of interest.
 *
 * Since: 0.1
 */

/**
 * GstPatchCoreMeta:
 * @meta: the parent
 * @result: where the values come from
 * @reason: why this frame was not scored
 * @verdict: what the inspection came to
 * @score: score of the frame, raw and never clamped; not a number where there is no result
 * @threshold: the boundary that it was compared with; not a number where there is no result
 * @usual_score: what a usual good frame scores, in the unit of @score; heatmaps begin here. Not a
 *   number where there is no result
 * @relative_score: score / threshold, so that 1 is the boundary everywhere; infinite for a
 * threshold of 0, not a number where there is no result
 * @scored_pts: presentation time of the frame that was scored, or #GST_CLOCK_TIME_NONE
 * @age: how much earlier that frame was than this one, 0 for a fresh result;
 *   #GST_CLOCK_TIME_NONE where there is no result or a time is missing. It stays as it was when the
 *   result was attached, also where a later element changes the times of buffers.
 * @bank: (nullable): what names the memory bank that the result came from: for `patchcoredetect`
 *   the checksum in its `bank-info`; %NULL where there is no result
 * @inspected_x: left edge of the part of the frame that was looked at, frame pixels
 * @inspected_y: upper edge of that part, frame pixels
 * @inspected_width: width of that part, frame pixels
 * @inspected_height: height of that part, frame pixels
 * @input_width: width that the network saw the inspected part at, its own pixels
 * @input_height: height that it saw it at
 * @map_width: columns of the map
 * @map_height: rows of the map
 * @map: (skip): raw patch scores, `map_height` x `map_width` values, row-major; they cover the
 *   inspected part evenly. Bindings use gst_patch_core_meta_get_map().
 * @n_regions: number of regions
 * @regions: (skip): the regions, largest peak first. Bindings use gst_patch_core_meta_get_region().
 * @n_parts: number of parts; 0 where the frame was inspected as one
 * @parts: (skip): the parts, in the order of their regions of interest. Bindings use
 *   gst_patch_core_meta_get_part().
 * @drawn: whether the result has been drawn into the pixels of the frame, which are not the
 *   camera's any more then
 *
 * The result of an inspection. Where parts of the frame were inspected by themselves, it is as
 * anomalous as the worst of them: score and verdict are that one's, @regions are those of all, and
 * the inspected part and the map lie around all, with 0 between them. @bank, @map, @regions and
 * @parts belong to the metadata: change them with gst_patch_core_meta_set_bank(),
 * gst_patch_core_meta_set_map(), gst_patch_core_meta_set_regions() and
 * gst_patch_core_meta_set_parts() only. Later versions may add fields at the end.
 *
 * Since: 0.1
 */

static gboolean gst_patch_core_meta_init(GstMeta* meta, gpointer params, GstBuffer* buffer) {
  GstPatchCoreMeta* self = (GstPatchCoreMeta*)meta;

  (void)params;
  (void)buffer;
  /* The memory is not zeroed, and the parent is filled in already. */
  memset((guint8*)self + sizeof(GstMeta), 0, sizeof(*self) - sizeof(GstMeta));
  self->result = GST_PATCH_CORE_RESULT_NONE;
  self->verdict = GST_PATCH_CORE_VERDICT_UNKNOWN;
  /* Zeros would look like the best frame there can be. */
  self->score = NAN;
  self->threshold = NAN;
  self->usual_score = NAN;
  self->relative_score = NAN;
  self->scored_pts = GST_CLOCK_TIME_NONE;
  self->age = GST_CLOCK_TIME_NONE;
  return TRUE;
}

static void gst_patch_core_meta_free(GstMeta* meta, GstBuffer* buffer) {
  GstPatchCoreMeta* self = (GstPatchCoreMeta*)meta;

  (void)buffer;
  g_free(self->bank);
  g_free(self->map);
  g_free(self->regions);
  g_free(self->parts);
}

GType gst_patch_core_meta_api_get_type(void) {
  static GType type = 0;

  if (g_once_init_enter(&type)) {
    static const gchar* tags[] = {GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_ORIENTATION_STR,
                                  GST_META_TAG_VIDEO_SIZE_STR, NULL};
    const GType registered = gst_meta_api_type_register("GstPatchCoreMetaAPI", tags);
    g_once_init_leave(&type, registered);
  }
  return type;
}

/**
 * gst_patch_core_meta_get_info: (skip)
 *
 * Returns: (transfer none): how GStreamer handles the metadata
 *
 * Since: 0.1
 */
const GstMetaInfo* gst_patch_core_meta_get_info(void) {
  static const GstMetaInfo* info = NULL;

  if (g_once_init_enter((GstMetaInfo**)&info)) {
    const GstMetaInfo* registered = gst_meta_register(
        GST_PATCH_CORE_META_API_TYPE, "GstPatchCoreMeta", sizeof(GstPatchCoreMeta),
        gst_patch_core_meta_init, gst_patch_core_meta_free, gst_patch_core_meta_transform);
    g_once_init_leave((GstMetaInfo**)&info, (GstMetaInfo*)registered);
  }
  return info;
}

GType gst_patch_core_result_get_type(void) {
  static GType type = 0;

  if (g_once_init_enter(&type)) {
    static const GEnumValue values[] = {
        {GST_PATCH_CORE_RESULT_NONE, "GST_PATCH_CORE_RESULT_NONE", "none"},
        {GST_PATCH_CORE_RESULT_FRESH, "GST_PATCH_CORE_RESULT_FRESH", "fresh"},
        {GST_PATCH_CORE_RESULT_HELD, "GST_PATCH_CORE_RESULT_HELD", "held"},
        {0, NULL, NULL}};
    const GType registered = g_enum_register_static("GstPatchCoreResult", values);
    g_once_init_leave(&type, registered);
  }
  return type;
}

GType gst_patch_core_reason_get_type(void) {
  static GType type = 0;

  if (g_once_init_enter(&type)) {
    static const GEnumValue values[] = {
        {GST_PATCH_CORE_REASON_NONE, "GST_PATCH_CORE_REASON_NONE", "none"},
        {GST_PATCH_CORE_REASON_INTERVAL, "GST_PATCH_CORE_REASON_INTERVAL", "interval"},
        {GST_PATCH_CORE_REASON_GAP, "GST_PATCH_CORE_REASON_GAP", "gap"},
        {GST_PATCH_CORE_REASON_LATE, "GST_PATCH_CORE_REASON_LATE", "late"},
        {GST_PATCH_CORE_REASON_NOT_YET, "GST_PATCH_CORE_REASON_NOT_YET", "not-yet"},
        {GST_PATCH_CORE_REASON_NO_PART, "GST_PATCH_CORE_REASON_NO_PART", "no-part"},
        {GST_PATCH_CORE_REASON_UNFIT, "GST_PATCH_CORE_REASON_UNFIT", "unfit"},
        {0, NULL, NULL}};
    const GType registered = g_enum_register_static("GstPatchCoreReason", values);
    g_once_init_leave(&type, registered);
  }
  return type;
}

GType gst_patch_core_verdict_get_type(void) {
  static GType type = 0;

  if (g_once_init_enter(&type)) {
    static const GEnumValue values[] = {
        {GST_PATCH_CORE_VERDICT_UNKNOWN, "GST_PATCH_CORE_VERDICT_UNKNOWN", "unknown"},
        {GST_PATCH_CORE_VERDICT_NORMAL, "GST_PATCH_CORE_VERDICT_NORMAL", "normal"},
        {GST_PATCH_CORE_VERDICT_ANOMALOUS, "GST_PATCH_CORE_VERDICT_ANOMALOUS", "anomalous"},
        {0, NULL, NULL}};
    const GType registered = g_enum_register_static("GstPatchCoreVerdict", values);
    g_once_init_leave(&type, registered);
  }
  return type;
}

/**
 * gst_buffer_add_patch_core_meta:
 * @buffer: a writable #GstBuffer
 *
 * Attaches a #GstPatchCoreMeta that says "not inspected". A buffer that went through several
 * detectors carries one of each.
 *
 * Returns: (transfer none) (nullable): the metadata, to be filled in; it belongs to @buffer
 *
 * Since: 0.1
 */
GstPatchCoreMeta* gst_buffer_add_patch_core_meta(GstBuffer* buffer) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);
  g_return_val_if_fail(gst_buffer_is_writable(buffer), NULL);

  return (GstPatchCoreMeta*)gst_buffer_add_meta(buffer, GST_PATCH_CORE_META_INFO, NULL);
}

/**
 * gst_buffer_get_patch_core_meta:
 * @buffer: a #GstBuffer
 *
 * Finds the result of an inspection. If there are several, this is the first that was attached;
 * gst_buffer_iterate_meta_filtered() with #GST_PATCH_CORE_META_API_TYPE goes through all of them.
 *
 * Returns: (transfer none) (nullable): the metadata, which lives as long as @buffer, or %NULL
 *
 * Since: 0.1
 */
GstPatchCoreMeta* gst_buffer_get_patch_core_meta(GstBuffer* buffer) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);

  return (GstPatchCoreMeta*)gst_buffer_get_meta(buffer, GST_PATCH_CORE_META_API_TYPE);
}

/**
 * gst_patch_core_meta_set_bank:
 * @meta: the metadata of a writable buffer
 * @bank: (nullable): what names the memory bank, UTF-8; copied
 *
 * Sets which memory bank the result came from; %NULL removes it.
 *
 * Since: 0.1
 */
void gst_patch_core_meta_set_bank(GstPatchCoreMeta* meta, const gchar* bank) {
  gchar* copy;

  g_return_if_fail(meta != NULL);
  g_return_if_fail(bank == NULL || g_utf8_validate(bank, -1, NULL));

  copy = g_strdup(bank);
  g_free(meta->bank);
  meta->bank = copy;
}

/**
 * gst_patch_core_meta_set_map:
 * @meta: the metadata of a writable buffer
 * @map: (array zero-terminated=0) (nullable): @height x @width patch scores, row-major; copied
 * @width: columns, 0 if @map is %NULL
 * @height: rows, 0 if @map is %NULL
 *
 * Replaces the map of patch scores; %NULL removes it.
 *
 * Since: 0.1
 */
void gst_patch_core_meta_set_map(GstPatchCoreMeta* meta, const gfloat* map, guint width,
                                 guint height) {
  gfloat* copy = NULL;
  gsize bytes = 0;

  g_return_if_fail(meta != NULL);
  g_return_if_fail(map ? (width > 0 && height > 0) : (width == 0 && height == 0));
  g_return_if_fail(g_size_checked_mul(&bytes, width, height) &&
                   g_size_checked_mul(&bytes, bytes, sizeof(gfloat)));

  /* Copied first: @map may be part of the old map. */
  if (map) copy = g_memdup2(map, bytes);
  g_free(meta->map);
  meta->map = copy;
  meta->map_width = width;
  meta->map_height = height;
}

/**
 * gst_patch_core_meta_set_regions:
 * @meta: the metadata of a writable buffer
 * @regions: (array length=n_regions) (nullable): the regions, largest peak first; copied
 * @n_regions: how many
 *
 * Replaces the regions; none removes them. Regions of negative width, height or area are refused.
 *
 * Since: 0.1
 */
void gst_patch_core_meta_set_regions(GstPatchCoreMeta* meta, const GstPatchCoreRegion* regions,
                                     guint n_regions) {
  GstPatchCoreRegion* copy = NULL;
  gsize bytes = 0;
  guint i;

  g_return_if_fail(meta != NULL);
  g_return_if_fail(regions != NULL || n_regions == 0);
  g_return_if_fail(g_size_checked_mul(&bytes, n_regions, sizeof(GstPatchCoreRegion)));
  for (i = 0; i < n_regions; i++) {
    g_return_if_fail(regions[i].width >= 0 && regions[i].height >= 0);
    g_return_if_fail(regions[i].area >= 0);
  }

  if (n_regions > 0) copy = g_memdup2(regions, bytes);
  g_free(meta->regions);
  meta->regions = copy;
  meta->n_regions = n_regions;
}

/**
 * gst_patch_core_meta_set_parts:
 * @meta: the metadata of a writable buffer
 * @parts: (array length=n_parts) (nullable): the parts; copied
 * @n_parts: how many
 *
 * Replaces the parts; none removes them. Parts of negative width or height are refused.
 *
 * Since: 0.1
 */
void gst_patch_core_meta_set_parts(GstPatchCoreMeta* meta, const GstPatchCorePart* parts,
                                   guint n_parts) {
  GstPatchCorePart* copy = NULL;
  gsize bytes = 0;
  guint i;

  g_return_if_fail(meta != NULL);
  g_return_if_fail(parts != NULL || n_parts == 0);
  g_return_if_fail(g_size_checked_mul(&bytes, n_parts, sizeof(GstPatchCorePart)));
  for (i = 0; i < n_parts; i++) g_return_if_fail(parts[i].width >= 0 && parts[i].height >= 0);

  if (n_parts > 0) copy = g_memdup2(parts, bytes);
  g_free(meta->parts);
  meta->parts = copy;
  meta->n_parts = n_parts;
}

/**
 * gst_patch_core_meta_get_part:
 * @meta: the metadata
 * @index: which part, from 0
 *
 * Returns: (transfer none) (nullable): the part, or %NULL if there are not so many
 *
 * Since: 0.1
 */
const GstPatchCorePart* gst_patch_core_meta_get_part(const GstPatchCoreMeta* meta, guint index) {
  g_return_val_if_fail(meta != NULL, NULL);

  return index < meta->n_parts ? &meta->parts[index] : NULL;
}

/**
 * gst_patch_core_meta_get_map:
 * @meta: the metadata
 * @n_values: (out) (optional): `map_width` * `map_height`
 *
 * Returns: (transfer none) (nullable) (array length=n_values): the patch scores, row-major, or
 *   %NULL if there is no map
 *
 * Since: 0.1
 */
const gfloat* gst_patch_core_meta_get_map(const GstPatchCoreMeta* meta, gsize* n_values) {
  if (n_values) *n_values = 0;
  g_return_val_if_fail(meta != NULL, NULL);

  if (n_values) *n_values = (gsize)meta->map_width * meta->map_height;
  return meta->map;
}

/**
 * gst_patch_core_meta_get_region:
 * @meta: the metadata
 * @index: 0 to `n_regions` - 1
 *
 * Returns: (transfer none) (nullable): a region, which lives as long as the metadata, or %NULL if
 *   there is none of that index
 *
 * Since: 0.1
 */
const GstPatchCoreRegion* gst_patch_core_meta_get_region(const GstPatchCoreMeta* meta,
                                                         guint index) {
  g_return_val_if_fail(meta != NULL, NULL);

  return index < meta->n_regions ? &meta->regions[index] : NULL;
}
