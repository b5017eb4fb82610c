#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Inspects four streams with one memory bank and shows them in one window. See --help.
set -euo pipefail

usage() {
  cat <<'END'
Usage: examples/four-streams.sh [--bank FILE] [--sink ELEMENTS] STREAM STREAM STREAM STREAM

Each STREAM is a camera (/dev/video0), a file (parts.mp4), an address (rtsp://camera/stream) or
elements in one argument ("videotestsrc is-live=true pattern=ball"). Ctrl-C ends.

  --bank FILE       the memory bank (default: parts.safetensors)
  --sink ELEMENTS   where the picture of all four goes (default: autovideosink)

Run it where GStreamer finds the elements: after `meson install`, or with
export GST_PLUGIN_PATH=$PWD/build/gst
END
}

bank=parts.safetensors sink=autovideosink streams=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --bank | --sink)
      [ $# -gt 1 ] || { echo "four-streams: $1 needs a value" >&2; exit 2; }
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    -*) usage >&2; exit 2 ;;
    *) streams+=("$1"); shift ;;
  esac
done
[ ${#streams[@]} -eq 4 ] || { usage >&2; exit 2; }
gst-inspect-1.0 --exists --atleast-version=0.1 patchcoredetect || {
  echo "four-streams: GStreamer does not find patchcoredetect, see --help" >&2
  exit 1
}

# The elements that give a stream's pictures, into the array `source`.
find_source() {
  case $1 in
    /dev/*) source=(v4l2src "device=$1") ;;
    *://*) source=(uridecodebin "uri=$1") ;;
    *)
      if [ -e "$1" ]; then
        source=(filesrc "location=$1" ! decodebin)
      elif [[ ${1%% *} == *[./]* ]]; then
        echo "four-streams: there is no file $1" >&2
        exit 1
      else
        read -ra source <<<"$1"
      fi
      ;;
  esac
}

width=640 height=360
positions=(sink_0::xpos=0 sink_0::ypos=0 sink_1::xpos=$width sink_1::ypos=0
  sink_2::xpos=0 sink_2::ypos=$height sink_3::xpos=$width sink_3::ypos=$height)
read -ra sink <<<"$sink"
pipeline=(compositor name=tiles background=black "${positions[@]}" ! videoconvert ! "${sink[@]}")
for i in 0 1 2 3; do
  find_source "${streams[i]}"
  # Results are drawn before the picture is scaled down. The queue gives each stream its own thread.
  pipeline+=("${source[@]}" ! videoconvert ! queue ! patchcoredetect "bank=$bank" ! videoconvert
    ! videoscale ! "video/x-raw,width=$width,height=$height,pixel-aspect-ratio=1/1"
    ! queue ! "tiles.sink_$i")
done
exec gst-launch-1.0 "${pipeline[@]}"
