#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects the way from a model of the published implementation into a pipeline.

Usage: import_amazon_test.py PROGRAM
"""
import array
import pathlib
import pickle
import random
import struct
import subprocess
import sys
import tempfile

from pipelines import PATIENCE, launch_well

PROGRAM = sys.argv[1]
ROWS = 40
DIMENSION = 24
PARAMS = {
    "backbone.name": "efficientnet_lite0",
    "layers_to_extract_from": ["blocks.2", "blocks.4"],
    "input_shape": (3, 96, 96),
    "pretrain_embed_dimension": 32,
    "target_embed_dimension": DIMENSION,
    "patchsize": 3,
    "patchstride": 1,
    "anomaly_scorer_num_nn": 2,
}


def write_model(folder, prefix=""):
    """As the published code saves it; the layout of the index is that of faiss.write_index()."""
    folder.mkdir(exist_ok=True)
    (folder / f"{prefix}patchcore_params.pkl").write_bytes(
        pickle.dumps(PARAMS, pickle.HIGHEST_PROTOCOL))
    rng = random.Random(prefix)
    values = array.array("f", [rng.random() for _ in range(ROWS * DIMENSION)])
    head = struct.pack("<4siqqqBiQ", b"IxF2", DIMENSION, ROWS, 1 << 20, 1 << 20, 1, 1, len(values))
    (folder / f"{prefix}nnscorer_search_index.faiss").write_bytes(head + values.tobytes())


def import_model(*arguments):
    return subprocess.run([PROGRAM, "bank", "import-amazon", *map(str, arguments)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60 * PATIENCE, check=False)


def check_pipeline(folder):
    model = folder / "my model"
    write_model(model)
    bank = folder / "parts.safetensors"
    done = import_model(model, bank, "--resize", "112")
    assert done.returncode == 0, done.stdout
    assert "efficientnet_lite0, 40 patches of 24 values, 2 neighbours" in done.stdout, done.stdout
    assert "threshold is a guess" in done.stdout, done.stdout
    output = launch_well("videotestsrc num-buffers=2 ! video/x-raw,width=320,height=240 "
                         f"! videoconvert ! patchcoredetect bank={bank} threshold=0 "
                         "post-messages=all ! fakesink")
    assert output.count("patchcore-result,") == 2, output

    before = bank.read_bytes()
    done = import_model(model, bank)
    assert done.returncode == 1 and "exists" in done.stdout, done.stdout
    assert bank.read_bytes() == before
    done = import_model(model, bank, "--replace", "--no-store-weights")
    assert done.returncode == 0, done.stdout
    assert len(bank.read_bytes()) < len(before), "the weights are still there"


def check_ensemble(folder):
    model = folder / "ensemble"
    for prefix in ("Ensemble-1-2_", "Ensemble-2-2_"):
        write_model(model, prefix)
    bank = folder / "all.safetensors"
    done = import_model(model, bank)
    assert done.returncode == 0 and "an ensemble of 2" in done.stdout, done.stdout
    assert done.stdout.count("efficientnet_lite0, 40 patches of 24 values") == 2, done.stdout
    output = launch_well("videotestsrc num-buffers=2 ! video/x-raw,width=320,height=240 "
                         f"! videoconvert ! patchcoredetect bank={bank} "
                         "post-messages=all ! fakesink")
    assert output.count("patchcore-result,") == 2, output


def check_errors(folder):
    bank = folder / "none.safetensors"
    for arguments, words in (((folder / "nowhere", bank), "no folder"),
                             ((folder, bank), "--save_patchcore_model"),
                             ((folder / "my model", folder / "no" / "where.bank"), "no"),
                             ((folder / "my model", bank, "--resize", "16"), "shorter side"),
                             ((folder / "my model", bank, "--weights", "nope.pth"), "nope.pth")):
        done = import_model(*arguments)
        assert done.returncode == 1 and words in done.stdout, (arguments, done.stdout)
        assert not bank.exists(), arguments


with tempfile.TemporaryDirectory() as name:
    check_pipeline(pathlib.Path(name))
    check_ensemble(pathlib.Path(name))
    check_errors(pathlib.Path(name))
