#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Learns what a camera normally sees, then shows its picture with heatmap and verdict. See --help.
set -euo pipefail

usage() {
  cat <<'END'
Usage: examples/camera.sh [OPTION VALUE ...]

If there is no memory bank yet, trains for a minute on what the camera shows: good parts only, and
all that is normal. Then inspects every frame and shows it. Ctrl-C ends each of the two early; the
bank is written nevertheless.

  --bank FILE         the memory bank; one that is there is used as it is (default: parts.safetensors)
  --seconds N         how long to train (default: 60)
  --source ELEMENTS   where pictures come from (default: v4l2src), for example
                        "v4l2src device=/dev/video2"
                        "v4l2src ! image/jpeg,width=1920,height=1080 ! jpegdec"
                        "videotestsrc is-live=true pattern=ball"   without a camera
  --sink ELEMENTS     where they go (default: autovideosink)

Run it where GStreamer finds the elements: after `meson install`, or with
export GST_PLUGIN_PATH=$PWD/build/gst
END
}

bank=parts.safetensors seconds=60 source=v4l2src sink=autovideosink
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --bank | --seconds | --source | --sink)
      [ $# -gt 1 ] || { echo "camera: $1 needs a value" >&2; exit 2; }
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    *) usage >&2; exit 2 ;;
  esac
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { echo "camera: --seconds wants whole seconds" >&2; exit 2; }
gst-inspect-1.0 --exists --atleast-version=0.1 patchcoredetect || {
  echo "camera: GStreamer does not find patchcoredetect, see --help" >&2
  exit 1
}
read -ra source <<<"$source"
read -ra sink <<<"$sink"

# Prints a command so that it can be copied, then runs it.
run() { printf '  $'; printf ' %s' "$@"; printf '\n'; "$@"; }

if [ ! -e "$bank" ]; then
  echo "==> Train: show good parts for $seconds seconds"
  # Neighbouring frames are alike: five a second are enough. -e makes Ctrl-C the end of the stream.
  run gst-launch-1.0 -e "${source[@]}" ! videorate max-rate=5 ! identity eos-after=$((5 * seconds)) \
    ! videoconvert ! patchcoretrain "bank=$bank" ! videoconvert ! "${sink[@]}"
fi

echo "==> Detect with $bank (Ctrl-C to end)"
run gst-launch-1.0 "${source[@]}" ! videoconvert ! patchcoredetect "bank=$bank" \
  ! videoconvert ! "${sink[@]}"
