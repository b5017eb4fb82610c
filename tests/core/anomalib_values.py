#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Writes anomalib_values.h: what anomalib 2.7.0 makes of two small pictures' features.

Usage: anomalib_values.py > anomalib_values.h

Needs PyTorch, which the tests do not. It computes with PyTorch's operators, each as PatchcoreModel
(src/anomalib/models/image/patchcore/torch_model.py) applies it, in double precision: AvgPool2d(3, 1, 1),
bilinear interpolation to the first layer's grid, concatenation, Euclidean distances, and for the
score of the picture a softmax over the neighbours of the nearest patch. Features are made by a formula,
which presets_test.cpp has, too. The bank is every third patch of the first picture.
"""
import torch
from torch.nn import functional

HEAD = """\
// SPDX-License-Identifier: Apache-2.0
// Copyright (C) 2026 The patchcore-gst authors
//
// What anomalib makes of the features of presets_test.cpp; written by anomalib_values.py.
#pragma once

namespace patchcore::test {
"""
CHANNELS = (3, 5)
GRIDS = ((6, 5), (3, 3))  # height, width


def features(picture, layer):
    """[1, channels, height, width] from -4 to 4, channels fastest."""
    height, width = GRIDS[layer]
    channels = CHANNELS[layer]
    values = [((i * 7919 + picture * 104729 + layer * 1299709) % 1009) / 126 - 4
              for i in range(height * width * channels)]
    return torch.tensor(values, dtype=torch.float64).reshape(1, height, width, channels).permute(0, 3, 1, 2)


def embedding(picture):
    pool = torch.nn.AvgPool2d(3, 1, 1)
    first, second = (pool(features(picture, layer)) for layer in (0, 1))
    second = functional.interpolate(second, size=first.shape[-2:], mode="bilinear")
    joined = torch.cat((first, second), 1)
    return joined.permute(0, 2, 3, 1).reshape(-1, joined.size(1))


def scores(patches, bank, neighbours):
    """Of each patch, and of the picture."""
    patch_scores, locations = torch.cdist(patches, bank).min(1)
    worst = torch.argmax(patch_scores)
    nearest = bank[locations[worst]].unsqueeze(0)
    support = torch.cdist(nearest, bank).topk(k=neighbours, largest=False, dim=1).indices[0]
    distances = torch.cdist(patches[worst].unsqueeze(0), bank[support])
    weight = (1 - functional.softmax(distances, 1))[0, 0]
    return patch_scores, weight * patch_scores[worst]


def array(name, values):
    numbers = [f"{value:.9g}" for value in values.flatten().tolist()]
    lines = [", ".join(numbers[i:i + 6]) for i in range(0, len(numbers), 6)]
    return f"constexpr double {name}[] = {{\n    " + ",\n    ".join(lines) + "};"


def main():
    patches = embedding(1)
    bank = embedding(0)[::3]
    print(HEAD)
    print(array("anomalib_patches", patches))
    print(array("anomalib_patch_scores", scores(patches, bank, 9)[0]))
    for neighbours in (3, 9):
        score = scores(patches, bank, neighbours)[1].item()
        print(f"constexpr double anomalib_score_of_{neighbours} = {score:.9g};")
    print("\n}  // namespace patchcore::test")


if __name__ == "__main__":
    main()
