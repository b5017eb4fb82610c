#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/rtsp.py: it inspects an RTSP stream, and is there again when the camera is."""
import contextlib
import pathlib
import subprocess
import sys
import tempfile

from examples import Program, check_help, frames, hot, label, run_badly, train

NAME = "rtsp.py"


@contextlib.contextmanager
def camera(pattern, port="0"):
    """Serves a pattern, and gives the port."""
    server = pathlib.Path(__file__).with_name("rtsp_server.py")
    with subprocess.Popen([sys.executable, server, pattern, port], stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            port = process.stdout.readline().strip()
            assert port.isdigit(), "the server does not listen"
            yield port
        finally:
            process.kill()


def address(port):
    return f"rtsp://127.0.0.1:{port}/stream"


def check_stream_and_reconnects(folder, bank):
    shown = pathlib.Path(folder, "shown.rgb")
    with camera("ball") as port:
        pass  # a port that is free, and nobody listens at yet
    with Program(folder, NAME, address(port), "--bank", bank, "--retry", "0.2", "--timeout", "5",
                 "--sink", f"video/x-raw,format=RGB ! filesink location={shown}") as program:
        program.wait_until("connecting again", "the camera that is away")
        with camera("ball", port):
            program.wait_until(" anomalous, relative score", "the anomaly")
            program.wait_until(lambda: len(frames(shown)) > 30, "pictures")
        last = frames(shown)[-1]
        assert label(last) == "anomalous" and hot(last), "no heatmap over the anomaly"
        with camera("black", port):
            program.wait_until(" normal, relative score", "a picture after the camera was away")
            program.press_control_c()
            assert program.wait() == 0, program.output()


def check_errors(folder, bank):
    check_help(folder, NAME)
    run_badly(folder, NAME, expected="url")
    run_badly(folder, NAME, address(1), "--bank", "none.safetensors", "--sink", "fakesink",
              expected="none.safetensors")
    run_badly(folder, NAME, address(1), "--bank", bank, "--sink", "nosuchsink",
              expected="nosuchsink")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = train(folder)
        check_stream_and_reconnects(folder, bank)
        check_errors(folder, bank)


if __name__ == "__main__":
    main()
