# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Makes small data sets for tests of the command line program."""
import pathlib
import random

from PIL import Image, ImageDraw


def part(number, size=(96, 80), defect=None):
    """A disc on a noisy ground, never twice the same; with a dark spot, and its mask."""
    rng = random.Random(number)
    picture = Image.effect_noise(size, 12).convert("RGB")
    draw = ImageDraw.Draw(picture)
    x, y = (side / 2 + rng.uniform(-2, 2) for side in size)
    radius = min(size) / 3
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(170, 160, 120))
    draw.ellipse([x - 6, y - 6, x + 6, y + 6], fill=(90, 90, 120))
    mask = Image.new("L", size)
    if defect:
        angle = rng.choice([(-1, -1), (1, 1), (1, -1), (-1, 1)])
        box = [x + angle[0] * 14 - defect, y + angle[1] * 14 - defect,
               x + angle[0] * 14 + defect, y + angle[1] * 14 + defect]
        draw.rectangle(box, fill=(30, 20, 20))
        ImageDraw.Draw(mask).rectangle(box, fill=255)
    return picture, mask


def save(picture, path):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def write_category(folder, train=12, good=6, defective=5, size=(96, 80)):
    """A category as MVTec AD's, with a type of defect whose name has a blank and an umlaut."""
    folder = pathlib.Path(folder)
    for number in range(train):
        save(part(number, size)[0], folder / f"train/good/{number:03d}.png")
    for number in range(good):
        save(part(100 + number, size)[0], folder / f"test/good/{number:03d}.png")
    for number in range(defective):
        picture, mask = part(200 + number, size, defect=4 + number)
        save(picture, folder / f"test/große Delle/{number:03d}.png")
        save(mask, folder / f"ground_truth/große Delle/{number:03d}_mask.png")
    return folder
