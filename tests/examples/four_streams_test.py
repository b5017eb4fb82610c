#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/four-streams.sh: each stream has its own verdict and heatmap in its quarter."""
import pathlib
import tempfile

from examples import check_help, frames, hot, label, run, run_badly, source, train
from pipelines import launch_well

NAME = "four-streams.sh"
WIDTH, HEIGHT = 640, 360


def quarters(picture):
    """Without the borders that are beside the pictures, which are narrower."""
    border = (WIDTH - HEIGHT * 4 // 3) // 2
    return [picture[y:y + HEIGHT, x + border:x + WIDTH - border]
            for y in (0, HEIGHT) for x in (0, WIDTH)]


def check_pictures(folder, bank):
    video = pathlib.Path(folder, "ball.avi")
    launch_well(f"{source('ball', 20)} ! jpegenc ! avimux ! filesink location={video}")
    # Without a number in its name this sink overwrites the file with each picture.
    shown = pathlib.Path(folder, "shown.rgb")
    status, output = run(folder, NAME, "--bank", bank, source("black", 20), video, video.as_uri(),
                         source("ball", 20),
                         "--sink", f"video/x-raw,format=RGB ! multifilesink location={shown}")
    assert status == 0, output
    picture, = frames(shown, 2 * WIDTH, 2 * HEIGHT)
    verdicts = [label(quarter) for quarter in quarters(picture)]
    assert verdicts == ["normal", "anomalous", "anomalous", "anomalous"], verdicts
    assert [hot(quarter) for quarter in quarters(picture)] == [False, True, True, True]


def check_errors(folder, bank):
    check_help(folder, NAME)
    black = source("black", 10)
    run_badly(folder, NAME, "--bank", bank, black, black, black, expected="Usage")
    run_badly(folder, NAME, "--banks", expected="Usage")
    run_badly(folder, NAME, "--bank", expected="--bank needs a value")
    run_badly(folder, NAME, "--bank", bank, black, black, black, "/dev/none", "--sink", "fakesink",
              expected="/dev/none")
    run_badly(folder, NAME, "--bank", bank, black, black, black, "none.mp4", "--sink", "fakesink",
              expected="none.mp4")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = train(folder)
        check_pictures(folder, bank)
        check_errors(folder, bank)


if __name__ == "__main__":
    main()
