# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that the package is installed where Python looks for it.

Usage: module_folder_test.py MODULE_FOLDER_PROGRAM
"""
import os
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def folder_for(prefix):
    return subprocess.run([sys.executable, PROGRAM, prefix], capture_output=True, text=True,
                          check=True).stdout.strip()


def main():
    for prefix in {sys.prefix, "/usr/local"}:
        folder = folder_for(prefix)
        assert os.path.commonpath([folder, prefix]) == prefix, folder
        if prefix == sys.prefix or sys.prefix == "/usr":  # Debian's Python looks in /usr/local, too
            assert folder in sys.path or not os.path.exists(folder), (folder, sys.path)
    with tempfile.TemporaryDirectory() as prefix:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        assert folder_for(prefix) == f"{prefix}/lib/{version}/site-packages", folder_for(prefix)


if __name__ == "__main__":
    main()
