# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Runs gst-launch-1.0 pipelines for tests."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77  # Meson's exit status for a skipped test
PATIENCE = float(os.environ.get("PATCHCORE_TEST_PATIENCE", 1))  # how many times slower is normal


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def shared_file(name):
    """The path of a file among the shared ones; skips the test where there is none."""
    beside = pathlib.Path(__file__).resolve().parents[3] / "shared"
    path = pathlib.Path(os.environ.get("PATCHCORE_SHARED") or beside, name)
    if not path.exists():
        skip(f"no shared file {name}, see PATCHCORE_SHARED")
    return path


def launch(pipeline, timeout=300, **environment):
    """Runs a pipeline to its end; its exit status and all that it printed.

    gst-launch-1.0 of GStreamer 1.22 forgets an error that a streaming thread posts in the moment
    between the preroll and its main loop: it prints the error and plays on. So a pipeline that
    told of an error and does not end of itself is interrupted, as a user would with Ctrl+C, and
    only one that then still runs hangs.
    """
    command = ["gst-launch-1.0", "-m", *pipeline.split()]
    with tempfile.TemporaryFile("w+", errors="replace") as printed, \
            subprocess.Popen(command, stdout=printed, stderr=subprocess.STDOUT,
                             env={**os.environ, **environment}) as process:
        def output():
            printed.seek(0)
            return printed.read()

        try:
            wait(process, output, timeout * PATIENCE)
        except subprocess.TimeoutExpired as hang:
            process.kill()
            raise AssertionError(f"hangs: {pipeline}\n{output()}") from hang
        assert process.returncode >= 0, \
            f"died of signal {-process.returncode}: {pipeline}\n{output()}"
        return process.returncode, output()


def wait(process, output, timeout):
    """Waits until gst-launch-1.0 ends, and interrupts it once if it overlooked an error."""
    try:
        process.wait(timeout / 2)
    except subprocess.TimeoutExpired:
        if "ERROR" in output():
            process.send_signal(signal.SIGINT)
        process.wait(timeout / 2)


def launch_well(pipeline, timeout=300, **environment):
    """Runs a pipeline that must succeed; what it printed."""
    status, output = launch(pipeline, timeout, **environment)
    assert status == 0, f"failed: {pipeline}\n{output}"
    return output


def launch_badly(pipeline, *expected, timeout=60, **environment):
    """Runs a pipeline that must stop in order with an error whose text has all of `expected`."""
    status, output = launch(pipeline, timeout, **environment)
    assert status != 0, f"no failure: {pipeline}\n{output}"
    assert "ERROR" in output, f"no error on the bus: {pipeline}\n{output}"
    for text in expected:
        assert text.lower() in output.lower(), f"no word of '{text}': {pipeline}\n{output}"
    return output


def read_results(path):
    """The lines that patchcorepublish wrote."""
    with open(path) as file:
        return [json.loads(line) for line in file]
