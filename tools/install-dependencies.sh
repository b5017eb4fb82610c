#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Installs the Debian packages that building, testing and the examples need and that are missing,
# and those that are named as arguments.
set -euo pipefail

packages=(
  # build
  g++ meson ninja-build pkg-config
  libtorch-dev libopenblas-dev libopenblas0-pthread libfaiss-dev
  libopencv-dev libcli11-dev nlohmann-json3-dev libpng-dev libzip-dev libssl-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  gobject-introspection libgirepository1.0-dev
  pybind11-dev python3-dev python3-numpy
  # test
  libgtest-dev python3-gi gir1.2-gstreamer-1.0 gir1.2-gst-plugins-base-1.0
  gir1.2-gst-rtsp-server-1.0 locales mypy python3-sklearn python3-skimage
  # run the examples and the tests' pipelines
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
  python3 python3-pip python3-pil unzip ca-certificates
  "$@"
)

if ! command -v apt-get >/dev/null; then
  echo "install-dependencies: this script knows Debian's apt-get only; install these packages'" \
    "equivalents by hand: ${packages[*]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "install-dependencies: all packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-dependencies: neither root nor sudo; as root run:" \
      "apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "install-dependencies: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
