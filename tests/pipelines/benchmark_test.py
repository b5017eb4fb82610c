#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects `patchcore benchmark`: it measures every stage, and refuses what it cannot measure.

Usage: benchmark_test.py PROGRAM
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from PIL import Image

import data_sets
from pipelines import PATIENCE

PROGRAM = sys.argv[1]
STAGES = ["convert+resize", "backbone", "embed", "search", "score", "regions", "overlay", "total"]
SMALL = ["--size", "128x96", "--patches", "50", "--frames", "2", "--input-size", "64"]


def benchmark(*arguments):
    return subprocess.run([PROGRAM, "benchmark", *arguments], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=120 * PATIENCE, check=False)


def check_figures(folder):
    path = pathlib.Path(folder, "figures.json")
    done = benchmark(*SMALL, "--coreset-patches", "500", "--compare", "plain",
                     "--precision", "fp32", "--index", "screened", "--device", "cpu",
                     "--json", str(path))
    assert done.returncode == 0, done.stdout
    report = json.loads(path.read_text())
    assert report["bank_patches"] == 50 and report["frame"] == {"width": 128, "height": 96}, report
    assert report["device"] == "cpu" and "device cpu" in done.stdout, done.stdout
    stages = report["engine"]["stages"]
    assert list(stages) == STAGES, stages
    for name, figures in stages.items():
        assert 0 < figures["median_ms"] <= figures["p95_ms"], (name, figures)
        assert name in done.stdout, done.stdout
    parts = sum(stages[name]["median_ms"] for name in STAGES[:-1])
    assert parts > 0.5 * stages["total"]["median_ms"], stages
    plain = report["plain_engine"]["stages"]
    assert list(plain) == STAGES and plain["search"]["median_ms"] > 0, plain
    assert report["pipeline"]["frames_per_second"] > 0, report
    element = report["pipeline"]["element"]
    assert 0 < element["median_ms"] <= element["p95_ms"] and "element " in done.stdout, report
    # What is in the element is no longer than what goes through the pipeline at its pace.
    assert element["median_ms"] < 2000 / report["pipeline"]["frames_per_second"], report
    assert "precision=fp32 index=screened" in report["pipeline"]["description"], report
    assert report["index"] == "screened" and "recall" not in report, report
    assert report["coreset"]["picks"] == 50 and report["coreset"]["plain_seconds"] > 0, report


def check_padded_rows():
    """Of a width whose rows GStreamer pads."""
    done = benchmark("--size", "130x98", *SMALL[2:], "--coreset-patches", "0")
    assert done.returncode == 0 and "frames/s  (appsrc" in done.stdout, done.stdout


def check_recall(folder):
    path = pathlib.Path(folder, "recall.json")
    for index in ("faiss-ivfpq", "faiss-hnsw"):
        done = benchmark("--size", "128x96", "--patches", "200", "--frames", "2", "--input-size",
                         "64", "--coreset-patches", "0", "--no-pipeline", "--index", index,
                         "--json", str(path))
        assert done.returncode == 0, done.stdout
        assert f"{index} " in done.stdout and " recall; " in done.stdout, done.stdout
        report = json.loads(path.read_text())
        assert report["index"] == index, report
        assert 0.5 < report["recall"]["neighbours"] <= 1, report
        assert 0 <= report["recall"]["mean_score_error"] <= 1, report
        assert 0 <= report["recall"]["largest_score_error"] <= 1, report


def check_recall_of_a_masked_bank(folder):
    """Of which there are fewer patches than the map of a frame has places."""
    folder = pathlib.Path(folder)
    data = data_sets.write_category(folder / "data/bolt", size=(128, 96))
    mask = Image.new("L", (128, 96), 255)
    mask.paste(0, (0, 0, 64, 96))
    data_sets.save(mask, folder / "mask.png")
    subprocess.run([PROGRAM, "train", str(data), "--bank", str(folder / "masked.bank"),
                    "--mask", str(folder / "mask.png"), "--input-size", "64",
                    "--index", "faiss-hnsw"], check=True, timeout=120 * PATIENCE)
    done = benchmark("--bank", str(folder / "masked.bank"), "--size", "128x96", "--frames", "2",
                     "--coreset-patches", "0", "--no-pipeline")
    assert done.returncode == 0 and " recall; " in done.stdout, done.stdout


def check_an_ensemble(folder):
    """Whose members' approximate indices have no recall in common."""
    folder = pathlib.Path(folder)
    data = data_sets.write_category(folder / "both/bolt", size=(128, 96))
    subprocess.run([PROGRAM, "train", str(data), "--bank", str(folder / "both.bank"), "--layers",
                    "blocks.4;blocks.10", "--input-size", "64", "--index", "faiss-hnsw"],
                   check=True, timeout=120 * PATIENCE)
    path = folder / "both.json"
    done = benchmark("--bank", str(folder / "both.bank"), "--size", "128x96", "--frames", "2",
                     "--coreset-patches", "0", "--no-pipeline", "--json", str(path))
    assert done.returncode == 0 and "recall" not in done.stdout, done.stdout
    assert "recall" not in json.loads(path.read_text())


def check_a_bank_without_weights(folder):
    folder = pathlib.Path(folder)
    data = data_sets.write_category(folder / "bare/bolt", size=(128, 96))
    bank = str(folder / "bare.bank")
    subprocess.run([PROGRAM, "train", str(data), "--bank", bank, "--input-size", "64",
                    "--store-weights", "false"], check=True, timeout=120 * PATIENCE)
    small = ["--bank", bank, "--size", "128x96", "--frames", "2", "--coreset-patches", "0"]
    found = next(pathlib.Path(os.environ["PATCHCORE_WEIGHTS_PATH"]).glob("efficientnet-lite0-*"))
    (folder / "weights").mkdir()
    named = shutil.copy(found, folder / "weights/mine.pth")
    environment = dict(os.environ, PATCHCORE_WEIGHTS_PATH=str(folder), HOME=str(folder),
                       XDG_CACHE_HOME=str(folder), XDG_DATA_HOME=str(folder))
    for arguments, works in (([], False), (["--weights", str(named)], True)):
        done = subprocess.run([PROGRAM, "benchmark", *small, *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=120 * PATIENCE, env=environment)
        assert (done.returncode == 0) == works, done.stdout
        assert ("pipeline " in done.stdout) == works, done.stdout


def check_refused(word, *arguments):
    done = benchmark(*arguments)
    assert done.returncode > 0, done.stdout
    assert word in done.stdout, done.stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_figures(folder)
        check_padded_rows()
        check_recall(folder)
        check_recall_of_a_masked_bank(folder)
        check_an_ensemble(folder)
        check_a_bank_without_weights(folder)
        check_refused("nowhere.bank", "--bank", f"{folder}/nowhere.bank")
        check_refused("--size", "--size", "large")
        check_refused("--size", "--size", "31x64")
        check_refused("--size", "--size", "64x64x64")
        check_refused("--size", "--size=-64x64")
        check_refused("--size", "--size", "64x99999998")
        check_refused("--compare", *SMALL, "--compare", "fast")
        check_refused("--precision", *SMALL, "--precision", "fp64")
        check_refused("fp16 is for GPUs", *SMALL, "--device", "cpu", "--precision", "fp16")
        check_refused("cuda:999", *SMALL, "--device", "cuda:999")
        check_refused("--index", *SMALL, "--index", "faiss")
        check_refused("78 patches", *SMALL, "--index", "faiss-ivfpq")
        check_refused("nowhere", *SMALL, "--json", f"{folder}/nowhere/figures.json")
        check_refused("excludes", "--bank", "a", "--patches", "5")


if __name__ == "__main__":
    main()
