#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects `patchcore bank merge`: a bank that was trained in shards finds defects as well as one that
was trained on all pictures at once, and so does one that was merged step by step.

Usage: shard_merging_test.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from pipelines import PATIENCE, shared_file

PROGRAM = sys.argv[1]
SHARDS = 3
TOLERANCE = 0.003
# So that the test takes seconds.
SETTINGS = ["--input-size", 160]


def patchcore(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300 * PATIENCE, check=False)
    assert done.returncode == 0, done.stdout


def train(pictures, folder):
    folder.mkdir()
    for picture in pictures:
        (folder / picture.name).symlink_to(picture)
    bank = folder.with_suffix(".safetensors")
    patchcore("train", folder, "--bank", bank, *SETTINGS)
    return bank


def merge(banks, bank):
    patchcore("bank", "merge", *banks, "--bank", bank)
    return bank


def aurocs(bank, category):
    """Of images and of pixels."""
    output = bank.with_suffix(".result")
    patchcore("evaluate", category.parent, "--category", category.name, "--bank", bank,
              "--sheets", "none", "--output", output)
    mean = json.loads((output / "results.json").read_text())["mean"]
    return mean["instance_auroc"], mean["full_pixel_auroc"]


def main():
    category = shared_file("data/cookie")
    pictures = sorted((category / "train/good").iterdir())
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        expected = aurocs(train(pictures, folder / "whole"), category)
        assert min(expected) > 0.95, expected
        size = -(-len(pictures) // SHARDS)
        shards = [train(pictures[i * size:(i + 1) * size], folder / f"shard{i}")
                  for i in range(SHARDS)]
        pair = merge(shards[:2], folder / "pair.safetensors")
        for bank in (merge(shards, folder / "at-once.safetensors"),
                     merge([pair, *shards[2:]], folder / "in-steps.safetensors")):
            for merged, whole in zip(aurocs(bank, category), expected):
                assert abs(merged - whole) <= TOLERANCE, (bank.stem, merged, whole)


if __name__ == "__main__":
    main()
