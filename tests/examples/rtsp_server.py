#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Stands in for an RTSP camera: serves a test pattern in H.264 as rtsp://127.0.0.1:PORT/stream.

Usage: rtsp_server.py PATTERN [PORT]

Prints the port once it listens, and serves until it is killed.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

from examples import CAPS  # noqa: E402


def main(pattern, port="0"):
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(
        f"( videotestsrc is-live=true pattern={pattern} ! {CAPS}"
        " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
        " ! rtph264pay name=pay0 config-interval=-1 )"
    )
    factory.set_shared(True)
    server.get_mount_points().add_factory("/stream", factory)
    assert server.attach(None), "cannot listen"
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
