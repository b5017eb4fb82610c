/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * What becomes of a result when its frame is copied, scaled, cropped, turned or mirrored. */
#include "gst/patchcore/gstpatchcoremetatransform.h"

#include <gst/video/video.h>
#include <math.h>

#include "gst/patchcore/gstpatchcoremeta.h"

/* From the pixels of one frame size to those of another. Whole numbers: a rounding error would turn
 * into a pixel more or less. */
typedef struct {
  gint64 to;
  gint64 from;
} Ratio;

static gint64 divide_rounding_down(gint64 dividend, gint64 divisor) {
  const gint64 quotient = dividend / divisor;

  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

static gint clamp_to_int(gint64 value) {
  return (gint)CLAMP(value, G_MININT, G_MAXINT);
}

/* Rounded outwards, so that a box still contains all that it did, its peak among it. */
static void scale_span(gint* start, gint* length, Ratio ratio) {
  const gint64 first = divide_rounding_down(*start * ratio.to, ratio.from);
  const gint64 end = -divide_rounding_down(-((gint64)*start + *length) * ratio.to, ratio.from);

  *start = clamp_to_int(first);
  *length = clamp_to_int(end - first);
}

/* Follows the centre of the pixel. */
static gint scale_pixel(gint position, Ratio ratio) {
  return clamp_to_int(divide_rounding_down((2 * (gint64)position + 1) * ratio.to, 2 * ratio.from));
}

static void scale_meta(GstPatchCoreMeta* meta, Ratio across, Ratio down) {
  const gdouble area = ((gdouble)across.to / across.from) * ((gdouble)down.to / down.from);
  guint i;

  scale_span(&meta->inspected_x, &meta->inspected_width, across);
  scale_span(&meta->inspected_y, &meta->inspected_height, down);
  for (i = 0; i < meta->n_regions; i++) {
    GstPatchCoreRegion* region = &meta->regions[i];

    scale_span(&region->x, &region->width, across);
    scale_span(&region->y, &region->height, down);
    region->area *= area;
    region->peak_x = scale_pixel(region->peak_x, across);
    region->peak_y = scale_pixel(region->peak_y, down);
  }
  for (i = 0; i < meta->n_parts; i++) {
    GstPatchCorePart* part = &meta->parts[i];

    scale_span(&part->x, &part->width, across);
    scale_span(&part->y, &part->height, down);
  }
}

/* Scalers keep the display aspect, by borders where the new frame has another one, or they don't,
 * if they were told so: this transform does not say. A pixel more or less is rounding. */
static gboolean may_have_borders(const GstVideoMetaTransform* transform) {
  const GstVideoInfo* in = transform->in_info;
  const GstVideoInfo* out = transform->out_info;
  const gdouble aspect =
      ((gdouble)GST_VIDEO_INFO_WIDTH(in) * GST_VIDEO_INFO_PAR_N(in) * GST_VIDEO_INFO_PAR_D(out)) /
      ((gdouble)GST_VIDEO_INFO_HEIGHT(in) * GST_VIDEO_INFO_PAR_D(in) * GST_VIDEO_INFO_PAR_N(out));
  const gdouble width = GST_VIDEO_INFO_WIDTH(out);
  const gdouble height = GST_VIDEO_INFO_HEIGHT(out);

  return height - width / aspect > 1 || width - height * aspect > 1;
}

static GstPatchCoreMeta* copy_meta(GstBuffer* dest, const GstPatchCoreMeta* from) {
  GstPatchCoreMeta* to = gst_buffer_add_patch_core_meta(dest);

  if (!to) return NULL;
  to->result = from->result;
  to->reason = from->reason;
  to->verdict = from->verdict;
  to->score = from->score;
  to->threshold = from->threshold;
  to->usual_score = from->usual_score;
  to->relative_score = from->relative_score;
  to->scored_pts = from->scored_pts;
  to->age = from->age;
  to->drawn = from->drawn;
  to->inspected_x = from->inspected_x;
  to->inspected_y = from->inspected_y;
  to->inspected_width = from->inspected_width;
  to->inspected_height = from->inspected_height;
  to->input_width = from->input_width;
  to->input_height = from->input_height;
  gst_patch_core_meta_set_bank(to, from->bank);
  gst_patch_core_meta_set_map(to, from->map, from->map_width, from->map_height);
  gst_patch_core_meta_set_regions(to, from->regions, from->n_regions);
  gst_patch_core_meta_set_parts(to, from->parts, from->n_parts);
  return to;
}

#if GST_CHECK_VERSION(1, 28, 0)

/* How an edge of the new frame's pixels comes of one of the old frame's. */
typedef struct {
  gdouble factor; /* never 0 */
  gdouble offset;
} Line;

/* Across and down of the new frame; each comes of the old frame's other direction if the picture is
 * turned by a quarter. */
typedef struct {
  gboolean turned;
  Line across;
  Line down;
} Placement;

/* Whether the matrix keeps rectangles upright: no shearing, no perspective, no odd angle. */
static gboolean read_matrix(const GstVideoMetaTransformMatrix* transform, Placement* placement) {
  const gfloat(*m)[3] = transform->matrix;
  const gboolean straight = m[0][1] == 0 && m[1][0] == 0;
  const gboolean turned = m[0][0] == 0 && m[1][1] == 0;
  gdouble from_x, from_y;

  if (m[2][0] != 0 || m[2][1] != 0 || m[2][2] != 1 || straight == turned) return FALSE;
  placement->turned = turned;
  placement->across.factor = turned ? m[0][1] : m[0][0];
  placement->down.factor = turned ? m[1][0] : m[1][1];
  if (placement->across.factor == 0 || placement->down.factor == 0) return FALSE;

  /* The matrix counts from the corners of the two rectangles. */
  from_x = turned ? transform->in_rectangle.y : transform->in_rectangle.x;
  from_y = turned ? transform->in_rectangle.x : transform->in_rectangle.y;
  placement->across.offset =
      transform->out_rectangle.x + (gdouble)m[0][2] - from_x * placement->across.factor;
  placement->down.offset =
      transform->out_rectangle.y + (gdouble)m[1][2] - from_y * placement->down.factor;
  /* It maps pixels to pixels. The first edge of one that is mirrored is its last edge now. */
  placement->across.offset += MAX(-placement->across.factor, 0);
  placement->down.offset += MAX(-placement->down.factor, 0);
  return TRUE;
}

/* Factors are single precision; what they miss a whole number by is no part of a pixel. */
static const gdouble tolerance = 1.0 / 128;

/* Rounded outwards. */
static void place_span(gint* start, gint* length, Line line) {
  const gdouble a = *start * line.factor + line.offset;
  const gdouble b = ((gdouble)*start + *length) * line.factor + line.offset;
  const gint64 first = (gint64)floor(MIN(a, b) + tolerance);
  const gint64 end = (gint64)ceil(MAX(a, b) - tolerance);

  *start = clamp_to_int(first);
  *length = clamp_to_int(MAX(end - first, 0));
}

static gint place_pixel(gint position, Line line) {
  return clamp_to_int((gint64)floor((position + 0.5) * line.factor + line.offset));
}

static void swap(gint* a, gint* b) {
  const gint old = *a;

  *a = *b;
  *b = old;
}

static void place_region(GstPatchCoreRegion* region, const Placement* placement) {
  if (placement->turned) {
    swap(&region->x, &region->y);
    swap(&region->width, &region->height);
    swap(&region->peak_x, &region->peak_y);
  }
  place_span(&region->x, &region->width, placement->across);
  place_span(&region->y, &region->height, placement->down);
  region->area *= fabs(placement->across.factor * placement->down.factor);
  region->peak_x = place_pixel(region->peak_x, placement->across);
  region->peak_y = place_pixel(region->peak_y, placement->down);
}

/* A part stays where it is outside of the new frame, too: it was inspected. */
static void place_part(GstPatchCorePart* part, const Placement* placement) {
  if (placement->turned) {
    swap(&part->x, &part->y);
    swap(&part->width, &part->height);
  }
  place_span(&part->x, &part->width, placement->across);
  place_span(&part->y, &part->height, placement->down);
}

/* The map is read row by row and from the left of the new frame. */
static void place_map(GstPatchCoreMeta* meta, const Placement* placement) {
  const guint width = placement->turned ? meta->map_height : meta->map_width;
  const guint height = placement->turned ? meta->map_width : meta->map_height;
  gfloat* placed;
  guint row, column;

  if (!meta->map) return;
  placed = g_new(gfloat, (gsize)width * height);
  for (row = 0; row < height; row++) {
    for (column = 0; column < width; column++) {
      const guint across = placement->across.factor < 0 ? width - 1 - column : column;
      const guint down = placement->down.factor < 0 ? height - 1 - row : row;
      const gsize from = placement->turned ? (gsize)across * meta->map_width + down
                                           : (gsize)down * meta->map_width + across;

      placed[(gsize)row * width + column] = meta->map[from];
    }
  }
  gst_patch_core_meta_set_map(meta, placed, width, height);
  g_free(placed);
}

static gboolean overlaps(const GstPatchCoreRegion* region, const GstVideoInfo* frame) {
  return region->x < GST_VIDEO_INFO_WIDTH(frame) && (gint64)region->x + region->width > 0 &&
         region->y < GST_VIDEO_INFO_HEIGHT(frame) && (gint64)region->y + region->height > 0;
}

static void place_meta(GstPatchCoreMeta* meta, const Placement* placement,
                       const GstVideoInfo* frame) {
  guint kept = 0;
  guint i;

  if (placement->turned) {
    swap(&meta->inspected_x, &meta->inspected_y);
    swap(&meta->inspected_width, &meta->inspected_height);
    swap(&meta->input_width, &meta->input_height);
  }
  place_span(&meta->inspected_x, &meta->inspected_width, placement->across);
  place_span(&meta->inspected_y, &meta->inspected_height, placement->down);
  place_map(meta, placement);
  for (i = 0; i < meta->n_regions; i++) {
    place_region(&meta->regions[i], placement);
    if (overlaps(&meta->regions[i], frame)) meta->regions[kept++] = meta->regions[i];
  }
  gst_patch_core_meta_set_regions(meta, meta->regions, kept);
  for (i = 0; i < meta->n_parts; i++) place_part(&meta->parts[i], placement);
}

static gboolean transform_by_matrix(GstBuffer* dest, const GstPatchCoreMeta* from,
                                    const GstVideoMetaTransformMatrix* transform) {
  GstPatchCoreMeta* to;
  Placement placement;

  if (!read_matrix(transform, &placement)) return FALSE;
  to = copy_meta(dest, from);
  if (!to) return FALSE;
  place_meta(to, &placement, transform->out_info);
  return TRUE;
}

#endif

gboolean gst_patch_core_meta_transform(GstBuffer* dest, GstMeta* meta, GstBuffer* buffer,
                                       GQuark type, gpointer data) {
  const GstPatchCoreMeta* from = (const GstPatchCoreMeta*)meta;

  (void)buffer;
  if (GST_META_TRANSFORM_IS_COPY(type)) {
    /* A copy of some of the bytes is still of the same frame. */
    return copy_meta(dest, from) != NULL;
  }
  if (GST_VIDEO_META_TRANSFORM_IS_SCALE(type)) {
    const GstVideoMetaTransform* transform = data;
    const Ratio across = {GST_VIDEO_INFO_WIDTH(transform->out_info),
                          GST_VIDEO_INFO_WIDTH(transform->in_info)};
    const Ratio down = {GST_VIDEO_INFO_HEIGHT(transform->out_info),
                        GST_VIDEO_INFO_HEIGHT(transform->in_info)};
    GstPatchCoreMeta* to;

    if (across.from <= 0 || down.from <= 0) return FALSE;
    if (may_have_borders(transform)) return FALSE;
    to = copy_meta(dest, from);
    if (!to) return FALSE;
    scale_meta(to, across, down);
    return TRUE;
  }
#if GST_CHECK_VERSION(1, 28, 0)
  if (GST_VIDEO_META_TRANSFORM_IS_MATRIX(type)) return transform_by_matrix(dest, from, data);
#endif
  return FALSE;
}
