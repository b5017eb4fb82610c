#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Evaluates the data sets of docs/accuracy.md and computes the same figures again in Python.

Usage: accuracy.py lay-out ELPV_DATA DATA      (links $PATCHCORE_SHARED/data and ELPV's mono cells)
       accuracy.py evaluate DATA OUT --program PROGRAM [--set NAME]... [--size N]...
                                                       [--image-score NAME]...
       accuracy.py compare DATA OUT [--set NAME]... [--size N]... [--image-score NAME]...

`evaluate` runs `patchcore evaluate`, the default backbone with default settings at each size and with
both image scores, in fp32 as the comparison is: with bf16 some pictures near the threshold change
sides. Its results are in OUT/IMAGE-SCORE/SIZE.
`compare` reads the memory bank that each run has left and does all the rest by itself: pictures by
Pillow, resized in floats, EfficientNet-Lite0 written out in PyTorch, patches, distances to the whole bank, maps by
SciPy, masks as the published code takes them, figures by scikit-learn and scikit-image. It prints
the tables of the page, and ends with an error if a figure differs by more than 0.002. Needs numpy,
pillow, scipy, torch, scikit-learn and scikit-image; the other two commands need none of them.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETS = ["screw", "cookie", "coffee_pod", "elpv"]
SIZES = [224, 256, 320]
IMAGE_SCORES = ["max", "top"]
LARGEST_DIFFERENCE = 0.002
FIGURES = ["instance_auroc", "instance_average_precision", "instance_best_f1",
           "instance_f1_at_threshold", "full_pixel_auroc", "anomaly_pixel_auroc", "full_pro"]
# Repeats, kernel, stride, expansion, channels in and out: up to the last layer that is used.
STAGES = [(1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40), (3, 3, 2, 6, 40, 80),
          (3, 5, 1, 6, 80, 112)]
LAYERS = [4, 10]
EPSILON = 1e-3


def lay_out(elpv, data):
    """The quick start's solar cells as a category, beside links to the others."""
    shared = pathlib.Path(os.environ.get("PATCHCORE_SHARED", ROOT.parent / "shared")) / "data"
    data.mkdir(parents=True)
    for name in SETS[:-1]:
        (data / name).symlink_to((shared / name).resolve())
    with tempfile.TemporaryDirectory() as folder:
        cells = pathlib.Path(folder) / "cells"
        subprocess.run([sys.executable, ROOT / "examples/quickstart-pictures.py", elpv.resolve(),
                        cells, "160", "0"], check=True)
        lists = {"train/good": sorted((cells / "train").iterdir()), "test/good": [],
                 "test/defective": []}
        for line in (cells / "labels.csv").read_text().splitlines():
            frame, label, _ = line.split(",")
            name = "test/defective" if int(label) else "test/good"
            lists[name].append(cells / f"test/{int(frame):04d}.png")
        for name, pictures in lists.items():
            (data / "elpv" / name).mkdir(parents=True)
            for picture in pictures:
                (data / "elpv" / name / picture.name).symlink_to(picture.resolve())


def evaluate(data, out, sets, sizes, image_scores, program):
    for size in sizes:
        for image_score in image_scores:
            folder = out / image_score / str(size)
            folder.parent.mkdir(parents=True, exist_ok=True)
            for name in sets:
                subprocess.run([program, "evaluate", data, "--category", name, "--input-size",
                                str(size), "--image-score", image_score, "--precision", "fp32",
                                "--sheets", "none", "--output", folder],
                               check=True)


def read_bank(path):
    """Settings and tensors of a bank file."""
    import numpy
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        settings = json.loads(header.pop("__metadata__")["patchcore"])
        tensors = {}
        for name, entry in header.items():
            if entry["dtype"] != "F32":
                continue
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            tensors[name] = numpy.frombuffer(file.read(end - begin), numpy.float32).reshape(
                entry["shape"])
    return settings, tensors


class Network:
    """EfficientNet-Lite0 in its plainest form, from the weights in a bank file."""

    def __init__(self, tensors):
        import torch
        prefix = "backbone."
        self.weights = {name[len(prefix):]: torch.from_numpy(values.copy())
                        for name, values in tensors.items() if name.startswith(prefix)}

    def convolve(self, x, name, stride, groups=1):
        """Padded as TensorFlow's SAME."""
        from torch.nn import functional
        weight = self.weights[name]
        padding = []
        for side in (3, 2):
            length, kernel = x.shape[side], weight.shape[side]
            total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
            padding += [total // 2, total - total // 2]
        return functional.conv2d(functional.pad(x, padding), weight, None, stride, 0, 1, groups)

    def normalize(self, x, name):
        from torch.nn import functional
        parts = (self.weights[f"{name}.{part}"]
                 for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *parts, False, 0, EPSILON)

    def __call__(self, x):
        from torch.nn.functional import relu6
        x = relu6(self.normalize(self.convolve(x, "_conv_stem.weight", 2), "_bn0"))
        outputs, block = [], 0
        for repeats, _, stride, expansion, _, channels in STAGES:
            for repeat in range(repeats):
                prefix, step, y = f"_blocks.{block}.", stride if repeat == 0 else 1, x
                if expansion != 1:
                    y = relu6(self.normalize(self.convolve(y, prefix + "_expand_conv.weight", 1),
                                             prefix + "_bn0"))
                y = relu6(self.normalize(self.convolve(y, prefix + "_depthwise_conv.weight", step,
                                                       y.shape[1]), prefix + "_bn1"))
                y = self.normalize(self.convolve(y, prefix + "_project_conv.weight", 1),
                                   prefix + "_bn2")
                x = x + y if step == 1 and x.shape[1] == channels else y
                if block in LAYERS:
                    outputs.append(x)
                block += 1
        return outputs


def input_size(picture, area_side):
    """About area_side squared pixels with the picture's aspect, both sides multiples of 32."""
    def side(along, across):
        return max(1, int(area_side * (along / across) ** 0.5 / 32 + 0.5)) * 32
    return side(*picture.size), side(*picture.size[::-1])


class Detector:
    def __init__(self, bank_path):
        import torch
        self.settings, tensors = read_bank(bank_path)
        assert self.settings["preprocess"]["mode"] == "area", self.settings
        self.network = Network(tensors)
        self.bank = torch.from_numpy(tensors["bank"].copy())
        self.bank_norms = (self.bank ** 2).sum(1)
        self.threshold = self.settings["calibration"]["threshold"]

    def size(self, picture):
        return input_size(picture, self.settings["preprocess"]["area_side"])

    def __call__(self, picture):
        """Score and map."""
        import numpy
        import torch
        from PIL import Image
        from scipy import ndimage
        from torch.nn import functional
        size = self.size(picture)
        # In floats: Pillow rounds pictures of 8 bits twice on the way, and the engine does not.
        resized = [channel.convert("F").resize(size, Image.Resampling.BILINEAR)
                   for channel in picture.convert("RGB").split()]
        values = torch.from_numpy(numpy.stack([numpy.asarray(channel) for channel in resized], -1))
        values = (values - 127) / 128
        with torch.no_grad():
            maps = self.network(values.permute(2, 0, 1)[None])
            # The mean of each neighbourhood, with zeros beyond the border as unfolding has them.
            maps = [functional.avg_pool2d(features, 3, 1, 1) for features in maps]
            grid = maps[0].shape[2:]
            maps[1] = functional.interpolate(maps[1], grid, mode="bilinear", align_corners=False)
            patches = torch.cat(maps, 1)[0].flatten(1).T
            products = patches @ self.bank.T
            nearest = (self.bank_norms - 2 * products).argmin(1)
            distances = ((patches - self.bank[nearest]) ** 2).sum(1)
            if self.settings["scoring"]["image_score"] == "top":
                highest = distances.topk(-(-len(distances) // 100)).values
                distances = distances * (highest.mean() / highest[0])
            score = float(distances.max())
            full = functional.interpolate(distances.reshape(1, 1, *grid), size[::-1],
                                          mode="bilinear", align_corners=False)[0, 0].numpy()
        sigma = 4 * (size[0] * size[1]) ** 0.5 / 224
        return score, ndimage.gaussian_filter(full, sigma)

    def mask(self, mask):
        """As the published code: resized bilinearly, then cut to whole numbers."""
        import numpy
        from PIL import Image
        resized = numpy.asarray(mask.convert("L").resize(self.size(mask), Image.Resampling.BILINEAR))
        return (resized == 255).astype(numpy.uint8), bool(resized.any())


def find_mask(picture):
    category, kind = picture.parents[2], picture.parent.name
    mask = category / "ground_truth" / kind / f"{picture.stem}_mask.png"
    return mask if mask.exists() else None


def best_f1(labels, scores):
    import numpy
    from sklearn import metrics
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    return numpy.max(2 * precision * recall / numpy.maximum(precision + recall, 1e-300))


def pro(masks, maps, limit=0.3):
    """The mean overlap of the regions over the false positive rate, from all pixels in order."""
    import numpy
    from skimage import measure
    gains, regions = [], 0
    for mask in masks:
        labels = measure.label(mask, connectivity=2)
        sizes = numpy.bincount(labels.ravel())
        gains.append(numpy.where(labels > 0, 1 / sizes[labels], 0).ravel())
        regions += len(sizes) - 1
    scores = numpy.concatenate([values.ravel() for values in maps])
    gains = numpy.concatenate(gains)
    order = numpy.argsort(-scores, kind="stable")
    normal = gains[order] == 0
    last_of_equals = numpy.append(numpy.diff(scores[order]) != 0, True)
    rates = numpy.append(0, (numpy.cumsum(normal) / normal.sum())[last_of_equals])
    overlaps = numpy.append(0, (numpy.cumsum(gains[order]) / regions)[last_of_equals])
    last = numpy.count_nonzero(rates <= limit) - 1
    share = (limit - rates[last]) / (rates[last + 1] - rates[last])
    end = overlaps[last] + share * (overlaps[last + 1] - overlaps[last])
    x, y = numpy.append(rates[:last + 1], limit), numpy.append(overlaps[:last + 1], end)
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum() / limit)


def figures_in_python(category, bank_path):
    import numpy
    from PIL import Image
    from sklearn import metrics
    detector = Detector(bank_path)
    labels, scores, maps, masks, anomalous = [], [], [], [], []
    for kind in sorted((category / "test").iterdir()):
        for path in sorted(kind.iterdir()):
            is_anomalous = kind.name != "good"
            score, full = detector(Image.open(path))
            labels.append(is_anomalous)
            scores.append(score)
            mask = find_mask(path)
            if is_anomalous and mask is None:
                continue
            prepared, any_defect = (detector.mask(Image.open(mask)) if mask else
                                    (numpy.zeros(full.shape, numpy.uint8), False))
            maps.append(full)
            masks.append(prepared)
            anomalous.append(any_defect)
    figures = {
        "instance_auroc": metrics.roc_auc_score(labels, scores),
        "instance_average_precision": metrics.average_precision_score(labels, scores),
        "instance_best_f1": best_f1(labels, scores),
        "instance_f1_at_threshold": metrics.f1_score(labels,
                                                     numpy.array(scores) >= detector.threshold),
    }
    if any(anomalous):
        def flat(arrays, chosen):
            return numpy.concatenate([array.ravel() for array, take in zip(arrays, chosen) if take])
        everything = [True] * len(maps)
        figures["full_pixel_auroc"] = metrics.roc_auc_score(flat(masks, everything),
                                                            flat(maps, everything))
        figures["anomaly_pixel_auroc"] = metrics.roc_auc_score(flat(masks, anomalous),
                                                               flat(maps, anomalous))
        figures["full_pro"] = pro(masks, maps)
    return figures


def compare_one(data, folder, name):
    """A row of the table, and the largest difference."""
    ours = json.loads((folder / name / "result.json").read_text(encoding="utf-8"))
    expected = figures_in_python(data / name, folder / name / "bank.safetensors")
    difference = 0
    for figure in FIGURES:
        assert (ours["figures"][figure] is None) == (figure not in expected), figure
        if figure in expected:
            difference = max(difference, abs(ours["figures"][figure] - expected[figure]))
    columns = [f"{ours['figures'][figure]:.4f}" if figure in expected else "" for figure in FIGURES]
    return (f"{' | '.join(columns)} | {difference:.5f} | {ours['bank']['training_seconds']:.1f} "
            f"| {1000 * ours['detection_seconds']:.1f}"), difference


def compare(data, out, sets, sizes, image_scores):
    largest = 0
    print("| set | size | image score | image AUROC | AP | best F1 | F1 at the threshold | pixel AUROC | "
          "of defective | PRO | largest difference | training, s | a picture, ms |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for name in sets:
        for size in sizes:
            for image_score in image_scores:
                row, difference = compare_one(data, out / image_score / str(size), name)
                largest = max(largest, difference)
                print(f"| {name} | {size} | {image_score} | {row} |", flush=True)
    if largest > LARGEST_DIFFERENCE:
        sys.exit(f"a figure differs by more than {LARGEST_DIFFERENCE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["lay-out", "evaluate", "compare"])
    parser.add_argument("first", type=pathlib.Path)
    parser.add_argument("second", type=pathlib.Path)
    parser.add_argument("--program", default=ROOT / "build/tools/patchcore/patchcore")
    parser.add_argument("--set", action="append", choices=SETS)
    parser.add_argument("--size", action="append", type=int)
    parser.add_argument("--image-score", action="append", choices=IMAGE_SCORES)
    arguments = parser.parse_args()
    runs = arguments.set or SETS, arguments.size or SIZES, arguments.image_score or IMAGE_SCORES
    if arguments.command == "lay-out":
        lay_out(arguments.first, arguments.second)
    elif arguments.command == "evaluate":
        evaluate(arguments.first, arguments.second, *runs, arguments.program)
    else:
        compare(arguments.first, arguments.second, *runs)


if __name__ == "__main__":
    main()
