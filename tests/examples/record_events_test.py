#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/record-events.py: one playable file for each event, with what was around it, no
other files, and no more in memory than that needs."""
import importlib.util
import pathlib
import resource
import tempfile
import unittest

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstPbutils", "1.0")
from gi.repository import Gst, GstPbutils  # noqa: E402

from examples import CAPS, FOLDER, Program, check_help, run, run_badly, source, train  # noqa: E402

NAME = "record-events.py"
KEY_FRAMES = 15  # of the recorder, frames
FRAME = Gst.SECOND // 30


def load_example():
    spec = importlib.util.spec_from_file_location("record_events", FOLDER / NAME)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLE = load_example()


class Recording:
    def __init__(self):
        self.frames = []
        self.is_finished = False

    def write(self, frame):
        assert not self.is_finished
        self.frames.append(frame.time // FRAME)

    def finish(self):
        assert not self.is_finished
        self.is_finished = True


class RecorderTest(unittest.TestCase):
    """Frames of 30 a second, a key frame in 15, 30 frames before and 60 after an event; times are
    numbers of frames."""

    def setUp(self):
        self.recordings = []
        self.recorder = EXAMPLE.Recorder(30 * FRAME, 60 * FRAME, self.begin)

    def begin(self, first, _relative_score):
        self.assertTrue(first.is_key, "a file that begins in the middle of a group")
        self.recordings.append(Recording())
        return self.recordings[-1]

    def play(self, frames, anomalous, lag=0):
        """Frame n brings the result of frame n - lag."""
        for number in range(frames):
            if number >= lag:
                scored = number - lag
                self.recorder.add_result(EXAMPLE.Result(
                    number * FRAME, scored * FRAME, scored in anomalous, 1.5))
            self.recorder.add_frame(EXAMPLE.Frame(
                number * FRAME, number % KEY_FRAMES == 0, None, None))

    def files(self):
        """First and last frame of each file, none of which lacks a frame."""
        for recording in self.recordings:
            first, last = recording.frames[0], recording.frames[-1]
            self.assertEqual(recording.frames, list(range(first, last + 1)))
        return [(recording.frames[0], recording.frames[-1]) for recording in self.recordings]

    def test_nothing_anomalous_nothing_written(self):
        self.play(300, [])
        self.assertEqual(self.recordings, [])

    def test_an_event_with_its_surroundings(self):
        self.play(300, range(100, 110))
        self.assertEqual(self.files(), [(60, 168)])
        self.assertTrue(self.recordings[0].is_finished)

    def test_an_event_at_the_beginning_has_what_there_is(self):
        self.play(300, [3])
        self.assertEqual(self.files(), [(0, 62)])

    def test_an_event_at_the_end_ends_with_the_stream(self):
        self.play(120, [100])
        self.assertFalse(self.recordings[0].is_finished)
        self.recorder.finish()
        self.assertEqual(self.files(), [(60, 119)])
        self.assertTrue(self.recordings[0].is_finished)

    def test_events_whose_surroundings_meet_share_a_file(self):
        self.play(400, [100, 100 + 60 + 30])
        self.assertEqual(self.files(), [(60, 249)])

    def test_events_further_apart_have_their_own(self):
        self.play(400, [100, 100 + 60 + 31])
        self.assertEqual(self.files(), [(60, 159), (150, 250)])
        self.assertEqual([recording.is_finished for recording in self.recordings], [True, True])

    def test_results_that_come_later_count_where_they_belong(self):
        self.play(400, range(100, 110), lag=45)
        self.assertEqual(self.files(), [(60, 168)])

    def test_late_results_keep_events_apart_and_together_all_the_same(self):
        self.play(600, [100, 190, 400], lag=45)
        self.assertEqual(self.files(), [(60, 249), (360, 459)])

    def test_memory_holds_what_an_event_needs(self):
        for lag, frames in ((0, 30 + KEY_FRAMES), (45, 30 + 45 + KEY_FRAMES)):
            self.setUp()
            self.play(3000, [100, 2000], lag=lag)
            self.assertLessEqual(len(self.recorder.frames), frames + 1)

    def test_memory_is_bounded_where_no_results_come(self):
        self.play(3000, [], lag=3000)
        self.assertLessEqual(len(self.recorder.frames),
                             30 + KEY_FRAMES + EXAMPLE.LARGEST_LAG // FRAME + 1)


def measure(path):
    """Duration and presentation times of a recorded file, in frames."""
    info = GstPbutils.Discoverer.new(30 * Gst.SECOND).discover_uri(path.as_uri())
    assert info.get_result() == GstPbutils.DiscovererResult.OK, path
    pipeline = Gst.parse_launch(
        f"filesrc location={path} ! decodebin ! appsink name=sink sync=false")
    sink = pipeline.get_by_name("sink")
    pipeline.set_state(Gst.State.PLAYING)
    times = []
    while sample := sink.emit("pull-sample"):
        times.append(round(sample.get_buffer().pts / FRAME))
    pipeline.set_state(Gst.State.NULL)
    return round(info.get_duration() / FRAME), times


class ProgramTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.bank = train(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_two_events_are_two_files(self):
        parts = [("black", 90), ("ball", 15), ("black", 150), ("ball", 30), ("black", 90)]
        clip = " ".join(f"{source(pattern, frames)} ! c." for pattern, frames in parts)
        events = self.folder / "two"
        status, output = run(self.folder, NAME, "--bank", self.bank, "--folder", events,
                             "--before", "1", "--after", "1", "--source", f"{clip} concat name=c")
        self.assertEqual(status, 0, output)
        files = sorted(events.iterdir())
        self.assertEqual([path.suffix for path in files], [".mkv", ".mkv"], output)
        # Anomalous frames and a second before and after; the file begins at a key frame.
        for path, anomalous in zip(files, (15, 30)):
            duration, times = measure(path)
            expected = 30 + anomalous - 1 + 30
            self.assertLessEqual(expected, duration)
            self.assertLessEqual(duration, expected + KEY_FRAMES)
            self.assertEqual(times, list(range(duration)))
            self.assertIn(f"{path}: {duration / 30:.1f} s", output)

    def test_control_c_leaves_a_whole_file(self):
        events = self.folder / "interrupted"
        with Program(self.folder, NAME, "--bank", self.bank, "--folder", events, "--before", "1",
                     "--after", "1", "--source", source("ball", live=True)) as program:
            program.wait_until(lambda: list(events.glob("*.part")), "a file")
            program.wait_until(lambda: next(events.glob("*.part")).stat().st_size > 10000, "frames")
            program.press_control_c()
            self.assertEqual(program.wait(), 0, program.output())
        path, = events.iterdir()
        duration, times = measure(path)
        self.assertGreater(len(times), 5)
        self.assertEqual(duration, times[-1] + 1)

    def test_normal_pictures_write_nothing(self):
        events = self.folder / "none"
        status, output = run(self.folder, NAME, "--bank", self.bank, "--folder", events,
                             "--source", source("black", 60))
        self.assertEqual((status, output), (0, ""))
        self.assertEqual(list(events.iterdir()), [])

    def test_another_encoder(self):
        events = self.folder / "jpeg"
        status, output = run(self.folder, NAME, "--bank", self.bank, "--folder", events,
                             "--encoder", "jpegenc", "--source", source("ball", 30))
        self.assertEqual(status, 0, output)
        path, = events.iterdir()
        self.assertEqual(measure(path), (30, list(range(30))))

    def test_errors_are_told(self):
        check_help(self.folder, NAME)
        black = ("--source", source("black", 30))
        run_badly(self.folder, NAME, "--bank", "none.safetensors", *black,
                  expected="none.safetensors")
        run_badly(self.folder, NAME, "--bank", self.bank, "--source", "nosuchsource",
                  expected="nosuchsource")
        run_badly(self.folder, NAME, "--bank", self.bank, "--after", "0", expected="--after")
        run_badly(self.folder, NAME, "--bank", self.bank, "--folder", "/proc/events", *black,
                  expected="/proc/events")
        run_badly(self.folder, NAME, "--bank", self.bank, "--source", f"filesrc location={self.bank}"
                  " ! decodebin", expected="type of stream")

    def test_a_full_disk_is_told_and_the_stream_goes_on(self):
        limit = 20000

        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        events = self.folder / "full"
        clip = f"videotestsrc pattern=snow num-buffers=90 ! {CAPS}"
        with Program(self.folder, NAME, "--bank", self.bank, "--folder", events,
                     "--source", clip, before_start=limited) as program:
            self.assertEqual(program.wait(), 0, program.output())
            self.assertIn("is not whole: ", program.output())
        self.assertEqual(list(events.glob("*.mkv")), [])


if __name__ == "__main__":
    Gst.init(None)
    unittest.main()
