#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Fetches a LibTorch that fuses convolutions, for the fast build: the CPU wheel of torch, whose
# libraries and headers are a LibTorch.
#
# Usage: examples/fetch-libtorch.sh [FOLDER]
#   FOLDER   where to unpack it (about 600 MB);
#            default: ${XDG_CACHE_HOME:-~/.cache}/patchcore-gst/libtorch
# Then: meson setup build -Dlibtorch=FOLDER/torch
set -euo pipefail

version=2.13.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/patchcore-gst
folder=${1:-$cache/libtorch}

if [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then
  echo "fetch-libtorch: $folder/torch is there"
  exit 0
fi
rm -rf "${folder:?}"/{version,torch,download.*}
mkdir -p "$folder"
download=$(mktemp -d "$folder/download.XXXXXX")
trap 'rm -rf "$download"' EXIT
echo "fetch-libtorch: pip download torch==$version, the build for processors (190 MB)"
python3 -m pip download --quiet --no-deps --dest "$download" \
  --index-url https://download.pytorch.org/whl/cpu "torch==$version"
unzip -q -o "$download"/torch-"$version"*.whl 'torch/lib/*' 'torch/include/*' -d "$folder"
echo "$version" >"$folder/version"
echo "fetch-libtorch: wrote $folder/torch"
