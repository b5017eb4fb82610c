#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/camera.sh: it trains once, then shows heatmaps, and Ctrl-C ends each in order."""
import pathlib
import tempfile

from examples import check_help, frames, hot, label, run, run_badly, source, train, Program

NAME = "camera.sh"
SINK = "video/x-raw,format=RGB ! filesink location=shown.rgb"


def check_both_steps(folder):
    status, output = run(folder, NAME, "--bank", "new.safetensors", "--seconds", "1",
                         "--source", source("black", 60), "--sink", SINK)
    assert status == 0, output
    assert "patchcoretrain bank=new.safetensors" in output, output
    assert pathlib.Path(folder, "new.safetensors").exists()
    last = frames(f"{folder}/shown.rgb")[-1]
    assert label(last) == "normal" and not hot(last), "no verdict on a normal picture"


def check_detection(folder, bank):
    before = bank.read_bytes()
    status, output = run(folder, NAME, "--bank", bank, "--source", source("ball", 10), "--sink", SINK)
    assert status == 0, output
    assert "Train" not in output, output
    assert bank.read_bytes() == before, "a bank that was there was touched"
    last = frames(f"{folder}/shown.rgb")[-1]
    assert label(last) == "anomalous" and hot(last), "no heatmap over the anomaly"


def check_control_c(folder, bank):
    black = source("black", live=True)
    with Program(folder, NAME, "--bank", "early.safetensors", "--seconds", "1000",
                 "--source", black, "--sink", "fakesink") as program:
        program.wait_until("collecting: frame", "the first frame")
        program.press_control_c()
        program.wait_until("==> Detect", "the second step")
        assert pathlib.Path(folder, "early.safetensors").exists(), program.output()
    shown = pathlib.Path(folder, "endless.rgb")
    with Program(folder, NAME, "--bank", bank, "--source", black,
                 "--sink", f"filesink location={shown}") as program:
        program.wait_until(lambda: shown.exists() and shown.stat().st_size, "pictures")
        program.press_control_c()
        assert program.wait() == 0, program.output()
        assert "Freeing pipeline" in program.output(), program.output()


def check_errors(folder, bank):
    check_help(folder, NAME)
    run_badly(folder, NAME, "--banks", expected="Usage")
    run_badly(folder, NAME, "--bank", expected="--bank needs a value")
    for seconds in ("0", "-1", "soon", "1.5", ""):
        run_badly(folder, NAME, "--seconds", seconds, expected="whole seconds")
    run_badly(folder, NAME, "--bank", bank, expected="see --help", GST_PLUGIN_PATH="",
              GST_REGISTRY=f"{folder}/empty.registry")
    run_badly(folder, NAME, "--bank", bank, "--source", "v4l2src device=/dev/none", "--sink", "fakesink",
              expected="/dev/none")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = train(folder)
        check_both_steps(folder)
        check_detection(folder, bank)
        check_control_c(folder, bank)
        check_errors(folder, bank)


if __name__ == "__main__":
    main()
