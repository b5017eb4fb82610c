#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Shows a camera with heatmap and verdict in web browsers, by HTTP Live Streaming.

The picture is some seconds late: browsers wait for whole pieces of video. Ctrl-C ends.
"""
import argparse
import functools
import http.server
import pathlib
import signal
import sys
import tempfile
import threading

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

PLAYLIST = "stream.m3u8"
PAGE = f"""<!DOCTYPE html>
<meta charset="utf-8">
<title>patchcore-gst</title>
<style>body {{ margin: 0; background: black; color: white }} video {{ width: 100%; height: 98vh }}</style>
<video controls autoplay muted playsinline></video>
<script>
  const video = document.querySelector("video");
  if (!video.canPlayType("application/vnd.apple.mpegurl"))
    document.body.append("This browser does not play HTTP Live Streaming. Safari and newer versions of"
        + " Chrome and Edge do, and players such as VLC: open " + new URL("{PLAYLIST}", location));
  // The stream begins with the first whole piece.
  const play = async () => {{
    const answer = await fetch("{PLAYLIST}", {{ cache: "no-store" }}).catch(() => ({{}}));
    if (answer.ok) video.src = "{PLAYLIST}"; else setTimeout(play, 500);
  }};
  video.onerror = () => setTimeout(play, 2000);
  play();
</script>
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {
        ".html": "text/html", ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t"
    }

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        pass


class Application:
    def __init__(self, options, folder):
        self.loop = GLib.MainLoop()
        self.error = None
        (folder / "index.html").write_text(PAGE, encoding="utf-8")
        self.server = http.server.ThreadingHTTPServer(
            (options.address, options.port), functools.partial(Handler, directory=folder)
        )
        self.pipeline = Gst.parse_launch_full(
            f"{options.source} ! videoconvert ! patchcoredetect name=detector post-messages=none"
            f" ! queue ! videoconvert ! {options.encoder} ! h264parse"
            " ! hlssink2 name=sink target-duration=1 playlist-length=5 max-files=10",
            None,
            Gst.ParseFlags.FATAL_ERRORS,
        )
        self.pipeline.get_by_name("detector").props.bank = options.bank
        sink = self.pipeline.get_by_name("sink")
        sink.props.location = str(folder / "%08d.ts")
        sink.props.playlist_location = str(folder / PLAYLIST)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::eos", lambda *_: self.loop.quit())
        bus.connect("message::error", self.on_error)
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.loop.quit)

    def run(self):
        """Until the source ends, an error or a signal; returns the exit status."""
        threading.Thread(target=self.server.serve_forever).start()
        host, port = self.server.server_address[:2]
        print(f"open http://{host}:{port}/", flush=True)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        self.server.shutdown()
        self.server.server_close()
        if self.error:
            print(self.error, file=sys.stderr)
        return 1 if self.error else 0

    def on_error(self, _bus, message):
        self.error = f"{message.src.get_name()}: {message.parse_error()[0].message}"
        self.loop.quit()


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bank", default="parts.safetensors", help="memory bank (%(default)s)")
    parser.add_argument("--source", default="v4l2src",
                        help="elements that give pictures, live (%(default)s)")
    parser.add_argument("--address", default="127.0.0.1",
                        help="to listen at; 0.0.0.0 lets everybody look (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="to listen at (%(default)s)")
    parser.add_argument("--encoder", default="openh264enc complexity=low bitrate=4000000",
                        help='an encoder of H.264, for example "x264enc tune=zerolatency" (%(default)s)')
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    Gst.init(None)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Application(options, pathlib.Path(folder)).run()
        except (OSError, OverflowError) as error:
            print(f"{options.address}:{options.port}: {error}", file=sys.stderr)
        except GLib.Error as error:
            print(f"{error.message}; does GStreamer find all elements?", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
