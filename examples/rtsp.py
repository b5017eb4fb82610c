#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Shows an RTSP camera with heatmap and verdict, and connects again whenever the camera was away.

Prints when the verdict changes. Ctrl-C ends.
"""
import argparse
import datetime
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

# Parts of the pipeline whose errors mean that the camera is away.
FROM_CAMERA = ("camera", "decoder", "watchdog")


class Application:
    def __init__(self, options):
        self.options = options
        self.loop = GLib.MainLoop()
        self.pipeline = None
        self.error = None
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.loop.quit)

    def run(self):
        """Until a signal or an error that is not the camera's; returns the exit status."""
        self.connect()
        self.loop.run()
        self.disconnect()
        if self.error:
            print(self.error, file=sys.stderr)
        return 1 if self.error else 0

    def connect(self):
        # A new pipeline, as the pads of the camera are linked once, when they appear. The camera may
        # have sound, too: the filter takes the video.
        self.pipeline = Gst.parse_launch_full(
            "rtspsrc name=camera ! application/x-rtp,media=video ! decodebin name=decoder"
            " ! watchdog name=watchdog ! videoconvert"
            " ! patchcoredetect name=detector post-messages=changes"
            f" ! videoconvert ! {self.options.sink}",
            None,
            Gst.ParseFlags.FATAL_ERRORS,
        )
        camera = self.pipeline.get_by_name("camera")
        camera.props.location = self.options.url
        camera.props.latency = self.options.latency
        self.pipeline.get_by_name("watchdog").props.timeout = int(1000 * self.options.timeout)
        self.pipeline.get_by_name("detector").props.bank = self.options.bank
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::element", self.on_element_message)
        bus.connect("message::error", self.on_error)
        bus.connect("message::eos", lambda *_: self.try_again("the stream ended"))
        self.pipeline.set_state(Gst.State.PLAYING)
        return GLib.SOURCE_REMOVE

    def disconnect(self):
        if self.pipeline:
            self.pipeline.get_bus().remove_signal_watch()
            self.pipeline.set_state(Gst.State.NULL)
            self.pipeline = None

    def try_again(self, why):
        print(f"{why}; connecting again in {self.options.retry:g} s", file=sys.stderr, flush=True)
        self.disconnect()
        GLib.timeout_add(int(1000 * self.options.retry), self.connect)

    def on_error(self, _bus, message):
        part = message.src
        while part.get_parent() != self.pipeline and part.get_parent():
            part = part.get_parent()
        text = message.parse_error()[0].message
        if part.get_name() in FROM_CAMERA:
            self.try_again(text)
        else:
            self.error = f"{message.src.get_name()}: {text}"
            self.loop.quit()

    def on_element_message(self, _bus, message):
        result = message.get_structure()
        if result.get_name() == "patchcore-result":
            now = datetime.datetime.now().isoformat(" ", "seconds")
            print(f"{now} {result.get_value('verdict').value_nick},"
                  f" relative score {result.get_value('relative-score'):.2f}", flush=True)


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="of the camera's stream: rtsp://user:password@camera/stream")
    parser.add_argument("--bank", default="parts.safetensors", help="memory bank (%(default)s)")
    parser.add_argument("--latency", type=int, default=200,
                        help="milliseconds that late packets are waited for (%(default)s)")
    parser.add_argument("--timeout", type=float, default=10,
                        help="seconds without a picture after which the camera is away (%(default)s)")
    parser.add_argument("--retry", type=float, default=2,
                        help="seconds to wait before connecting again (%(default)s)")
    parser.add_argument("--sink", default="autovideosink",
                        help="elements that show the pictures (%(default)s)")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    Gst.init(None)
    try:
        return Application(options).run()
    except GLib.Error as error:
        print(f"{error.message}; does GStreamer find all elements?", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
