#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects networks that are not built in: exported by the example, they train and detect.

Torchvision's networks with random weights, one of each kind: convolutions alone, a transformer with
tokens, one whose channels come last. Needs no shared file, but /usr/bin/python3 with torchvision.
"""
import pathlib
import subprocess
import sys
import tempfile

from pipelines import PATIENCE, launch_badly, launch_well, read_results, skip

EXPORT = pathlib.Path(__file__).resolve().parents[2] / "examples/export-backbone.py"
# The name, what is asked of the exporter, what it says of layers and input, and of the trainer.
NETWORKS = (
    ("mnasnet0_5", [], "layers.9, layers.11; pictures of any size", "input-size=96 crop=none"),
    ("swin_t", ["--layers", "features.1,features.3"], "features.1, features.3; pictures of",
     "input-size=96 crop=none"),
    ("vit_b_16", ["--layers", "encoder.layers.encoder_layer_1"],
     "encoder.layers.encoder_layer_1; pictures of 224x224", ""),
)
NORMAL = ("videotestsrc num-buffers=8 pattern=smpte75 ! video/x-raw,format=RGB,width=320,"
          "height=240,framerate=30/1")
ANOMALOUS = ("videotestsrc num-buffers=2 pattern=ball ! video/x-raw,format=RGB,width=320,"
             "height=240,framerate=30/1")


def export(network, arguments, path):
    command = [sys.executable, EXPORT, f"torchvision:{network}", path, "--random", *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=200 * PATIENCE, check=False)
    assert result.returncode == 0, result.stdout
    return result.stdout


def train_and_detect(folder, module, settings):
    bank = folder / "bank.safetensors"
    results = folder / "results.jsonl"
    launch_well(f"{NORMAL} ! patchcoretrain bank={bank} backbone={module} allow-torchscript=true"
                f" max-patches=200 {settings} ! fakesink")
    for source, verdict in ((NORMAL, "normal"), (ANOMALOUS, "anomalous")):
        launch_well(f"{source} ! patchcoredetect bank={bank} weights={module}"
                    f" allow-torchscript=true ! patchcorepublish location={results} ! fakesink")
        lines = read_results(results)
        assert {line["verdict"] for line in lines} == {verdict}, lines[0]
    return bank


def main():
    try:
        import torchvision  # noqa: F401, pylint: disable=import-outside-toplevel,unused-import
    except ImportError as error:
        skip(f"{error}: install python3-torchvision")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for network, arguments, expected, settings in NETWORKS:
            module = folder / f"{network}.pt"
            said = export(network, arguments, module)
            assert expected in said, said
            bank = train_and_detect(folder, module, settings)
        # Of the last one, with an input of one size.
        launch_badly(f"{NORMAL} ! patchcoredetect bank={bank} weights={module} ! fakesink",
                     "allow-torchscript=true")
        launch_badly(f"{NORMAL} ! patchcoredetect bank={bank} weights={folder}/mnasnet0_5.pt"
                     " allow-torchscript=true ! fakesink", "not those that the bank")
        launch_badly(f"{NORMAL} ! patchcoretrain bank={folder}/other backbone={module}"
                     " allow-torchscript=true input-size=256 crop=none ! fakesink",
                     "pictures of 224x224 pixels and not of", "input-size=224x224")


if __name__ == "__main__":
    main()
