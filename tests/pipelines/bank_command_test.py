#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects `patchcore bank info`, `verify`, `diff`, `export`, `merge` and `recalibrate`.

Usage: bank_command_test.py PROGRAM
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy

import data_sets
from pipelines import PATIENCE

PROGRAM = sys.argv[1]
ENSEMBLE_LAYERS = "blocks.2;blocks.4,blocks.10"


def patchcore(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60 * PATIENCE, check=False)


def well(*arguments):
    done = patchcore(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def train(pictures, bank, seed, *more):
    well("train", pictures, "--bank", bank, "--seed", seed, "--input-size", 64,
         "--coreset-ratio", 0.5, *more)


def bank_tensor(bank, name="bank"):
    """As any reader of safetensors sees it."""
    data = bank.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    entry = json.loads(data[8:8 + size])[name]
    begin, end = (8 + size + offset for offset in entry["data_offsets"])
    return numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"])


def check_info(bank):
    text = well("bank", "info", bank)
    rows, dimension = bank_tensor(bank).shape
    assert "backbone.name                        efficientnet_lite0\n" in text, text
    assert f"bank                                 F32 [{rows}, {dimension}]\n" in text, text
    assert "coreset.seed                         1\n" in text, text
    info = json.loads(well("bank", "info", bank, "--json"))
    assert info["settings"]["coreset"]["seed"] == 1, info
    assert info["tensors"]["bank"] == {"type": "F32", "shape": [rows, dimension]}, info


def check_verify(bank, folder):
    text = well("bank", "verify", bank)
    assert ": whole; efficientnet_lite0" in text and "threshold" in text, text
    well("bank", "verify", bank, "--index", "faiss-hnsw", "--threads", 1)
    done = patchcore("bank", "verify", bank, "--threads", 5000)
    assert done.returncode > 0 and "--threads" in done.stdout, done.stdout
    data = bytearray(bank.read_bytes())
    data[-100] ^= 1
    altered = folder / "altered.safetensors"
    altered.write_bytes(data)
    for command in ("verify", "info"):
        done = patchcore("bank", command, altered)
        assert done.returncode == 1 and "checksum" in done.stdout, done.stdout
        done = patchcore("bank", command, folder / "nowhere")
        assert done.returncode == 1 and "nowhere" in done.stdout, done.stdout


def check_diff(first, second, folder):
    copy = folder / "copy.safetensors"
    copy.write_bytes(first.read_bytes())
    assert well("bank", "diff", first, copy) == ""
    done = patchcore("bank", "diff", first, second)
    assert done.returncode == 1, done.stdout
    for text in ("coreset.seed: 1 | 2\n", "bank: F32 [", "patches are in the other, too"):
        assert text in done.stdout, (text, done.stdout)
    assert "backbone.name" not in done.stdout, done.stdout
    a, b = (bank_tensor(bank).astype(float) for bank in (first, second))
    nearest = numpy.sqrt(((a[:, None] - b[None]) ** 2).sum(2).min(1))
    assert f"{nearest.max():.5g} at most" in done.stdout, (nearest.max(), done.stdout)


def check_export(bank, folder):
    patches = bank_tensor(bank)
    npy, faiss = folder / "ä bank.npy", folder / "bank.faiss"
    well("bank", "export", bank, npy)
    assert numpy.array_equal(numpy.load(npy), patches)
    well("bank", "export", bank, faiss, "--format", "faiss")
    head = struct.unpack("<4siqqqBiQ", faiss.read_bytes()[:45])
    assert head[:3] == (b"IxF2", *patches.shape[::-1]) and head[-1] == patches.size, head
    assert faiss.read_bytes()[45:] == patches.tobytes()
    done = patchcore("bank", "export", bank, npy)
    assert done.returncode == 1 and "--replace" in done.stdout, done.stdout
    well("bank", "export", bank, npy, "--replace")
    done = patchcore("bank", "export", bank, folder / "x", "--format", "csv")
    assert done.returncode > 0 and "csv" in done.stdout, done.stdout


def check_export_of_ensemble(ensemble, folder):
    parts = folder / "members.of"
    parts.mkdir()
    text = well("bank", "export", ensemble, parts / "both.npy")
    assert sorted(path.name for path in parts.iterdir()) == ["both-1.npy", "both-2.npy"]
    assert "both-1.npy: " in text and "efficientnet_lite0 blocks.2\n" in text, text
    for member, columns in ((1, 24), (2, 152)):
        patches = numpy.load(parts / f"both-{member}.npy")
        assert patches.shape[1] == columns, patches.shape
        assert numpy.array_equal(patches, bank_tensor(ensemble, f"member.{member}.bank"))
    well("bank", "export", ensemble, parts / "both", "--format", "faiss")
    head = struct.unpack("<4siq", (parts / "both-2").read_bytes()[:16])
    assert head[:2] == (b"IxF2", 152), head
    # Nothing is written if one of the files is there.
    (parts / "new-2.npy").write_text("the user's")
    done = patchcore("bank", "export", ensemble, parts / "new.npy")
    assert done.returncode == 1 and "new-2.npy" in done.stdout, done.stdout
    assert not (parts / "new-1.npy").exists()
    well("bank", "export", ensemble, parts / "new.npy", "--replace")
    assert numpy.load(parts / "new-2.npy").shape[1] == 152


def check_merge(first, second, folder):
    merged = folder / "merged.safetensors"
    rows = [len(bank_tensor(bank)) for bank in (first, second)]
    text = well("bank", "merge", first, second, "--bank", merged)
    assert "from 16 frames" in text, text
    assert max(rows) < len(bank_tensor(merged)) <= sum(rows)
    well("bank", "verify", merged)
    text = well("bank", "merge", first, second, "--bank", merged, "--patches", 20, "--replace")
    assert bank_tensor(merged).shape[0] == 20, text
    done = patchcore("bank", "merge", first, second, "--bank", merged)
    assert done.returncode == 1 and "--replace" in done.stdout, done.stdout
    done = patchcore("bank", "merge", first, "--bank", folder / "x")
    assert done.returncode == 1 and "at least two" in done.stdout, done.stdout
    other = folder / "other.safetensors"
    well("train", folder / "good", "--bank", other, "--input-size", 96)
    done = patchcore("bank", "merge", first, other, "--bank", folder / "x")
    assert done.returncode == 1 and "their input size differs" in done.stdout, done.stdout
    assert not (folder / "x").exists()


def check_merge_of_ensembles(ensemble, single, folder):
    other, merged = folder / "other ensemble.safetensors", folder / "merged ensemble.safetensors"
    train(folder / "good", other, 2, "--layers", ENSEMBLE_LAYERS)
    text = well("bank", "merge", ensemble, other, "--bank", merged, "--patches", 20)
    assert "20 x 24, 20 x 152 from 16 frames" in text, text
    assert "ensemble of 2" in well("bank", "verify", merged)
    done = patchcore("bank", "merge", ensemble, single, "--bank", folder / "x")
    assert done.returncode == 1 and "2 and 1 members" in done.stdout, done.stdout
    assert not (folder / "x").exists()


def check_recalibrate(bank, folder):
    for number in range(25):
        data_sets.save(data_sets.part(500 + number)[0], folder / f"unseen/{number}.png")
    (folder / "unseen/broken.png").write_text("no picture")
    new = folder / "new.safetensors"
    text = well("bank", "recalibrate", bank, folder / "unseen", "--bank", new)
    assert "from 25 pictures, before" in text and "broken.png" in text, text
    before, after = (json.loads(well("bank", "info", path, "--json"))["settings"]
                     for path in (bank, new))
    assert before["calibration"] != after["calibration"], after
    assert before["backbone"] == after["backbone"], after
    assert numpy.array_equal(bank_tensor(bank), bank_tensor(new))
    well("bank", "verify", new)
    assert before["search"]["index"] == after["search"]["index"] == "auto", after
    # The index that the threshold was computed with is what the bank asks for.
    other = folder / "other-index.safetensors"
    well("bank", "recalibrate", bank, folder / "unseen", "--bank", other, "--index", "faiss-flat",
         "--threads", 1)
    search = json.loads(well("bank", "info", other, "--json"))["settings"]["search"]
    assert search["index"] == "faiss_flat", search
    done = patchcore("bank", "recalibrate", bank, folder / "unseen", "--bank", new)
    assert done.returncode == 1 and "--replace" in done.stdout, done.stdout
    # Of pictures without noise rounding alone would reach the threshold.
    picture = data_sets.part(1)[0]
    for number in range(4):
        data_sets.save(picture, folder / f"same/{number}.png")
    whole, known = folder / "whole.safetensors", folder / "known.safetensors"
    well("train", folder / "same", "--bank", whole, "--sampler", "identity", "--input-size", 64)
    well("bank", "recalibrate", whole, folder / "same", "--bank", known)
    calibration = json.loads(well("bank", "info", known, "--json"))["settings"]["calibration"]
    assert 0 <= calibration["usual_score"] < calibration["threshold"] < 1, calibration
    (folder / "empty").mkdir()
    done = patchcore("bank", "recalibrate", bank, folder / "empty", "--bank", folder / "x")
    assert done.returncode == 1 and "no picture" in done.stdout, done.stdout


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for number in range(8):
            data_sets.save(data_sets.part(number)[0], folder / f"good/{number}.png")
        first, second = folder / "first.safetensors", folder / "second.safetensors"
        train(folder / "good", first, 1)
        train(folder / "good", second, 2)
        check_info(first)
        check_verify(first, folder)
        check_diff(first, second, folder)
        check_export(first, folder)
        ensemble = folder / "ensemble.safetensors"
        train(folder / "good", ensemble, 1, "--layers", ENSEMBLE_LAYERS)
        check_export_of_ensemble(ensemble, folder)
        check_merge_of_ensembles(ensemble, first, folder)
        check_merge(first, second, folder)
        check_recalibrate(first, folder)


if __name__ == "__main__":
    main()
