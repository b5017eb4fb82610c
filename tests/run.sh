#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
#
# Installs what is missing, builds, and runs every test. See --help.
set -euo pipefail

usage() {
  cat <<'END'
Usage: tests/run.sh [--sanitize] [--libtorch DIR] [MESON TEST ARGUMENT ...]

Builds in build-tests/ (warnings are errors) and runs all tests; the last line counts the test
cases. Reference values are looked for in ../shared or where PATCHCORE_SHARED points.

  --sanitize      build in build-sanitize/ with AddressSanitizer and UndefinedBehaviorSanitizer
  --libtorch DIR  build in build-libtorch/ against that LibTorch (a torch wheel's folder is one)

Further arguments go to `meson test`, e.g. `--suite core` or a test's name.
END
}

cd "$(dirname "$0")/.."
build=build-tests
setup=()
while [ $# -gt 0 ]; do
  case $1 in
    --sanitize)
      build=build-sanitize
      setup+=(-Db_sanitize=address,undefined -Db_lundef=false --buildtype=debugoptimized)
      shift
      ;;
    --libtorch)
      build=build-libtorch
      setup+=("-Dlibtorch=$(realpath "$2")")
      shift 2
      ;;
    -h | --help) usage; exit 0 ;;
    *) break ;;
  esac
done

# torchvision's networks are what ours are compared with.
tools/install-dependencies.sh python3-torchvision
weights=${XDG_CACHE_HOME:-$HOME/.cache}/patchcore-gst/weights
examples/fetch-weights.sh --folder "$weights"
export PATCHCORE_WEIGHTS_PATH=$weights

[ -f "$build/build.ninja" ] ||
  meson setup "$build" --werror -Dtests=enabled -Dintrospection=enabled -Dpython=enabled "${setup[@]}"
# Without a choice everything must compile; otherwise Meson builds what the chosen tests need. With the
# sanitizers all is built before, as the program that GObject introspection runs on the way leaks.
if [ $# -eq 0 ] || [ "$build" = build-sanitize ]; then
  ASAN_OPTIONS=detect_leaks=0 meson compile -C "$build"
fi
status=0
meson test -C "$build" --print-errorlogs "$@" || status=$?
/usr/bin/python3 tests/count-cases.py "$build/meson-logs/testlog.junit.xml"
exit "$status"
