#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that the example programs run, say what they found, and end with words on bad input.

Usage: read_meta_test.py PROGRAM
"""
import importlib.util
import pathlib
import subprocess
import sys
import unittest

SKIP = 77
PROGRAM = sys.argv.pop()

for module, package in (("gi", "python3-gi"), ("numpy", "python3-numpy")):
    if PROGRAM.endswith(".py") and importlib.util.find_spec(module) is None:
        print(f"skipped, install {package}", file=sys.stderr)
        sys.exit(SKIP)


def run(*arguments):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, encoding="utf-8", timeout=60, check=False
    )


class ReadMetaTest(unittest.TestCase):
    def test_frames_without_a_result_are_not_called_good(self):
        done = run("videotestsrc num-buffers=2 ! fakesink name=sink")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            done.stdout, "0:00:00.000000000 not inspected\n0:00:00.033333333 not inspected\n"
        )

    def test_a_pipeline_that_fails_is_reported(self):
        done = run("filesrc location=/nonexistent/file ! fakesink name=sink")
        self.assertEqual(done.returncode, 1)
        self.assertIn("filesrc0: ", done.stderr)

    def test_a_pipeline_that_does_not_parse_is_reported(self):
        done = run("videotestsrc ! nosuchelement ! fakesink name=sink")
        self.assertEqual(done.returncode, 2)
        self.assertIn("nosuchelement", done.stderr)

    def test_without_the_named_sink_it_says_so(self):
        for pipeline in ("videotestsrc ! fakesink", "fakesink name=another", "videotestsrc"):
            done = run(pipeline)
            self.assertEqual(done.returncode, 2, pipeline)
            self.assertIn("name=sink", done.stderr)

    def test_without_a_pipeline_it_says_how_to_call_it(self):
        self.assertEqual(run().returncode, 2)
        self.assertIn("Usage", run().stderr)


@unittest.skipUnless(PROGRAM.endswith(".py"), "only Python programs can be imported")
class DescribeTest(unittest.TestCase):
    def setUp(self):
        spec = importlib.util.spec_from_file_location("read_meta", pathlib.Path(PROGRAM))
        self.example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.example)
        self.example.Gst.init(None)
        self.library = self.example.GstPatchCore
        self.buffer = self.example.Gst.Buffer.new()
        self.meta = self.library.buffer_add_patch_core_meta(self.buffer)

    def test_score_and_regions(self):
        self.meta.result = self.library.PatchCoreResult.FRESH
        self.meta.verdict = self.library.PatchCoreVerdict.ANOMALOUS
        self.meta.score = 2.5
        self.meta.threshold = 2
        region = self.library.PatchCoreRegion()
        region.x, region.y, region.width, region.height = 1, 2, 3, 4
        region.peak, region.peak_x, region.peak_y = 2.5, 2, 3
        self.meta.set_regions([region])
        self.assertEqual(
            self.example.describe(self.buffer),
            "anomalous: score 2.5, threshold 2\n  region 3x4 at (1, 2), peak 2.5 at (2, 3)",
        )

    def test_the_map_is_an_array_over_the_inspected_part(self):
        self.meta.result = self.library.PatchCoreResult.FRESH
        self.meta.set_map([1, 2, 3, 4, 8, 6], 3, 2)
        self.meta.inspected_x, self.meta.inspected_y = 100, 50
        self.meta.inspected_width, self.meta.inspected_height = 300, 200
        array = self.example.anomaly_map(self.meta)
        self.assertEqual(array.shape, (2, 3))
        self.assertEqual(array.tolist(), [[1, 2, 3], [4, 8, 6]])
        self.assertEqual(self.example.peak_position(self.meta), (250, 200))
        self.assertIn("  map 3x2, mean 4, largest 8 at (250, 200)",
                      self.example.describe(self.buffer))

    def test_held_results_are_marked(self):
        self.meta.result = self.library.PatchCoreResult.HELD
        self.meta.verdict = self.library.PatchCoreVerdict.NORMAL
        self.assertIn("normal (earlier result)", self.example.describe(self.buffer))

    def test_metadata_without_a_result_is_not_inspected(self):
        self.assertEqual(self.example.describe(self.buffer), "not inspected")


if __name__ == "__main__":
    unittest.main()
