#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects `patchcore train`: banks of folders and data sets, and settings as patchcoretrain's.

Usage: train_command_test.py PROGRAM
"""
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import gi

import data_sets
from pipelines import PATIENCE

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

PROGRAM = sys.argv[1]
SMALL = ["--input-size", "64", "--coreset-ratio", "0.5"]


def train(*arguments):
    return subprocess.run([PROGRAM, "train", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=100 * PATIENCE, check=False)


def settings(bank):
    with open(bank, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        return json.loads(json.loads(file.read(size))["__metadata__"]["patchcore"])


def check_trains(folder):
    data = data_sets.write_category(folder / "data/bolt Ü").parent
    bank = folder / "one.safetensors"
    done = train(data, "--bank", bank, "--seed", 7, *SMALL)
    assert done.returncode == 0, done.stdout
    assert "bolt Ü: 12 pictures, bank of " in done.stdout, done.stdout
    assert settings(bank)["source"]["frames"] == 12, settings(bank)
    assert settings(bank)["coreset"]["seed"] == 7, settings(bank)

    before = bank.read_bytes()
    done = train(data, "--bank", bank, *SMALL)
    assert done.returncode > 0 and "--replace" in done.stdout, done.stdout
    assert bank.read_bytes() == before
    done = train(data / "bolt Ü/train/good", "--bank", bank, "--replace", *SMALL)
    assert done.returncode == 0, done.stdout
    assert "good: 12 pictures" in done.stdout, done.stdout
    assert settings(bank)["coreset"]["seed"] == 0, settings(bank)


def save_stray_pictures(data):
    """Such as a preview, which does not make a plain folder of a data set."""
    for place in ("", "bolt", "washer"):
        data_sets.save(data_sets.part(0)[0], data / place / "preview.png")


def check_several(folder):
    data = folder / "several"
    data_sets.write_category(data / "bolt")
    data_sets.write_category(data / "nut", train=0)
    (data / "nut/train/good").mkdir(parents=True)
    (data / "washer/good").mkdir(parents=True)
    (data / "washer/bad").mkdir(parents=True)
    for number in range(6):
        data_sets.save(data_sets.part(number)[0], data / f"washer/good/{number}.jpg")
    (data / "washer/good/broken.jpg").write_text("no picture")
    banks = folder / "banks"
    done = train(data, "--bank", banks, *SMALL)
    assert done.returncode > 0, done.stdout
    assert "nut: failed: there are no pictures to train with" in done.stdout, done.stdout
    assert "broken.jpg" in done.stdout, done.stdout
    save_stray_pictures(data)
    assert sorted(path.name for path in banks.iterdir()) == ["bolt.safetensors",
                                                             "washer.safetensors"]
    done = train(data, "--bank", banks, "--category", "washer", "--category", "bolt", *SMALL)
    assert done.returncode == 0 and done.stdout.count("is there already and kept") == 2, done.stdout


def check_refused(word, *arguments):
    done = train(*arguments)
    assert done.returncode > 0 and word in done.stdout, done.stdout


def check_settings_are_those_of_the_element():
    """Every setting has the name and the default of a property."""
    Gst.init(None)
    element = Gst.ElementFactory.make("patchcoretrain")
    text = train("--help").stdout.split("Settings, as the properties of patchcoretrain:")[1]
    options = re.findall(r"^  --([a-z-]+) [A-Z]+(?::\S* in \[.*?\])?(?:=(\S+))?", text, re.MULTILINE)
    assert len(options) > 15, text
    for name, default in options:
        assert element.find_property(name), f"patchcoretrain has no property {name}"
        value = element.get_property(name)
        value = getattr(value, "value_nick", value)
        value = int(value) if isinstance(value, bool) else value
        assert str(value or "") == (default or "") or float(value) == float(default), \
            (name, value, default)


def main():
    check_settings_are_those_of_the_element()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        check_trains(folder)
        check_several(folder)
        bank = folder / "bad.safetensors"
        done = train(folder / "several/washer", "--bank", folder / "washer.safetensors", *SMALL)
        assert "washer: 4 pictures" in done.stdout, done.stdout
        check_refused("no data set", folder / "banks/..", "--bank", bank, "--layout", "visa")
        check_refused("no category \"x\"", folder / "several", "--category", "x", "--bank", bank)
        check_refused("nowhere", folder / "nowhere", "--bank", bank)
        check_refused("--bank", folder / "several")
        check_refused("backbone", folder / "several/bolt", "--bank", bank, "--backbone", "resnet9")
        check_refused("coreset ratio", folder / "several/bolt", "--bank", bank,
                      "--coreset-ratio", "2")
        assert not bank.exists()


if __name__ == "__main__":
    main()
