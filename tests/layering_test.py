#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects the layers: core/ knows nothing of GLib and GStreamer, gst/ sees nothing of the
libraries below core/, and no layer includes one above it."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUFFIXES = {".c", ".cpp", ".h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

GSTREAMER = r"gst/|glib|gio/|gobject/"
LIBRARIES = r"torch/|ATen/|c10/|caffe2/|faiss/|opencv"
# Folder, what its files must not include, and what that would be.
RULES = [
    ("core", GSTREAMER, "GLib or GStreamer"),
    ("core", r"tools/|tests/|examples/", "a layer above"),
    ("gst", LIBRARIES, "a library that core/ hides"),
    ("gst", r"tools/|tests/|examples/", "a layer above"),
    ("gst/patchcore", r"core/", "the engine, which applications need not have"),
    ("tools/python", LIBRARIES + "|" + GSTREAMER, "a library that core/ hides, or GStreamer"),
    ("tools/python", r"tools/patchcore/|tests/|examples/", "what is beside or above it"),
    ("examples", r"core/", "the engine, which applications need not have"),
]


def forbidden(text, pattern):
    return [name for name in INCLUDE.findall(text) if re.match(pattern, name)]


class LayeringTest(unittest.TestCase):
    def test_no_file_includes_what_its_layer_must_not_see(self):
        for folder, pattern, what in RULES:
            for path in sorted((ROOT / folder).rglob("*")):
                if path.suffix not in SUFFIXES:
                    continue
                found = forbidden(path.read_text(encoding="utf-8"), pattern)
                self.assertEqual(found, [], f"{path.relative_to(ROOT)} includes {what}")

    def test_the_page_lists_what_the_elements_see_of_the_engine(self):
        included = set()
        for path in (ROOT / "gst").glob("*.*"):
            if path.suffix in SUFFIXES:
                text = path.read_text(encoding="utf-8")
                included.update(name for name in INCLUDE.findall(text) if name.startswith("core/"))
        page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
        section = page.split("### What gst/ sees of core/")[1].split("\n## ")[0]
        self.assertEqual(set(re.findall(r"`(core/[^`]+)`", section)), included)

    def test_the_folders_are_where_the_rules_look(self):
        for folder in ("core", "gst", "gst/patchcore"):
            files = [p for p in (ROOT / folder).rglob("*") if p.suffix in SUFFIXES]
            self.assertTrue(files, folder)

    def test_includes_of_every_form_are_seen(self):
        for text in (
            "#include <gst/gst.h>",
            '  # include "gst/gst.h"',
            "int x;\n#include\t<glib.h>\n",
            "#include <glib-object.h>",
        ):
            self.assertEqual(len(forbidden(text, GSTREAMER)), 1, text)
        self.assertEqual(forbidden("#include <ATen/core/Tensor.h>", LIBRARIES), ["ATen/core/Tensor.h"])

    def test_other_lines_are_no_includes(self):
        for text in ("// see gst/gst.h", '#include "core/error.h"', "#include <vector>"):
            self.assertEqual(forbidden(text, GSTREAMER), [], text)


if __name__ == "__main__":
    unittest.main()
