#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Runs a pipeline and prints the result of every frame that reaches its sink: score, regions, and where
the map of patch scores is largest.

Run: read-meta.py "videotestsrc num-buffers=3 ! patchcoredetect bank=FILE ! fakesink name=sink"
"""
import sys

import gi
import numpy

gi.require_version("Gst", "1.0")
try:
    gi.require_version("GstPatchCore", "1.0")
except ValueError:
    sys.exit("The metadata library is not found: install the project, or begin with "
             "`meson devenv -C build -w .`")
from gi.repository import GLib, Gst, GstPatchCore  # noqa: E402


def anomaly_map(meta):
    """The patch scores as an array of map_height rows, over the inspected part of the frame."""
    return numpy.array(meta.get_map(), numpy.float32).reshape(meta.map_height, meta.map_width)


def peak_position(meta):
    """The middle of the patch with the largest score, in pixels of the frame."""
    row, column = numpy.unravel_index(anomaly_map(meta).argmax(), (meta.map_height, meta.map_width))
    return (meta.inspected_x + int((column + 0.5) * meta.inspected_width / meta.map_width),
            meta.inspected_y + int((row + 0.5) * meta.inspected_height / meta.map_height))


def describe(buffer):
    """The result of one buffer as text."""
    meta = GstPatchCore.buffer_get_patch_core_meta(buffer)
    if meta is None or meta.result == GstPatchCore.PatchCoreResult.NONE:
        return "not inspected"

    held = " (earlier result)" if meta.result == GstPatchCore.PatchCoreResult.HELD else ""
    lines = [
        f"{meta.verdict.value_nick}{held}: score {meta.score:g}, threshold {meta.threshold:g}"
    ]
    for i in range(meta.n_regions):
        region = meta.get_region(i)
        lines.append(
            f"  region {region.width}x{region.height} at ({region.x}, {region.y}),"
            f" peak {region.peak:g} at ({region.peak_x}, {region.peak_y})"
        )
    if meta.map_width:
        scores = anomaly_map(meta)
        lines.append(
            f"  map {meta.map_width}x{meta.map_height}, mean {scores.mean():g},"
            f" largest {scores.max():g} at {peak_position(meta)}"
        )
    return "\n".join(lines)


def time_text(nanoseconds):
    """As GST_TIME_FORMAT."""
    if nanoseconds == Gst.CLOCK_TIME_NONE:
        return "99:99:99.999999999"
    seconds, nanoseconds = divmod(nanoseconds, Gst.SECOND)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{nanoseconds:09}"


def on_buffer(_pad, info):
    """Called in the streaming thread for every buffer."""
    buffer = info.get_buffer()
    print(time_text(buffer.pts), describe(buffer), flush=True)
    return Gst.PadProbeReturn.OK


def run(pipeline):
    """Returns whether the pipeline came to its end without an error."""
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        Gst.CLOCK_TIME_NONE, Gst.MessageType.ERROR | Gst.MessageType.EOS
    )
    ended = message.type == Gst.MessageType.EOS
    if not ended:
        print(f"{message.src.get_name()}: {message.parse_error()[0].message}", file=sys.stderr)
    pipeline.set_state(Gst.State.NULL)
    return ended


def main(arguments):
    Gst.init(None)
    wants_help = arguments[1:] in (["--help"], ["-h"])
    if len(arguments) != 2 or wants_help:
        print(f'Usage: {arguments[0]} "PIPELINE ! ... ! fakesink name=sink"',
              file=sys.stdout if wants_help else sys.stderr)
        return 0 if wants_help else 2
    try:
        pipeline = Gst.parse_launch_full(arguments[1], None, Gst.ParseFlags.FATAL_ERRORS)
    except GLib.Error as error:
        print(error.message, file=sys.stderr)
        return 2
    sink = pipeline.get_by_name("sink") if isinstance(pipeline, Gst.Bin) else None
    if sink is None:
        print("The pipeline needs a sink with name=sink", file=sys.stderr)
        return 2
    sink.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, on_buffer)
    return 0 if run(pipeline) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
