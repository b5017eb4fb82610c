#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Trains a bank, detects in fp32 and in bf16 by the elements and compares the image AUROC.

The default backbone with default settings, on the screws and coffee pods of $PATCHCORE_SHARED/data
and, with --elpv, on the quick start's solar cells. Ends with an error if a figure moves by more than
0.002. Needs gst-launch-1.0 and a build; no Python packages.

Both use the bank that patchcoretrain makes by default, in fp32 on every processor. Which patches
the coreset picks is chance to a degree, and the precision of training moves that as the seed does.
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


def train(build, folder, suffix, seed):
    bank = folder / "bank.safetensors"
    launch(build, folder / "train", suffix, f"patchcoretrain bank={bank} seed={seed}")
    return bank


def scores(build, folder, suffix, precision, bank):
    """Of the test frames."""
    results = folder / "results.jsonl"
    results.unlink(missing_ok=True)
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
    parser.add_argument("--sets", nargs="+", help="screw, coffee_pod, \"ELPV mono\"; default: all")
    parser.add_argument("--seeds", type=int, default=1, help="of the coreset: 0 to so many")
    arguments = parser.parse_args()
    data = pathlib.Path(os.environ.get("PATCHCORE_SHARED", ROOT.parent / "shared")) / "data"
    sets = {name: folder_of_categories(data / name) for name in ("screw", "coffee_pod")
            if (data / name).is_dir()}
    if arguments.elpv:
        sets["ELPV mono"] = solar_cells(arguments.elpv)
    if arguments.sets:
        sets = {name: sets[name] for name in arguments.sets}
    if not sets:
        sys.exit(f"no pictures: {data} is not there and --elpv is not given")

    build = arguments.build.resolve()
    largest = 0
    print(f"{'':12} {'train':>6} {'test':>6} {'seed':>5} {'fp32':>8} {'bf16':>8} {'change':>8}")
    for name, (training, test) in sets.items():
        random.Random(0).shuffle(test)
        labels = [label for _, label in test]
        for seed in range(arguments.seeds):
            with tempfile.TemporaryDirectory() as temporary:
                folder = pathlib.Path(temporary)
                suffix = link(training, folder / "train")
                link([picture for picture, _ in test], folder / "test")
                bank = train(build, folder, suffix, seed)
                fp32, bf16 = (auroc(scores(build, folder, suffix, precision, bank), labels)
                              for precision in PRECISIONS)
            largest = max(largest, abs(bf16 - fp32))
            print(f"{name:12} {len(training):6} {len(test):6} {seed:5} {fp32:8.4f} {bf16:8.4f} "
                  f"{bf16 - fp32:+8.4f}", flush=True)
    if largest > LARGEST_CHANGE:
        sys.exit(f"the AUROC moves by more than {LARGEST_CHANGE}")


if __name__ == "__main__":
    main()
