#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects long-running applications: no object of a whole pipeline outlives it."""
import pathlib
import tempfile

from pipelines import launch

SOURCE = "videotestsrc num-buffers=12 ! video/x-raw,format=I420,width=160,height=120"


def check(pipeline, well=True):
    status, output = launch(pipeline, GST_TRACERS="leaks", GST_DEBUG="GST_TRACER:7",
                            GST_DEBUG_NO_COLOR="1")
    assert (status == 0) == well, output
    assert "object-alive" in output, f"the tracer said nothing:\n{output}"
    leaks = [line for line in output.splitlines() if "object-alive, type-name=(string)G" in line]
    assert not leaks, f"{pipeline}\n" + "\n".join(leaks)


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "bank.safetensors")
        results = pathlib.Path(folder, "results.jsonl")
        check(f"{SOURCE} ! patchcoretrain bank={bank} max-patches=100 ! fakesink")
        check(f"{SOURCE} ! patchcoredetect bank={bank} threshold=0 post-messages=all"
              f" overlay=heatmap+contour+label ! patchcorepublish location={results} ! fakesink")
        check(f"{SOURCE} ! patchcoredetect bank={bank} threshold=0 overlay=none ! tee name=t"
              " t. ! queue ! fakesink"
              " t. ! queue ! videoscale ! video/x-raw,width=320,height=180 !"
              " patchcoreoverlay overlay=heatmap+contour+label ! fakesink")
        live = SOURCE.replace("videotestsrc", "videotestsrc is-live=true")
        check(" ".join(f"{live} ! patchcoredetect bank={bank} mode={mode} qos=true ! fakesink"
                       for mode in ("newest", "every", "newest")))
        check(f"{SOURCE} ! patchcoreoverlay ! fakesink")
        check(f"{SOURCE} ! patchcoredetect bank={folder}/none ! fakesink", well=False)
        check(f"{SOURCE} ! patchcoretrain bank={folder}/none/bank ! fakesink", well=False)


if __name__ == "__main__":
    main()
