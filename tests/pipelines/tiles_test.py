#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects tiles in whole pipelines: a defect of a few pixels in a frame of twelve million is found
where it is, beside the stream as well, and settings that cannot be are refused."""
import pathlib
import random
import tempfile

from PIL import Image, ImageDraw, ImageFilter
from pipelines import launch_badly, launch_well, read_results

SIZE = (4096, 3000)
TILE = 512
# Inside of a tile, across the seam of two, in the last corner.
DEFECTS = [(700, 900), (470, 1500), (4040, 2940)]
SIDE = 40  # pixels
PICTURES = 3


def picture(number, defect=None):
    """Grains of gray, of another place and light in every picture."""
    source = random.Random(number)
    noise = Image.frombytes("L", (512, 375), source.randbytes(512 * 375))
    frame = noise.resize(SIZE, Image.BICUBIC).filter(ImageFilter.GaussianBlur(2))
    frame = frame.point(lambda value: 60 + value // 2)
    if defect is not None:
        x, y = defect
        ImageDraw.Draw(frame).rectangle((x, y, x + SIDE, y + SIDE), 230)
    return frame


def write(folder, frames):
    folder.mkdir()
    for number, frame in enumerate(frames):
        frame.save(folder / f"{number:03}.png", compress_level=1)
    return (f"multifilesrc location={folder}/%03d.png caps=image/png,framerate=1/1 ! pngdec"
            " ! videoconvert ! video/x-raw,format=NV12")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bank, lines = folder / "bank", folder / "lines"
        good = write(folder / "good", [picture(i) for i in range(PICTURES)])
        test = write(folder / "test", [picture(100)] + [
            picture(101 + i, defect) for i, defect in enumerate(DEFECTS)])
        train = f"tile-size={TILE} max-patches=2048 sampler=random"
        launch_well(f"{good} ! patchcoretrain bank={bank} {train} ! fakesink")
        launch_well(f"{test} ! patchcoredetect bank={bank} overlay=heatmap"
                    f" ! patchcorepublish location={lines} ! fakesink")
        results = read_results(lines)
        print([round(line["relative_score"], 3) for line in results])
        assert len(results) == 1 + len(DEFECTS), results
        usual = results[0]["relative_score"]
        for line, (x, y) in zip(results[1:], DEFECTS):
            assert line["inspected"] == {"x": 0, "y": 0, "width": SIZE[0], "height": SIZE[1]}, line
            assert line["relative_score"] > 1.3 * usual, results
            assert line["verdict"] == "anomalous", line
            worst = line["regions"][0]
            assert worst["x"] <= x + SIDE and x <= worst["x"] + worst["width"], line
            assert worst["y"] <= y + SIDE and y <= worst["y"] + worst["height"], line
            assert worst["width"] < 8 * SIDE and worst["height"] < 8 * SIDE, line

        # The newest frame beside the stream, and a part of the frame that is smaller than a tile.
        launch_well(f"{test} ! patchcoredetect bank={bank} mode=newest ! fakesink")
        lines.unlink()
        launch_well(f"{test} ! patchcoredetect bank={bank} region=600,800,256,256"
                    f" ! patchcorepublish location={lines} ! fakesink")
        assert read_results(lines)[1]["verdict"] == "anomalous"

        launch_badly(f"{good} ! patchcoretrain bank={bank} append=true tile-size=256 ! fakesink",
                     "tile size: 512 there, 256 here")
        launch_badly(f"{good} ! patchcoretrain bank={bank} tile-size=16 ! fakesink",
                     "tile size is 16")
        launch_badly(f"{good} ! patchcoretrain bank={bank} tile-size=512 crop=224 ! fakesink",
                     "crop to none")


if __name__ == "__main__":
    main()
