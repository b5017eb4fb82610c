#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that the examples of docs/meta.md build and run as written, and that its table of fields
names every field of the metadata.

Usage: meta_page_test.py CC PKG_CONFIG_PATH
"""
import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "meta.md").read_text(encoding="utf-8")
HEADER = (ROOT / "gst" / "patchcore" / "gstpatchcoremeta.h").read_text(encoding="utf-8")
PKG_CONFIG_PATH = sys.argv.pop()
CC = sys.argv.pop()


def block(language):
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"{len(found)} examples in {language}"
    return found[0]


def output_of(command, **more):
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False,
                          **more)


class MetaPageTest(unittest.TestCase):
    def expect_two_frames(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "not inspected\nnot inspected\n")

    def test_the_c_example_builds_with_the_command_of_the_page_and_runs(self):
        build = block("sh").splitlines()[0]
        self.assertTrue(build.startswith("cc inspect.c "), build)
        build = shlex.quote(CC) + build.removeprefix("cc") + " -Wall -Wextra -Wpedantic -Werror"
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "inspect.c").write_text(block("c"), encoding="utf-8")
            done = output_of(["bash", "-c", build], cwd=folder,
                             env={**os.environ, "PKG_CONFIG_PATH": PKG_CONFIG_PATH})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.expect_two_frames(output_of([os.path.join(folder, "inspect")]))

    @unittest.skipUnless(importlib.util.find_spec("gi"), "install python3-gi")
    @unittest.skipUnless("GstPatchCore" in os.environ.get("EXPECTED_TYPELIBS", ""),
                         "built without introspection")
    def test_the_python_example_runs(self):
        self.expect_two_frames(output_of([sys.executable, "-c", block("python")]))

    def test_every_field_is_in_the_table(self):
        table = PAGE.split("## Fields\n\n", 1)[1].split("\n\n", 1)[0]
        cells = " ".join(line.split("|")[1] for line in table.splitlines())
        named = set(re.findall(r"`(\w+)`", cells))
        # `inspected_x`, `_y` and so on.
        named |= {"inspected" + name for name in named if name.startswith("_")}
        struct = re.search(r"struct _GstPatchCoreMeta \{(.*?)\};", HEADER, re.DOTALL).group(1)
        fields = set(re.findall(r"(\w+);", struct)) - {"meta"}
        self.assertGreater(len(fields), 15)
        self.assertEqual(fields - named, set())


if __name__ == "__main__":
    unittest.main()
