#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects drawing on one branch: the other one's pixels stay, and the drawn picture, however large
it is there, shows the anomaly.

Needs no shared file: black frames are normal; a ball on black is the anomaly.
"""
import pathlib
import tempfile

from pipelines import launch_well

CAPS = "video/x-raw,format=GRAY8,width=320,height=240"
SMALL = "video/x-raw,format=GRAY8,width=160,height=120,pixel-aspect-ratio=1/1"
NORMAL = f"videotestsrc num-buffers=20 pattern=black ! {CAPS}"
ANOMALOUS = f"videotestsrc num-buffers=5 pattern=ball ! {CAPS}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "bank.safetensors")
        source = pathlib.Path(folder, "source.raw")
        clean = pathlib.Path(folder, "clean.raw")
        small = pathlib.Path(folder, "small.raw")
        drawn = pathlib.Path(folder, "drawn.raw")
        launch_well(f"{NORMAL} ! patchcoretrain bank={bank} max-patches=200 ! fakesink")
        launch_well(f"{ANOMALOUS} ! filesink location={source}")
        launch_well(f"{ANOMALOUS} ! videoscale ! {SMALL} ! filesink location={small}")
        for overlay, wanted in (("heatmap+contour+label", True), ("none", False)):
            launch_well(f"{ANOMALOUS} ! patchcoredetect bank={bank} overlay=none ! tee name=t"
                        f" t. ! queue ! filesink location={clean}"
                        f" t. ! queue ! videoscale ! {SMALL} ! patchcoreoverlay overlay={overlay}"
                        f" ! filesink location={drawn}")
            assert clean.read_bytes() == source.read_bytes(), "the other branch was drawn upon"
            assert len(drawn.read_bytes()) == len(small.read_bytes()), "frames are missing"
            differs = drawn.read_bytes() != small.read_bytes()
            assert differs == wanted, f"overlay={overlay}: {'not ' * wanted}drawn"


if __name__ == "__main__":
    main()
