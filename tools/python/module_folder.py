# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Prints where below a prefix this Python looks for extension modules.

Usage: module_folder.py PREFIX

Debian's Python looks in other folders than Meson 1.0 says. A prefix in which it does not look gets the
folder that it would have there.
"""
import os
import site
import sys
import sysconfig


def main(prefix):
    for folder in site.getsitepackages():
        parent = os.path.relpath(folder, prefix)
        if parent.startswith(("lib/", "lib64/")):
            return folder
    return sysconfig.get_path("platlib", "posix_prefix", {"base": prefix, "platbase": prefix})


if __name__ == "__main__":
    print(main(sys.argv[1]))
