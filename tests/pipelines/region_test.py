#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects region and mask in whole pipelines: a defect outside of the region, or under the mask's
black, raises nothing, one inside does, and small ones show better in a region than in the whole
frame."""
import pathlib
import random
import tempfile

from PIL import Image, ImageDraw, ImageFilter
from pipelines import launch_badly, launch_well, read_results

SIZE = (1280, 720)
REGION = "0.5,0.25,0.3,0.5"  # 640,180 to 1024,540
INSIDE = (820, 340)
OUTSIDE = (200, 600)
PICTURES = 24
SMALL, LARGE = 12, 40  # pixels


def picture(number, defects=()):
    """Grains of gray, of another place and light in every picture."""
    source = random.Random(number)
    noise = Image.frombytes("L", (160, 90), source.randbytes(160 * 90))
    frame = noise.resize(SIZE, Image.BICUBIC).filter(ImageFilter.GaussianBlur(2))
    frame = frame.point(lambda value: 60 + value // 2).convert("RGB")
    for (x, y), side in defects:
        ImageDraw.Draw(frame).rectangle((x, y, x + side, y + side), (230, 40, 40))
    return frame


def write(folder, frames):
    folder.mkdir()
    for number, frame in enumerate(frames):
        frame.save(folder / f"{number:03}.png")
    return f"multifilesrc location={folder}/%03d.png caps=image/png,framerate=10/1 ! pngdec ! videoconvert"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = write(folder / "good", [picture(i) for i in range(PICTURES)])
        test = write(folder / "test", [
            picture(100),
            picture(101, [(OUTSIDE, LARGE)]),
            picture(102, [(INSIDE, LARGE)]),
            picture(103, [(INSIDE, SMALL)]),
        ])
        mask = folder / "mask.png"
        black = Image.new("L", (320, 180), 255)
        # Around INSIDE, with a margin.
        ImageDraw.Draw(black).rectangle((180, 60, 240, 120), 0)
        black.save(mask)

        def results(train, detect):
            bank, lines = folder / "bank", folder / "lines"
            lines.unlink(missing_ok=True)
            launch_well(f"{good} ! patchcoretrain bank={bank} {train} ! fakesink")
            launch_well(f"{test} ! patchcoredetect bank={bank} overlay=none {detect}"
                        f" ! patchcorepublish location={lines} ! fakesink")
            return read_results(lines)

        whole = results("", "")
        part = results(f"region={REGION}", "")
        masked = results(f"region={REGION} mask={mask}", "")
        bank = folder / "bank"
        launch_badly(f"{test} ! patchcoredetect bank={bank} region=640,180,700,300 ! fakesink",
                     "640,180,700,300 does not fit into frames of 1280x720")
        launch_badly(f"{test} ! patchcoredetect bank={bank} mask={folder}/none.png ! fakesink",
                     "none.png")
        launch_badly(f"{good} ! patchcoretrain bank={bank} region=1,2,3 ! fakesink", "is no region")

    scores = {name: [round(line["relative_score"], 3) for line in lines]
              for name, lines in (("whole", whole), ("region", part), ("mask", masked))}
    print(scores)
    verdicts = [line["verdict"] for line in part]
    assert verdicts == ["normal", "normal", "anomalous", "anomalous"], verdicts
    for line in part:
        assert line["inspected"] == {"x": 640, "y": 180, "width": 384, "height": 360}, line
    for region in part[2]["regions"]:
        assert region["x"] >= 640 and region["x"] + region["width"] <= 1024, region
    assert [line["verdict"] for line in masked] == 4 * ["normal"], scores
    # The small defect stands out from the usual by more of what is usual.
    assert scores["region"][3] > 1.3 * scores["whole"][3], scores


if __name__ == "__main__":
    main()
