#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Trains and detects in fp32 and in bf16 by the elements and compares the image AUROC.

The default backbone with default settings, on the screws and coffee pods of $PATCHCORE_SHARED/data
and, with --elpv, on the quick start's solar cells. Ends with an error if a figure moves by more than
0.002. Needs gst-launch-1.0 and a build; no Python packages.
"""
import argparse
import csv
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRECISIONS = ["fp32", "bf16"]
LARGEST_CHANGE = 0.002


def folder_of_categories(data):
    """Training pictures, and test pictures with their labels: those in good/ are 0."""
    train = sorted((data / "train/good").iterdir())
    test = [(picture, int(category.name != "good"))
            for category in sorted((data / "test").iterdir())
            for picture in sorted(category.iterdir())]
    return train, test


def solar_cells(data, training_cells=160):
    """The quick start's: examples/quickstart-pictures.py."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "cells"
        subprocess.run([sys.executable, ROOT / "examples/quickstart-pictures.py", data.resolve(),
                        out, str(training_cells), "0"], check=True, stdout=subprocess.DEVNULL)
        train = [picture.resolve() for picture in sorted((out / "train").iterdir())]
        with open(out / "labels.csv", newline="", encoding="utf-8") as file:
            test = [((out / f"test/{int(frame):04d}.png").resolve(), int(label))
                    for frame, label, _ in csv.reader(file)]
    return train, test


def link(pictures, folder):
    folder.mkdir()
    for number, picture in enumerate(pictures):
        (folder / f"{number:04d}").symlink_to(picture.resolve())
    return pictures[0].suffix


def launch(build, folder, suffix, elements):
    image, decoder = {".png": ("image/png", "pngdec"), ".jpg": ("image/jpeg", "jpegdec")}[suffix]
    pipeline = (f"multifilesrc location={folder}/%04d caps={image},framerate=10/1 ! {decoder} "
                f"! videoconvert ! video/x-raw,format=RGB ! {elements} ! fakesink")
    environment = dict(os.environ, GST_PLUGIN_PATH=str(build / "gst"))
    subprocess.run(["gst-launch-1.0", "-q", *pipeline.split()], check=True, env=environment)


def scores(build, folder, suffix, precision):
    """Of the test frames, by a bank that was trained in the same precision."""
    bank, results = folder / f"{precision}.safetensors", folder / f"{precision}.jsonl"
    launch(build, folder / "train", suffix, f"patchcoretrain bank={bank} precision={precision}")
    launch(build, folder / "test", suffix,
           f"patchcoredetect bank={bank} precision={precision} overlay=none "
           f"post-messages=none ! patchcorepublish location={results}")
    return [json.loads(line)["score"] for line in results.read_text().splitlines()]


def auroc(values, labels):
    """The share of pairs of a defective and a good frame that are in order."""
    good = [value for value, label in zip(values, labels, strict=True) if not label]
    bad = [value for value, label in zip(values, labels, strict=True) if label]
    ordered = sum((b > g) + (b == g) / 2 for b in bad for g in good)
    return ordered / (len(bad) * len(good))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--elpv", type=pathlib.Path,
                        help="folder with the labels.csv of the package elpv-dataset")
    arguments = parser.parse_args()
    data = pathlib.Path(os.environ.get("PATCHCORE_SHARED", ROOT.parent / "shared")) / "data"
    sets = {name: folder_of_categories(data / name) for name in ("screw", "coffee_pod")
            if (data / name).is_dir()}
    if arguments.elpv:
        sets["ELPV mono"] = solar_cells(arguments.elpv)
    if not sets:
        sys.exit(f"no pictures: {data} is not there and --elpv is not given")

    largest = 0
    print(f"{'':12} {'train':>6} {'test':>6} {'fp32':>8} {'bf16':>8} {'change':>8}")
    for name, (train, test) in sets.items():
        random.Random(0).shuffle(test)
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            suffix = link(train, folder / "train")
            link([picture for picture, _ in test], folder / "test")
            labels = [label for _, label in test]
            fp32, bf16 = (auroc(scores(arguments.build.resolve(), folder, suffix, precision),
                                labels) for precision in PRECISIONS)
        largest = max(largest, abs(bf16 - fp32))
        print(f"{name:12} {len(train):6} {len(test):6} {fp32:8.4f} {bf16:8.4f} {bf16 - fp32:+8.4f}",
              flush=True)
    if largest > LARGEST_CHANGE:
        sys.exit(f"the AUROC moves by more than {LARGEST_CHANGE}")


if __name__ == "__main__":
    main()
