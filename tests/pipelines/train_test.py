#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects training as an application runs it beside a live source: it watches the coverage, pauses,
resumes, finishes and cancels, and continues the bank another day.
"""
import pathlib
import tempfile
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from pipelines import PATIENCE, launch_badly, launch_well  # noqa: E402

SOURCE = ("videotestsrc is-live=true pattern={pattern} !"
          " video/x-raw,format=I420,width=160,height=120,framerate=60/1")
TRAINER = "patchcoretrain name=trainer bank={bank} input-size=128 max-patches=400"


class Training:
    """A pipeline that plays until it is left."""

    def __init__(self, bank, settings="", pattern="ball"):
        self.pipeline = Gst.parse_launch(" ! ".join(
            (SOURCE.format(pattern=pattern), f"{TRAINER.format(bank=bank)} {settings}",
             "fakesink name=sink")))
        self.trainer = self.pipeline.get_by_name("trainer")
        self.phases = []
        self.trainer.add_property_notify_watch("phase", True)

    def __enter__(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        return self

    def __exit__(self, *_):
        self.pipeline.set_state(Gst.State.NULL)

    def messages(self):
        """Those of the bus, as they come; an error ends the test."""
        bus = self.pipeline.get_bus()
        while message := bus.timed_pop(int(120 * PATIENCE) * Gst.SECOND):
            assert message.type != Gst.MessageType.ERROR, message.parse_error()
            if message.type == Gst.MessageType.PROPERTY_NOTIFY:
                self.phases.append(message.parse_property_notify()[2].value_nick)
            yield message
        raise AssertionError("nothing more was said")

    def wait_for_phase(self, phase):
        if phase not in self.phases:
            next(True for _ in self.messages() if self.phases[-1:] == [phase])

    def trained(self):
        """The figures of the bank that was written."""
        return next(message.get_structure() for message in self.messages()
                    if message.has_name("patchcore-trained"))

    def coverages(self):
        for message in self.messages():
            if message.type == Gst.MessageType.PROGRESS:
                known, coverage = message.get_structure().get_double("coverage")
                if known:
                    yield coverage

    def frames_that_pass(self):
        """How many reach the sink in half a second."""
        def rendered():
            return self.pipeline.get_by_name("sink").props.stats.get_uint64("rendered")[1]
        before = rendered()
        time.sleep(0.5)
        return rendered() - before


def train_until_covered(bank):
    """A first run, ended by the application when the coverage says that enough was seen."""
    with Training(bank, "append=true min-novelty=1.25") as training:
        for coverage in training.coverages():
            assert 0 <= coverage <= 1, coverage
            if coverage >= 0.9:
                break
        training.trainer.emit("finish")
        figures = training.trained()
        assert figures.get_value("earlier-frames") == 0
        assert figures.get_value("frames") == training.trainer.props.frames
        assert training.trainer.props.skipped > training.trainer.props.frames
        training.wait_for_phase("done")
        assert training.frames_that_pass() > 0
        return figures.get_value("frames")


def pause_and_resume(bank, earlier_frames):
    """Another day: the bank is continued; nothing is collected while somebody stands in the way."""
    with Training(bank, "append=true", pattern="smpte") as training:
        next(training.coverages())
        training.trainer.emit("pause")
        assert training.trainer.props.phase.value_nick == "paused"
        training.frames_that_pass()  # until those that waited are collected
        frames = training.trainer.props.frames
        assert training.frames_that_pass() > 0
        assert training.trainer.props.frames == frames
        training.trainer.emit("resume")
        next(training.coverages())
        training.trainer.emit("finish")
        figures = training.trained()
        training.wait_for_phase("done")
        assert training.phases == ["collecting", "paused", "collecting", "building", "done"], \
            training.phases
        assert figures.get_value("earlier-frames") == earlier_frames
        assert figures.get_value("frames") == earlier_frames + training.trainer.props.frames
        assert training.trainer.props.frames > frames


def cancel(bank):
    """What was collected is dropped, the bank stays, and so does the picture."""
    before = bank.read_bytes()
    with Training(bank, "append=true", pattern="snow") as training:
        next(training.coverages())
        training.trainer.emit("cancel")
        training.wait_for_phase("cancelled")
        assert training.frames_that_pass() > 0
    assert bank.read_bytes() == before
    assert list(bank.parent.iterdir()) == [bank]


def main():
    Gst.init(None)
    with tempfile.TemporaryDirectory() as folder:
        bank = pathlib.Path(folder, "bank.safetensors")
        frames = train_until_covered(bank)
        pause_and_resume(bank, frames)
        cancel(bank)

        few = "videotestsrc num-buffers=3 ! video/x-raw,width=160,height=120"
        trainer = TRAINER.format(bank=bank)
        launch_badly(f"{few} ! {trainer} append=true patch-size=5 neighbours=2 ! fakesink",
                     "patch size: 3 there, 5 here", "neighbours: 1 there, 2 here")
        output = launch_well(f"{few} ! {trainer} append=true ! fakesink")
        assert "earlier-frames=(gint64)0" not in output, output
        # Both kinds of pictures that the bank has seen are normal.
        for pattern in ("ball", "smpte"):
            output = launch_well(
                f"videotestsrc num-buffers=5 pattern={pattern} ! video/x-raw,width=160,height=120 !"
                f" patchcoredetect bank={bank} mode=every post-messages=all ! fakesink")
            assert "verdict=(GstPatchCoreVerdict)normal" in output, output
            assert "verdict=(GstPatchCoreVerdict)anomalous" not in output, output


if __name__ == "__main__":
    main()
