#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Lays the quick start's pictures out as two streams, train/ and test/.

Usage: quickstart-pictures.py ELPV_DATA OUT TRAINING_CELLS TEST_CELLS

Monocrystalline cells only: those with defect probability 0 are good, those with 1 defective, the
uncertain ones are left out. TEST_CELLS of each kind are looked at, 0 for all that there are. Writes
OUT/train/NNNN.png, OUT/test/NNNN.png (links) and OUT/labels.csv: test frame, 0 or 1, cell.
"""
import csv
import pathlib
import random
import sys


def spread(items, count):
    """`count` of the items at even distances, and the others."""
    chosen = {round(i * len(items) / count) for i in range(count)}
    return ([item for i, item in enumerate(items) if i in chosen],
            [item for i, item in enumerate(items) if i not in chosen])


def link(pictures, folder):
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        (folder / f"{number:04d}.png").symlink_to(picture)


def main(data, out, training_cells, test_cells):
    good, defective = [], []
    for line in (data / "labels.csv").read_text().splitlines():
        picture, probability, kind = line.split()
        if kind == "mono" and float(probability) in (0.0, 1.0):
            (defective if float(probability) else good).append(data / picture)

    # Cells of one module follow each other in the data set; every module should be seen.
    training, good = spread(good, training_cells)
    if test_cells:
        good = spread(good, test_cells)[0]
        defective = spread(defective, test_cells)[0]
    stream = [(cell, 0) for cell in good] + [(cell, 1) for cell in defective]
    random.Random(0).shuffle(stream)

    link(training, out / "train")
    link([cell for cell, _ in stream], out / "test")
    with open(out / "labels.csv", "w", newline="") as file:
        csv.writer(file).writerows((frame, label, cell.name)
                                   for frame, (cell, label) in enumerate(stream))
    print(f"{len(training)} good cells to train with; "
          f"{len(good)} other good and {len(defective)} defective cells to look at")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
