#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects people who copy: every command of README.md, examples/README.md and docs/ is run as it is
written, page by page, with stand-ins for cameras, displays and pictures.

Usage: documented_commands_test.py PATCHCORE

Only the programs of RUN are run; a command that is neither of them nor in SKIPPED, with the reason, fails
the test unrun. Commands that would not end are ended with Ctrl-C once they do their work.
"""
import os
import pathlib
import re
import sys
import tempfile
import time

from PIL import Image, ImageDraw

from examples import FOLDER, Program, source, train
from pipelines import launch_well
from rtsp_test import camera

ROOT = FOLDER.parent
PATCHCORE = pathlib.Path(sys.argv[1]).resolve()

# What is known to do no harm outside of the folder that it runs in.
RUN = re.compile(r"(gst-launch-1\.0|patchcore (train|evaluate|bank)"
                 r"|examples/(camera|four-streams)\.sh|examples/[a-z-]+\.py) [^;&|<>`$]*")
# Regular expressions of commands, and why they are not run. Each has to match one at least.
SKIPPED = {
    r"examples/quickstart\.sh|examples/fetch-|tools/install-dependencies\.sh":
        "installs and downloads; tests/run.sh does the same",
    r"tests/run\.sh": "runs this test",
    r"meson (setup|compile|install|devenv)|export GST_PLUGIN_PATH": "was done for this test",
    r"meson test .*--benchmark|patchcore benchmark|tests/bench/|live_bench|memory-limit=1073741824|width=4096"
    r"|evaluate DATA":
        "measures for minutes; benchmark_test.py runs the program",
    r"pip install|export-backbone|vit_base\.pt": "needs torch and timm, which nothing else here does",
    r"DETECTOR": "has a place for an element of the user's",
    r"torch-cuda|device=cuda": "is for machines with a GPU",
    r"weights=wide_resnet50_2": "needs a file of 264 MB that users bring",
    r"import-amazon": "needs a model of the published program; the tests of the command have one",
    r"inspect\.c|\./inspect": "meta_page_test.py builds and runs it",
}
# What stands in for what is not here. The displays' stand-in is a file.
STAND_INS = [
    (r"v4l2src", source("black", live=True)),
    (r"/dev/video\d", f"'{source('black', live=True)}'"),
    (r"autovideosink", "filesink location=shown.raw"),
    (r"(camera\.sh|rtsp\.py|four-streams\.sh) ", r"\1 --sink 'filesink location=shown.raw' "),
    (r"(camera\.sh|record-events\.py|live-view\.py) ", rf"\1 --source '{source('ball', live=True)}' "),
    (r"--address 0\.0\.0\.0 --port 8080", "--address 127.0.0.1 --port 0"),
]


def commands(page):
    """The commands of a page, each in one line, without comments."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            if line := re.sub(r"(^|\s+)#.*", "", line).strip():
                yield line


def prepare(folder):
    """Gives a folder all files that the pages take for granted."""
    (folder / "examples").symlink_to(FOLDER)
    bank = train(folder).read_bytes()
    for name in ("parts", "screw", "before", "after", "line1", "line2"):
        (folder / f"{name}.safetensors").write_bytes(bank)
    for name in ("good.mp4", "shift.mp4", "parts.mp4"):
        launch_well(f"{source('black', 20)} ! x264enc ! mp4mux ! filesink location={folder}/{name}")
    Image.new("L", (32, 24), "white").save(folder / "mask.png")

    def picture(path, defective):
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (96, 96), "black")
        if defective:
            ImageDraw.Draw(image).rectangle((40, 40, 60, 60), "white")
        image.save(path)

    for number in range(6):
        picture(folder / f"my-good-pictures/{number}.png", False)
        picture(folder / f"good-pictures/{number}.png", False)
        for category in ("screw", "bottle"):
            tree = folder / "mvtec" / category
            picture(tree / f"train/good/{number:03}.png", False)
            picture(tree / f"test/good/{number:03}.png", False)
            picture(tree / f"test/broken/{number:03}.png", True)
            picture(tree / f"ground_truth/broken/{number:03}_mask.png", True)


def written(folder, pattern):
    return any(path.stat().st_size for path in folder.glob(pattern))


def works(folder, command):
    """What a command that does not end by itself does when all is well, as a function."""
    if "patchcoretrain" in command:
        return lambda program: "collecting: frame" in program.output()
    if "live-view.py" in command:
        return lambda program: "open http://" in program.output()
    shown = ("events/*.part" if "record-events" in command
             else "shown.raw" if "shown.raw" in command else "results.jsonl")
    for old in folder.glob(shown):
        old.unlink()
    return lambda _program: written(folder, shown)


def run(folder, command, port):
    for pattern, replacement in STAND_INS:
        command = re.sub(pattern, replacement, command)
    command = command.replace("rtsp://camera/", f"rtsp://127.0.0.1:{port}/")
    if new := re.match(r"patchcore (?:train|bank) .*--bank (\S+\.safetensors)", command):
        (folder / new[1]).unlink(missing_ok=True)  # it replaces no file unless told to
    path = f"{PATCHCORE.parent}:{os.environ['PATH']}"
    is_endless = "is-live=True" in command or "rtsp://" in command
    work = works(folder, command) if is_endless else None
    with Program(folder, "/bin/bash", "-c", command, PATH=path) as program:
        if is_endless:
            program.wait_until(lambda: work(program), command)
            if "rtsp://" in command:
                time.sleep(1)  # rtspsrc complains when it is ended while it is still connecting
            program.press_control_c()
        status = program.wait(120)
        output = program.output()
    assert status == 0 and "ERROR" not in output, f"ended with {status}: {command}\n{output}"
    for name in re.findall(r"(?:location|bank)=(?!rtsp:)([^\s']+)", command):
        assert (folder / name).stat().st_size, f"{name} is empty: {command}\n{output}"
        if name.endswith(".mp4"):
            launch_well(f"filesrc location={folder}/{name} ! decodebin ! fakesink")


def main():
    pages = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    unused = set(SKIPPED)
    done = set()  # pages repeat some; a bank that they go on with is made anew
    with tempfile.TemporaryDirectory() as name, camera("black") as port:
        folder = pathlib.Path(name)
        prepare(folder)
        for page in pages:
            for command in commands(page):
                matching = {pattern for pattern in SKIPPED if re.search(pattern, command)}
                unused -= matching
                if not matching and (command not in done or "patchcoretrain" in command):
                    print(f"{page.relative_to(ROOT)}: {command}", flush=True)
                    assert RUN.fullmatch(command), "neither to be run nor to be skipped"
                    run(folder, command, port)
                    done.add(command)
    assert len(done) > 20, f"only {len(done)} commands: are the pages still written the same way?"
    assert not unused, f"no page has such commands any more: {unused}"


if __name__ == "__main__":
    main()
