#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Records what is anomalous, with some seconds before and after, one file for each event.

Everything is encoded all the time, and the last seconds are kept in memory. When a frame turns out to
be anomalous, they are written to a file, and what follows with them, until nothing was anomalous for
a while. Events whose seconds before and after meet share a file. Ctrl-C ends with all files whole.
"""
import argparse
import collections
import datetime
import pathlib
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstPatchCore", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstApp, GstPatchCore, GstVideo  # noqa: E402, F401

# A file can begin at key frames only; so far apart they are, in running time.
KEY_FRAME_INTERVAL = Gst.SECOND // 2
# Results that come later than this after their frame find its surroundings gone.
LARGEST_LAG = 5 * Gst.SECOND

Frame = collections.namedtuple("Frame", "time is_key buffer caps")
# `scored` is the time of the frame that the result is of, `carried` of the one that it came with.
Result = collections.namedtuple("Result", "carried scored is_anomalous relative_score")


class Recorder:
    """Decides which frames go into which file. All times are running times in nanoseconds.

    `begin` is called with the first frame and the relative score of an event; it returns an object
    with write(frame) and finish().
    """

    def __init__(self, before, after, begin):
        self.before = before
        self.after = after
        self.begin = begin
        self.results = collections.deque()  # not looked at yet
        self.frames = collections.deque()  # that a file may still need
        self.known = 0  # frames before this time have a result, or will get none
        self.recording = None
        self.written = 0  # frames before this time are in the file, or before its beginning
        self.until = 0  # when the file ends

    def add_result(self, result):
        """Called before add_frame() of the frame that carries the result; from any thread."""
        self.results.append(result)

    def add_frame(self, frame):
        self.frames.append(frame)
        while self.results and self.results[0].carried <= frame.time:
            result = self.results.popleft()
            self.known = max(self.known, result.scored)
            if result.is_anomalous:
                self._include(result)
        self.known = max(self.known, frame.time - LARGEST_LAG)
        self._write()
        # Up to now the event after this one might have begun before this one ended.
        if self.recording and self.known >= self.until + self.before:
            self.finish()
        self._forget()

    def finish(self):
        if self.recording:
            self.recording.finish()
            self.recording = None

    def _include(self, result):
        if self.recording and result.scored - self.before > self.until:
            self._write()
            self.finish()
        if not self.recording:
            first = self._last_key_frame(result.scored - self.before)
            self.recording = self.begin(first, result.relative_score)
            self.written = first.time
        self.until = result.scored + self.after

    def _write(self):
        if not self.recording:
            return
        for frame in self.frames:
            if self.written <= frame.time < self.until:
                self.recording.write(frame)
                self.written = frame.time + 1

    def _last_key_frame(self, time):
        """The last one up to `time`, or the first that there is."""
        found = self.frames[0]
        for frame in self.frames:
            if frame.is_key and frame.time <= time:
                found = frame
        return found

    def _forget(self):
        first = self._last_key_frame(self.known - self.before)
        while self.frames[0] is not first:
            self.frames.popleft()


class Recording:
    """A file that is being written, by a pipeline of its own. Its name says when it began.

    A disk that is too slow loses frames rather than stopping the camera.
    """

    def __init__(self, folder, began, first, ended):
        name = began.strftime("%Y%m%d-%H%M%S")
        self.path = folder / f"{name}.mkv"
        number = 2
        while self.path.exists() or self._unfinished().exists():
            # "_" comes after "." where files are sorted by name, "-" before it.
            self.path = folder / f"{name}_{number}.mkv"
            number += 1
        self.ended = ended
        self.offset = first.time
        self.duration = 0
        self.pipeline = Gst.parse_launch(
            "appsrc name=source format=time max-bytes=50000000 leaky-type=upstream"
            " ! matroskamux ! filesink name=sink"
        )
        self.pipeline.get_by_name("sink").props.location = str(self._unfinished())
        self.source = self.pipeline.get_by_name("source")
        self.source.props.caps = first.caps
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::eos", lambda *_: self._end(None))
        bus.connect("message::error", lambda _, message: self._end(message.parse_error()[0].message))
        self.pipeline.set_state(Gst.State.PLAYING)

    def write(self, frame):
        buffer = frame.buffer.copy()
        buffer.pts = buffer.dts = frame.time - self.offset
        self.duration = buffer.pts + (buffer.duration if buffer.duration != Gst.CLOCK_TIME_NONE else 0)
        self.source.push_buffer(buffer)

    def finish(self):
        """Lets the file become whole; `ended` is called when it is."""
        self.source.end_of_stream()

    def _unfinished(self):
        return self.path.with_suffix(".mkv.part")

    def _end(self, error):
        self.pipeline.get_bus().remove_signal_watch()
        self.pipeline.set_state(Gst.State.NULL)
        if error:
            print(f"{self._unfinished()} is not whole: {error}", file=sys.stderr)
        else:
            self._unfinished().rename(self.path)
            print(f"{self.path}: {self.duration / Gst.SECOND:.1f} s", flush=True)
        self.ended(self)


class Application:
    def __init__(self, options):
        self.loop = GLib.MainLoop()
        self.folder = options.folder
        self.recordings = set()  # that are not whole yet
        self.error = None
        self.recorder = Recorder(
            int(options.before * Gst.SECOND), int(options.after * Gst.SECOND), self._begin
        )
        self.pipeline = Gst.parse_launch_full(
            f"{options.source} ! videoconvert ! patchcoredetect name=detector post-messages=none"
            f" ! queue ! videoconvert ! {options.encoder}"
            " ! appsink name=frames sync=false emit-signals=true",
            None,
            Gst.ParseFlags.FATAL_ERRORS,
        )
        detector = self.pipeline.get_by_name("detector")
        detector.props.bank = options.bank
        Gst.util_set_object_arg(detector, "overlay", options.overlay)
        detector.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, self._on_detected)
        self.newest = 0
        self.next_key_frame = 0
        self.pipeline.get_by_name("frames").connect("new-sample", self._on_encoded)

        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::eos", lambda *_: self.loop.quit())
        bus.connect("message::error", self._on_error)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, self._on_interrupt)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, self._on_interrupt)

    def run(self):
        """Until the source ends, an error or a signal; returns the exit status."""
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        self.recorder.finish()
        while self.recordings:
            GLib.MainContext.default().iteration(True)
        if self.error:
            print(self.error, file=sys.stderr)
        return 1 if self.error else 0

    def _on_detected(self, pad, info):
        """Called in the thread of the detector for every frame."""
        buffer = info.get_buffer()
        meta = GstPatchCore.buffer_get_patch_core_meta(buffer)
        # Without timestamps the age is unknown, and there is no telling what to record.
        if meta and meta.age != Gst.CLOCK_TIME_NONE:
            segment = pad.get_sticky_event(Gst.EventType.SEGMENT, 0).parse_segment()
            time = segment.to_running_time(Gst.Format.TIME, buffer.pts)
            is_anomalous = meta.verdict == GstPatchCore.PatchCoreVerdict.ANOMALOUS
            self.recorder.add_result(
                Result(time, time - meta.age, is_anomalous, meta.relative_score)
            )
        return Gst.PadProbeReturn.OK

    def _on_encoded(self, sink):
        """Called in the thread of the encoder for every frame."""
        sample = sink.pull_sample()
        buffer = sample.get_buffer()
        time = sample.get_segment().to_running_time(Gst.Format.TIME, buffer.pts)
        self.newest = time
        is_key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        # A copy, as some encoders have a few buffers only and want them back.
        self.recorder.add_frame(Frame(time, is_key, buffer.copy_deep(), sample.get_caps()))
        if time >= self.next_key_frame:
            sink.get_static_pad("sink").push_event(
                GstVideo.video_event_new_upstream_force_key_unit(Gst.CLOCK_TIME_NONE, False, 0)
            )
            self.next_key_frame = time + KEY_FRAME_INTERVAL
        return Gst.FlowReturn.OK

    def _begin(self, first, relative_score):
        began = datetime.datetime.now() - datetime.timedelta(
            microseconds=(self.newest - first.time) // 1000
        )
        print(f"anomaly, relative score {relative_score:.2f}", flush=True)
        recording = Recording(self.folder, began, first, self.recordings.discard)
        self.recordings.add(recording)
        return recording

    def _on_error(self, _bus, message):
        error, _ = message.parse_error()
        self.error = f"{message.src.get_name()}: {error.message}"
        self.loop.quit()

    def _on_interrupt(self):
        self.pipeline.send_event(Gst.Event.new_eos())
        return GLib.SOURCE_REMOVE  # the next one kills


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bank", default="parts.safetensors", help="memory bank (%(default)s)")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("events"),
                        help="where files are written (%(default)s)")
    parser.add_argument("--before", type=float, default=3, help="seconds (%(default)s)")
    parser.add_argument("--after", type=float, default=3, help="seconds (%(default)s)")
    parser.add_argument("--source", default="v4l2src", help="elements that give pictures, for example"
                        ' "uridecodebin uri=rtsp://camera/stream" (%(default)s)')
    parser.add_argument("--overlay", default="heatmap+label",
                        help="what is drawn over the pictures, or none (%(default)s)")
    parser.add_argument("--encoder", default="vp8enc deadline=1 cpu-used=16 target-bitrate=4000000",
                        help="any that reorders no frames and that Matroska files can hold, for example"
                        ' "x264enc tune=zerolatency ! video/x-h264,stream-format=avc" (%(default)s)')
    options = parser.parse_args(arguments)
    if options.before < 0 or options.after <= 0:
        parser.error("--before cannot be negative, and --after must be more than 0")
    return options


def main(arguments):
    options = parse_arguments(arguments)
    Gst.init(None)
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        return Application(options).run()
    except OSError as error:
        print(error, file=sys.stderr)
    except GLib.Error as error:
        print(f"{error.message}; does GStreamer find all elements?", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
