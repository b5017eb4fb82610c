# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Runs the examples as users run them: in a folder, from a terminal, ended with Ctrl-C.

Black frames are normal in all of these tests; a ball on black is the anomaly.
"""
import os
import pathlib
import signal
import subprocess
import time

import numpy

from pipelines import PATIENCE, launch_well

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples"
WIDTH, HEIGHT = 320, 240
CAPS = f"video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate=30/1"


def source(pattern, frames=-1, live=False):
    return f"videotestsrc pattern={pattern} num-buffers={frames} is-live={live} ! {CAPS}"


def train(folder):
    """A bank of black frames."""
    bank = pathlib.Path(folder, "black.safetensors")
    launch_well(f"{source('black', 30)} ! patchcoretrain bank={bank} interval=3 max-patches=200"
                " ! fakesink")
    return bank


class Program:
    """An example that runs, in a process group of its own as a shell would have it."""

    def __init__(self, folder, name, *arguments, before_start=None, **environment):
        log = pathlib.Path(folder, f"{pathlib.Path(name).name}.log")
        self.printed = open(log, "w+", errors="replace")
        self.process = subprocess.Popen(
            [FOLDER / name, *map(str, arguments)], cwd=folder, stdout=self.printed,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=before_start,
            env={**os.environ, **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.printed.close()

    def output(self):
        return pathlib.Path(self.printed.name).read_text(errors="replace")

    def wait_until(self, condition, what, seconds=60):
        """Waits for `condition()`, or for its value in the output if it is a text."""
        if isinstance(condition, str):
            text, condition = condition, lambda: text in self.output()
        deadline = time.monotonic() + seconds * PATIENCE
        while not condition():
            assert self.process.poll() is None, f"ended before {what}:\n{self.output()}"
            assert time.monotonic() < deadline, f"waits for {what}:\n{self.output()}"
            time.sleep(0.05)

    def press_control_c(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self, seconds=60):
        """The exit status."""
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired as hang:
            raise AssertionError(f"hangs:\n{self.output()}") from hang


def run(folder, name, *arguments, **environment):
    """Runs an example to its end; its exit status and all that it printed."""
    with Program(folder, name, *arguments, **environment) as program:
        return program.wait(), program.output()


def run_badly(folder, name, *arguments, expected, **environment):
    """Runs an example that must end with an error whose text has `expected`."""
    status, output = run(folder, name, *arguments, **environment)
    assert status > 0, f"ended with {status}:\n{output}"
    assert expected in output, f"no word of '{expected}':\n{output}"
    assert "Traceback" not in output, output


def check_help(folder, name):
    status, output = run(folder, name, "--help")
    assert status == 0 and output.lower().startswith("usage: ") and "--bank" in output, output


def frames(path, width=WIDTH, height=HEIGHT):
    """The pictures of a file of raw RGB frames, a last one that is not whole left out."""
    content = numpy.fromfile(path, numpy.uint8)
    size = 3 * width * height
    return content[:len(content) // size * size].reshape(-1, height, width, 3)


def label(picture):
    """The verdict that is drawn over a picture, by the colour of the label's corner."""
    red, green, blue = (int(value) for value in picture[3, 1])
    if red > 80 and red > 3 * max(green, blue):
        return "anomalous"
    if green > 60 and green > 3 * max(red, blue):
        return "normal"
    return None


def hot(picture):
    """Whether a part of a picture, below the label, is as red as a heatmap."""
    red, green, blue = numpy.moveaxis(picture[picture.shape[0] // 5:].astype(int), 2, 0)
    return bool(((red > 120) & (red > green + 60) & (red > blue + 60)).any())
