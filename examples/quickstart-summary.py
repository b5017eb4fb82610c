#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Says how well the quick start's scores tell good cells from defective ones.

Usage: quickstart-summary.py OUT

Reads OUT/labels.csv and OUT/results.jsonl, writes OUT/sheet.png: the frames with the highest and
the lowest scores, each above its annotated self.
"""
import csv
import json
import pathlib
import sys

from PIL import Image, ImageDraw

COLUMNS = 8
CELL = 200
MARGIN = 6
CAPTION = 16


def auroc(good, defective):
    """The probability that a defective frame scores higher than a good one; ties count half."""
    wins = sum((bad > fine) + 0.5 * (bad == fine) for bad in defective for fine in good)
    return wins / (len(good) * len(defective))


def draw_sheet(out, ranked):
    rows = [("highest scores", ranked[:COLUMNS]), ("lowest scores", ranked[-COLUMNS:])]
    row_height = CAPTION + 2 * CELL + 2 * MARGIN
    sheet = Image.new("RGB", (COLUMNS * (CELL + MARGIN) + MARGIN, len(rows) * row_height + MARGIN),
                      "white")
    draw = ImageDraw.Draw(sheet)
    for row, (title, frames) in enumerate(rows):
        top = MARGIN + row * row_height
        for column, (relative, frame, label) in enumerate(frames):
            left = MARGIN + column * (CELL + MARGIN)
            kind = "defective" if label else "good"
            draw.text((left, top), f"{title if column == 0 else ''} {kind} {relative:.2f}".strip(),
                      fill="black")
            for offset, folder in ((CAPTION, "test"), (CAPTION + CELL + 2, "frames")):
                picture = Image.open(out / folder / f"{frame:04d}.png").convert("RGB")
                sheet.paste(picture.resize((CELL, CELL)), (left, top + offset))
    sheet.save(out / "sheet.png")


def main(out):
    with open(out / "labels.csv", newline="") as file:
        labels = [int(label) for _, label, _ in csv.reader(file)]
    with open(out / "results.jsonl") as file:
        results = [json.loads(line) for line in file]
    if len(results) != len(labels):
        sys.exit(f"{len(labels)} frames went in, {len(results)} results came out")

    scores = {kind: [r["score"] for r, label in zip(results, labels) if label == kind]
              for kind in (0, 1)}
    flagged = {kind: sum(r["verdict"] == "anomalous" for r, label in zip(results, labels)
                         if label == kind) for kind in (0, 1)}
    ranked = sorted(((r["relative_score"], frame, label)
                     for frame, (r, label) in enumerate(zip(results, labels))), reverse=True)
    draw_sheet(out, ranked)

    print(f"defective cells found: {flagged[1]} of {len(scores[1])}")
    print(f"good cells flagged:    {flagged[0]} of {len(scores[0])}")
    print(f"image AUROC:           {auroc(scores[0], scores[1]):.4f}")
    print()
    for name, what in (("annotated.mp4", "the stream with heatmaps"),
                       ("sheet.png", "the highest and lowest scores"),
                       ("results.jsonl", "one line a frame"),
                       ("bank.safetensors", "the memory bank")):
        print(f"  {out / name}  {what}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
