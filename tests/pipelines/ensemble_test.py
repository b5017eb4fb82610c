#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects ensembles from training to evaluation: two members that are trained and detect in
pipelines, the commands that look at banks, and figures normalized over the test set, which are
computed again here from what each member alone gives.

Usage: ensemble_test.py PROGRAM
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

import data_sets
from pipelines import PATIENCE, launch_badly, launch_well

PROGRAM = sys.argv[1]
LAYERS = ["blocks.2", "blocks.4,blocks.10"]
TOLERANCE = 1e-6


def patchcore(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=100 * PATIENCE, check=False)


def well(*arguments):
    done = patchcore(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


def settings_of(bank):
    return json.loads(well("bank", "info", bank, "--json"))["settings"]


def check_elements(folder):
    """Good parts train it, and a defect is found."""
    for number in range(12):
        data_sets.save(data_sets.part(number)[0], folder / f"good/{number:02d}.png")
    data_sets.save(data_sets.part(50)[0], folder / "seen/00.png")
    data_sets.save(data_sets.part(51, defect=9)[0], folder / "seen/01.png")
    bank = folder / "parts.safetensors"
    source = "multifilesrc caps=image/png,framerate=10/1 location={}/%02d.png ! pngdec ! videoconvert"
    output = launch_well(f"{source.format(folder / 'good')} ! patchcoretrain bank={bank} "
                         f"layers={';'.join(LAYERS)} input-size=96 coreset-ratio=0.25 ! fakesink")
    assert "patchcore-trained," in output, output
    members = settings_of(bank)["members"]
    assert [",".join(member["backbone"]["layers"]) for member in members] == LAYERS, members
    assert all(member["source"]["frames"] == 12 for member in members), members

    for settings in ("", "mode=newest", "batch-size=2"):
        results = folder / "results.jsonl"
        results.unlink(missing_ok=True)
        launch_well(f"{source.format(folder / 'seen')} ! patchcoredetect bank={bank} {settings} ! "
                    f"patchcorepublish location={results} ! fakesink")
        lines = [json.loads(line) for line in results.read_text().splitlines()]
        assert len(lines) == 2, lines
        if settings != "mode=newest":
            assert [line["verdict"] for line in lines] == ["normal", "anomalous"], lines
            assert lines[1]["regions"], lines
    launch_badly(f"{source.format(folder / 'good')} ! patchcoretrain bank={bank} append=true "
                 "! fakesink", "an ensemble of 2 banks")
    continued = folder / "continued.safetensors"
    continued.write_bytes(bank.read_bytes())
    launch_well(f"{source.format(folder / 'good')} ! patchcoretrain bank={continued} append=true "
                f"layers={';'.join(LAYERS)} input-size=96 coreset-ratio=0.25 ! fakesink")
    members = settings_of(continued)["members"]
    assert all(member["source"]["frames"] == 24 for member in members), members
    assert "ensemble of 2" in well("bank", "verify", continued)
    return bank


def check_commands(bank, folder):
    text = well("bank", "info", bank)
    assert "members.2.backbone.name" in text and "member.2.backbone.*" in text, text
    assert "ensemble of 2, efficientnet_lite0;efficientnet_lite0" in well("bank", "verify", bank)
    assert well("bank", "diff", bank, bank) == ""
    new = folder / "new.safetensors"
    well("bank", "recalibrate", bank, folder / "good", "--bank", new)
    before, after = settings_of(bank), settings_of(new)
    assert before["calibration"] != after["calibration"], after
    assert before["members"] == after["members"], after


def scores_and_maps(folder):
    with open(folder / "scores.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    scores = [float(row["score"]) for row in rows]
    maps = [numpy.load(path) for path in sorted((folder / "maps").rglob("*.npy"))]
    return numpy.array(scores), numpy.stack(maps).astype(float)


def check_normalization(folder):
    """As load_and_evaluate_patchcore.py of the published code."""
    category = data_sets.write_category(folder / "disc")
    settings = ["--input-size", "96", "--coreset-ratio", "0.25"]
    evaluated = ["--maps", "--sheets", "none", "--output"]
    found = []
    for number, layers in enumerate([*LAYERS, ";".join(LAYERS)]):
        bank = folder / f"{number}.safetensors"
        well("train", category, "--bank", bank, "--layers", layers, *settings)
        output = folder / f"results-{number}"
        well("evaluate", category, "--bank", bank, *evaluated, output)
        found.append(scores_and_maps(output / "disc"))
    published = folder / "published"
    well("evaluate", category, "--bank", bank, "--normalization", "test-set", *evaluated, published)

    def normalized(values):
        return (values - values.min()) / (values.max() - values.min())

    scores, maps = scores_and_maps(published / "disc")
    for result, part in ((scores, 0), (maps, 1)):
        expected = (normalized(found[0][part]) + normalized(found[1][part])) / 2
        assert numpy.abs(result - expected).max() < TOLERANCE, numpy.abs(result - expected).max()
    # The bank's own normalization, from what its members say of held-out frames.
    weights = [1 / (member["calibration"]["threshold"] - member["calibration"]["usual_score"])
               for member in settings_of(bank)["members"]]
    scale = sum(weight * member["calibration"]["threshold"]
                for weight, member in zip(weights, settings_of(bank)["members"]))
    expected = (weights[0] * found[0][0] + weights[1] * found[1][0]) / scale
    assert numpy.abs(found[2][0] / expected - 1).max() < TOLERANCE, (found[2][0], expected)
    text = (published / "disc" / "result.json").read_text(encoding="utf-8")
    assert "normalized over the test pictures" in text, text
    done = patchcore("evaluate", category, "--bank", bank, "--normalization", "other", "--output",
                     folder / "y")
    assert done.returncode > 0 and "other" in done.stdout, done.stdout


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        bank = check_elements(folder)
        check_commands(bank, folder)
        check_normalization(folder)


if __name__ == "__main__":
    main()
