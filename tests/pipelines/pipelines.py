# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Runs gst-launch-1.0 pipelines for tests."""
import json
import os
import pathlib
import subprocess
import sys

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
    """Runs a pipeline to its end; its exit status and all that it printed."""
    command = ["gst-launch-1.0", "-m", *pipeline.split()]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout * PATIENCE, text=True, errors="replace",
                              env={**os.environ, **environment})
    except subprocess.TimeoutExpired as hang:
        raise AssertionError(f"hangs: {pipeline}\n{hang.output}") from hang
    assert done.returncode >= 0, f"died of signal {-done.returncode}: {pipeline}\n{done.stdout}"
    return done.returncode, done.stdout


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
