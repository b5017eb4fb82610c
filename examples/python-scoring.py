#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Trains on a folder of good pictures and scores others, as one would in a notebook.

Prints score and verdict of each picture, worst first. With --figure the worst one is drawn with its
anomaly map and its heatmap.
"""
import argparse
import pathlib
import sys

import numpy as np
from PIL import Image, UnidentifiedImageError

import patchcore


def read(path):
    return np.asarray(Image.open(path).convert("RGB"))


def pictures_in(folder):
    """Paths and arrays of the files that are pictures."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            yield path, read(path)
        except UnidentifiedImageError:
            print(f"{path}: no picture", file=sys.stderr)


def train(folder, bank, input_size):
    trainer = patchcore.Trainer(input_size=input_size)
    for _path, picture in pictures_in(folder):
        trainer.add(picture)
    summary = trainer.build(bank, progress=lambda _stage, percent, text: print(f"{percent:3} % {text}"))
    print(f"{summary.frames} pictures, {summary.bank_patches} patches, threshold {summary.threshold:.3g}"
          + (" (a guess: too few pictures)" if summary.threshold_is_guess else ""))


def draw(path, result, figure):
    import matplotlib
    matplotlib.use("agg")
    from matplotlib import pyplot

    _, (left, right) = pyplot.subplots(1, 2, figsize=(10, 5))
    left.imshow(read(path))
    left.imshow(result.heatmap())
    left.set_title(f"{path.name}: {result.relative_score:.2f}")
    scale = right.imshow(result.full_map() / result.threshold, vmin=0, vmax=2)
    right.set_title("anomaly map, 1: threshold")
    pyplot.colorbar(scale, ax=right)
    pyplot.savefig(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("good", type=pathlib.Path, help="folder of good pictures")
    parser.add_argument("pictures", type=pathlib.Path, help="folder of pictures to score")
    parser.add_argument("--bank", type=pathlib.Path, default="bank.safetensors", help="is made if it is not there")
    parser.add_argument("--input-size", type=int, help="about so many pixels squared (none: the backbone's default)")
    parser.add_argument("--figure", type=pathlib.Path, help="PNG file for the worst picture (needs Matplotlib)")
    arguments = parser.parse_args()

    try:
        if not arguments.bank.exists():
            if not arguments.good.is_dir():
                sys.exit(f"there is no folder {arguments.good}")
            train(arguments.good, arguments.bank, arguments.input_size)
        detector = patchcore.Detector(arguments.bank)
        results = [(path, detector.score(picture)) for path, picture in pictures_in(arguments.pictures)]
    except patchcore.Error as error:
        sys.exit(f"{error.code}: {error}")
    if not results:
        sys.exit(f"there are no pictures in {arguments.pictures}")
    results.sort(key=lambda item: item[1].score, reverse=True)
    for path, result in results:
        verdict = "anomalous" if result.is_anomalous else "normal"
        print(f"{result.relative_score:8.3f} {verdict:9} {path}")
    if arguments.figure:
        draw(*results[0], arguments.figure)


if __name__ == "__main__":
    main()
