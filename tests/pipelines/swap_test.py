#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects lines that change over to other parts: while three streams change their bank again and
again, no frame is lost, every result is of the bank that it names, and nothing is left over.

Usage: swap_test.py [SWAPS]    changes of each stream; with 100 or more the memory must stay flat, too
"""
import gc
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from pipelines import PATIENCE, launch_well, read_results  # noqa: E402

STREAMS = 3
FRAME = Gst.SECOND // 50
CAPS = "video/x-raw,format=I420,width=160,height=120,framerate=50/1"
PAUSE = 0.15  # seconds from one change of a stream to the next
FLAT = 16 * 1024  # kilobytes: one bank and its network are more


def resident():
    """Kilobytes."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def in_use(structure):
    return {"checksum": structure.get_string("checksum"),
            "threshold": structure.get_value("threshold"), "pts": structure.get_value("pts") or 0}


def swap(pipeline, detectors, banks, swaps):
    """Changes banks until each stream has done so as often as it should; what was in use from when
    on, and how much memory there was early and late."""
    used = {name: [in_use(detector.get_property("bank-info"))]
            for name, detector in detectors.items()}
    # The streams don't change at the same moments, and have some frames with each bank.
    due = {name: time.monotonic() + PAUSE * (1 + i / len(detectors))
           for i, name in enumerate(detectors)}
    memory = []
    last = time.monotonic()
    while any(len(banks_used) <= swaps for banks_used in used.values()):
        assert time.monotonic() < last + 60 * PATIENCE, "no other bank came into use"
        for name in [name for name, when in due.items() if when <= time.monotonic()]:
            detectors[name].set_property("bank", banks[len(used[name]) % 2])
            del due[name]
        message = pipeline.get_bus().timed_pop_filtered(
            10 * Gst.MSECOND,
            Gst.MessageType.ELEMENT | Gst.MessageType.WARNING | Gst.MessageType.ERROR)
        if not message:
            continue
        assert message.type == Gst.MessageType.ELEMENT, message.get_structure().to_string()
        if message.get_structure().get_name() != "patchcore-bank":
            continue
        name = message.src.get_name()
        used[name].append(in_use(message.get_structure()))
        memory.append(resident())
        last = time.monotonic()
        if len(used[name]) <= swaps:
            due[name] = last + PAUSE
    time.sleep(PAUSE)  # for results of the last ones
    return used, memory


def play(mode, swaps, folder):
    """In a process of its own, so that the tracer sees all that is left at its end."""
    Gst.init(None)
    banks = [str(folder / "first.safetensors"), str(folder / "second.safetensors")]
    source = "videotestsrc" + " is-live=true" * (mode == "newest")
    pipeline = Gst.parse_launch(" ".join(
        f"{source} ! {CAPS} ! patchcoredetect name=detect{i} mode={mode} bank={banks[0]} threads=1"
        f" post-messages=none ! patchcorepublish location={folder}/{mode}{i}.jsonl ! fakesink"
        for i in range(STREAMS)))
    detectors = {f"detect{i}": pipeline.get_by_name(f"detect{i}") for i in range(STREAMS)}
    pipeline.set_state(Gst.State.PLAYING)
    used, memory = swap(pipeline, detectors, banks, swaps)
    pipeline.send_event(Gst.Event.new_eos())
    message = pipeline.get_bus().timed_pop_filtered(
        int(60 * PATIENCE) * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    assert message and message.type == Gst.MessageType.EOS, "no end"
    pipeline.set_state(Gst.State.NULL)
    early, late = max(memory[: len(memory) // 4 + 1]), max(memory[-len(memory) // 4:])
    (folder / f"{mode}.json").write_text(json.dumps({"used": used, "early": early, "late": late}))
    del pipeline, detectors, message
    gc.collect()
    Gst.deinit()


def check_stream(lines, used):
    """Each frame is there, and its result is of the bank that was in use when it passed."""
    times = [line["pts"] for line in lines]
    assert times == [times[0] + i * FRAME for i in range(len(lines))], f"lost frames: {times}"
    assert lines[-1]["pts"] >= used[-1]["pts"]
    current = 0
    results = set()
    for line in lines:
        while current + 1 < len(used) and used[current + 1]["pts"] <= line["pts"]:
            current += 1
        if line["bank"] is None:
            assert line["result"] == "none" and line["reason"] == "not-yet", line
            continue
        assert line["bank"] == used[current]["checksum"], (current, line)
        assert line["threshold"] == used[current]["threshold"], (current, line)
        results.add(current)
    return results


def main(swaps):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for bank, pattern in (("first", "smpte"), ("second", "ball")):
            launch_well(f"videotestsrc num-buffers=20 pattern={pattern} ! {CAPS} ! patchcoretrain"
                        f" bank={folder}/{bank}.safetensors max-patches=100 input-size=64"
                        " ! fakesink")
        for mode in ("every", "newest"):
            tracer = {"GST_TRACERS": "leaks", "GST_DEBUG": "GST_TRACER:7", "GST_DEBUG_NO_COLOR": "1"}
            command = [sys.executable, __file__, "--play", mode, str(swaps), name]
            played = subprocess.run(command, env={**os.environ, **tracer}, text=True, check=False,
                                    capture_output=True, timeout=(120 + 5 * swaps) * PATIENCE)
            assert played.returncode == 0, played.stderr
            assert "object-alive" in played.stderr, f"the tracer said nothing:\n{played.stderr}"
            leaks = [line for line in played.stderr.splitlines()
                     if "object-alive, type-name=(string)G" in line]
            assert not leaks, "\n".join(leaks)
            told = json.loads((folder / f"{mode}.json").read_text())
            for i in range(STREAMS):
                lines = read_results(folder / f"{mode}{i}.jsonl")
                used = told["used"][f"detect{i}"]
                assert len(used) == swaps + 1, len(used)
                results = check_stream(lines, used)
                # On a busy machine a bank may be changed again before a frame was scored.
                assert len(results) >= (swaps + 1 if mode == "every" else 2), results
                print(f"{mode}: {len(lines)} frames, results of {len(results)} banks")
            print(f"{mode}: resident {told['early']} kB early, {told['late']} kB late")
            if swaps >= 100:
                assert told["late"] - told["early"] < FLAT, "memory grows"


if __name__ == "__main__":
    if "--play" in sys.argv:
        play(sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
