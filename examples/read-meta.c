/* SPDX-License-Identifier: Apache-2.0
 * Copyright (C) 2026 The patchcore-gst authors
 *
 * Runs a pipeline and prints the result of every frame that reaches its sink.
 *
 * Build:  cc read-meta.c -o read-meta $(pkg-config --cflags --libs gstreamer-patchcore-1.0)
 * Run:    ./read-meta "videotestsrc num-buffers=3 ! patchcoredetect bank=FILE ! fakesink name=sink"
 */
#include <gst/gst.h>
#include <gst/patchcore/patchcore.h>

static void print_result(GstBuffer* buffer) {
  const GstPatchCoreMeta* meta = gst_buffer_get_patch_core_meta(buffer);
  guint i;

  g_print("%" GST_TIME_FORMAT " ", GST_TIME_ARGS(GST_BUFFER_PTS(buffer)));
  if (!meta || meta->result == GST_PATCH_CORE_RESULT_NONE) {
    g_print("not inspected\n");
    return;
  }
  g_print("%s%s: score %g, threshold %g\n",
          meta->verdict == GST_PATCH_CORE_VERDICT_ANOMALOUS ? "anomalous"
          : meta->verdict == GST_PATCH_CORE_VERDICT_NORMAL  ? "normal"
                                                            : "unknown",
          meta->result == GST_PATCH_CORE_RESULT_HELD ? " (earlier result)" : "", meta->score,
          meta->threshold);
  for (i = 0; i < meta->n_regions; i++) {
    const GstPatchCoreRegion* region = gst_patch_core_meta_get_region(meta, i);

    g_print("  region %dx%d at (%d, %d), peak %g at (%d, %d)\n", region->width, region->height,
            region->x, region->y, region->peak, region->peak_x, region->peak_y);
  }
}

/* Called in the streaming thread for every buffer. */
static GstPadProbeReturn on_buffer(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  (void)data;
  print_result(GST_PAD_PROBE_INFO_BUFFER(info));
  return GST_PAD_PROBE_OK;
}

/* Returns whether the pipeline came to its end without an error. */
static gboolean run(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message;
  gboolean ended;

  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  message =
      gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (!ended) {
    GError* error = NULL;

    gst_message_parse_error(message, &error, NULL);
    g_printerr("%s: %s\n", GST_OBJECT_NAME(GST_MESSAGE_SRC(message)), error->message);
    g_clear_error(&error);
  }
  gst_message_unref(message);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  return ended;
}

int main(int argc, char** argv) {
  GstElement* pipeline;
  GstElement* sink;
  GstPad* pad;
  GError* error = NULL;
  gboolean ended;

  gst_init(&argc, &argv);
  if (argc != 2 || argv[1][0] == '-') {
    g_printerr("Usage: %s \"PIPELINE ! ... ! fakesink name=sink\"\n", argv[0]);
    return 2;
  }

  pipeline = gst_parse_launch_full(argv[1], NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (!pipeline) {
    g_printerr("%s\n", error->message);
    g_clear_error(&error);
    return 2;
  }
  sink = GST_IS_BIN(pipeline) ? gst_bin_get_by_name(GST_BIN(pipeline), "sink") : NULL;
  pad = sink ? gst_element_get_static_pad(sink, "sink") : NULL;
  if (!pad) {
    g_printerr("The pipeline needs a sink with name=sink\n");
    gst_clear_object(&sink);
    gst_object_unref(pipeline);
    return 2;
  }
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, NULL, NULL);
  gst_object_unref(pad);
  gst_object_unref(sink);

  ended = run(pipeline);
  gst_object_unref(pipeline);
  return ended ? 0 : 1;
}
