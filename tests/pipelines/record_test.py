#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects the recorder's use: train on a synthetic stream, write an annotated video and results.

Needs no shared file: a test pattern is the normal stream; a ball on black is the anomaly.
"""
import pathlib
import tempfile

from pipelines import launch_well, read_results

NORMAL = ("videotestsrc num-buffers=60 pattern=smpte75 ! video/x-raw,format=NV12,width=322,"
          "height=242,framerate=30/1")
ANOMALOUS = ("videotestsrc num-buffers=20 pattern=ball ! video/x-raw,format=NV12,width=322,"
             "height=242,framerate=30/1")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "bank.safetensors")
        output = launch_well(f"{NORMAL} ! patchcoretrain bank={bank} interval=4 max-patches=200"
                             " ! fakesink")
        assert "patchcore-trained" in output, f"no message about the bank:\n{output}"
        assert bank.exists()

        for source, verdict in ((NORMAL, "normal"), (ANOMALOUS, "anomalous")):
            results = pathlib.Path(folder, "results.jsonl")
            video = pathlib.Path(folder, "annotated.mp4")
            launch_well(f"{source} ! patchcoredetect bank={bank}"
                        f" ! patchcorepublish location={results} ! videoconvert"
                        f" ! video/x-raw,format=I420 ! x264enc ! mp4mux ! filesink location={video}")
            lines = read_results(results)
            assert len(lines) == (60 if verdict == "normal" else 20)
            assert {line["verdict"] for line in lines} == {verdict}, lines[0]
            assert {line["result"] for line in lines} == {"fresh"}, lines[0]
            assert [line["frame"] for line in lines] == list(range(len(lines)))
            launch_well(f"filesrc location={video} ! decodebin ! fakesink")


if __name__ == "__main__":
    main()
