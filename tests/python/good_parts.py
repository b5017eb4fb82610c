# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Pictures of parts, and small banks of them."""
import numpy as np

import patchcore

SMALL = {"input_size": 64, "coreset_ratio": 0.5}


def part(number, size=(96, 80), defective=False):
    """A bright part on a noisy ground, always the same for a number; with a dark spot."""
    noise = np.random.default_rng(number)
    height, width = size
    picture = noise.integers(60, 90, (height, width, 3), dtype=np.uint8)
    picture[height // 4: -height // 4, width // 4: -width // 4] += np.array([110, 90, 40], np.uint8)
    if defective:
        picture[height // 2: height // 2 + 10, width // 2 - 6: width // 2 + 6] = (20, 15, 15)
    return picture


def train(path, count=12, **settings):
    trainer = patchcore.Trainer(**{**SMALL, **settings})
    for number in range(count):
        trainer.add(part(number))
    return trainer.build(path)
