# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects long notebooks: the memory of the process does not grow with the pictures that are scored."""
import gc
import os
import pathlib
import tempfile

import numpy as np

import patchcore
from good_parts import part, train
from pipelines import skip

PAGES_TO_KIB = 4
PICTURES = 200
ALLOWED_KIB = 6 * 1024  # a map of the larger pictures' size alone has 1.2 MiB


def resident_kib():
    gc.collect()
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * PAGES_TO_KIB


def score(detector, pictures):
    """All that makes arrays, and all that fails."""
    for number in range(pictures):
        picture = part(number % 8, (640, 480), defective=True)
        result = detector.score(picture[::-1] if number % 2 else picture)
        assert result.heatmap().any() and result.full_map().any() and result.map.any()
        for wrong in (np.zeros((9, 9), np.uint8), picture / 255, picture[..., :2]):
            try:
                detector.score(wrong)
            except (patchcore.Error, TypeError, ValueError):
                continue
            raise AssertionError("no error")


def main():
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        skip("AddressSanitizer keeps what was freed")
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "bank")
        train(bank)
        detector = patchcore.Detector(bank)
        score(detector, 40)
        before = resident_kib()
        score(detector, PICTURES)
        grown = resident_kib() - before
        print(f"{before} KiB, after {PICTURES} more pictures {grown:+} KiB")
        assert grown < ALLOWED_KIB, f"grown by {grown} KiB"

        for _ in range(3):
            patchcore.Detector(bank)
        before = resident_kib()
        for _ in range(12):
            patchcore.Detector(bank).score(part(0))
        grown = resident_kib() - before
        print(f"after 12 more banks {grown:+} KiB; one has {bank.stat().st_size // 1024} KiB")
        assert grown < 2 * bank.stat().st_size / 1024, f"grown by {grown} KiB"


if __name__ == "__main__":
    main()
