#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/live-view.py: a page, a playlist, and pieces of video with the heatmap in them."""
import pathlib
import re
import tempfile
import urllib.error
import urllib.request

from examples import Program, check_help, frames, hot, label, run_badly, source, train
from pipelines import launch_well

NAME = "live-view.py"


def get(address):
    """What the server answers: content and type, or the number of the error."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, None


def pieces(address):
    playlist, _ = get(address + "stream.m3u8")
    if isinstance(playlist, int):
        return []
    assert playlist.startswith(b"#EXTM3U"), playlist
    return re.findall(r"^.*\.ts$", playlist.decode(), re.MULTILINE)


def check_view(folder, bank):
    places = pathlib.Path(folder, "temporary")
    places.mkdir()
    # As fast as a camera, but every frame waits for its result.
    ball = f"{source('ball')} ! identity sync=true"
    with Program(folder, NAME, "--bank", bank, "--port", "0", "--source", ball,
                 TMPDIR=str(places)) as program:
        program.wait_until("/\n", "the address")
        address = re.search(r"http://127\.0\.0\.1:\d+/", program.output()).group()
        page, kind = get(address)
        assert b"<video" in page and kind == "text/html", (page, kind)
        assert get(address + "none")[0] == 404
        assert get(address + "../black.safetensors")[0] == 404
        program.wait_until(lambda: len(pieces(address)) > 1, "two pieces of video")
        video, kind = get(address + pieces(address)[-1])
        assert kind == "video/mp2t", kind
        program.press_control_c()
        assert program.wait() == 0, program.output()
    assert not list(places.iterdir()), "video is left behind"

    pathlib.Path(folder, "piece.ts").write_bytes(video)
    launch_well(f"filesrc location={folder}/piece.ts ! decodebin ! videoconvert"
                f" ! video/x-raw,format=RGB ! filesink location={folder}/piece.rgb")
    last = frames(f"{folder}/piece.rgb")[-1]
    assert label(last) == "anomalous" and hot(last), "no heatmap over the anomaly"


def check_errors(folder, bank):
    check_help(folder, NAME)
    run_badly(folder, NAME, "--bank", "none.safetensors", "--port", "0", "--source",
              source("black"), expected="none.safetensors")
    run_badly(folder, NAME, "--bank", bank, "--port", "0", "--source", "nosuchsource",
              expected="nosuchsource")
    run_badly(folder, NAME, "--bank", bank, "--address", "192.0.2.1", expected="192.0.2.1")
    run_badly(folder, NAME, "--bank", bank, "--port", "70000", expected="70000")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bank = train(folder)
        check_view(folder, bank)
        check_errors(folder, bank)


if __name__ == "__main__":
    main()
