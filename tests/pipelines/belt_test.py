#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects the main job on a real video: trained on white parts, orange cones are anomalous.

Every fifth of frames 0-549 trains; of the white parts that follow (550-640) hardly any may be above
the threshold, of the cones (700-932) all must be. Every third frame is scored, which is enough to
know and saves time.
"""
import pathlib
import tempfile

from pipelines import launch_well, read_results, shared_file


def main():
    video = shared_file("data/video/belt.mp4")
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "belt.safetensors")
        results = pathlib.Path(folder, "belt.jsonl")
        decode = f"filesrc location={video} ! decodebin ! videoconvert ! video/x-raw,format=I420"
        launch_well(f"{decode} ! patchcoretrain bank={bank} max-frames=110 interval=5 ! fakesink")
        launch_well(f"{decode} ! patchcoredetect bank={bank} overlay=none interval=3"
                    f" ! patchcorepublish location={results} ! fakesink")
        lines = read_results(results)

    assert len(lines) == 933, f"{len(lines)} results for 933 frames"
    white, cones = ([line for line in lines[first:last + 1] if line["result"] == "fresh"]
                    for first, last in ((550, 640), (700, 932)))
    missed = [line["frame"] for line in cones if line["verdict"] != "anomalous"]
    false_alarms = [line["frame"] for line in white if line["verdict"] == "anomalous"]
    print(f"cones: relative score at least {min(line['relative_score'] for line in cones):.2f}, "
          f"{len(missed)} of {len(cones)} missed")
    print(f"white parts: at most {max(line['relative_score'] for line in white):.2f}, "
          f"{len(false_alarms)} of {len(white)} false alarms")
    assert len(cones) > 70 and len(white) > 25
    assert not missed, f"missed {missed}"
    assert len(false_alarms) <= 0.05 * len(white), f"false alarms {false_alarms}"
    for line in cones:
        assert line["regions"], f"an anomalous frame without a region: {line}"


if __name__ == "__main__":
    main()
