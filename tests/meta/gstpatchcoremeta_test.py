#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that Python programs can read and write results through introspection."""
import math
import sys
import unittest

SKIP = 77

try:
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
except (ImportError, ValueError) as error:
    print(f"skipped, install python3-gi and gir1.2-gstreamer-1.0: {error}", file=sys.stderr)
    sys.exit(SKIP)

gi.require_version("GstPatchCore", "1.0")
from gi.repository import GstPatchCore  # noqa: E402


def region(**fields):
    result = GstPatchCore.PatchCoreRegion()
    for name, value in fields.items():
        setattr(result, name, value)
    return result


class MetaTest(unittest.TestCase):
    def setUp(self):
        self.buffer = Gst.Buffer.new_allocate(None, 320 * 240, None)
        self.meta = GstPatchCore.buffer_add_patch_core_meta(self.buffer)

    def test_a_buffer_without_has_none(self):
        self.assertIsNone(GstPatchCore.buffer_get_patch_core_meta(Gst.Buffer.new()))

    def test_new_ones_say_not_inspected(self):
        meta = GstPatchCore.buffer_get_patch_core_meta(self.buffer)
        self.assertEqual(meta.result, GstPatchCore.PatchCoreResult.NONE)
        self.assertEqual(meta.verdict, GstPatchCore.PatchCoreVerdict.UNKNOWN)
        self.assertEqual(meta.result.value_nick, "none")
        self.assertTrue(math.isnan(meta.score))
        self.assertEqual(meta.reason, GstPatchCore.PatchCoreReason.NONE)
        self.assertEqual(meta.scored_pts, Gst.CLOCK_TIME_NONE)
        self.assertEqual(meta.age, Gst.CLOCK_TIME_NONE)
        self.assertIsNone(meta.bank)
        self.assertFalse(meta.get_map())
        self.assertIsNone(meta.get_region(0))

    def test_the_map_is_a_list(self):
        self.meta.set_map([1, 2, 3, 4, 5, 6.5], 3, 2)
        meta = GstPatchCore.buffer_get_patch_core_meta(self.buffer)
        self.assertEqual((meta.map_width, meta.map_height), (3, 2))
        self.assertEqual(list(meta.get_map()), [1, 2, 3, 4, 5, 6.5])

    def test_regions_are_read_one_by_one(self):
        self.meta.set_regions(
            [
                region(x=1, y=2, width=3, height=4, area=5, peak=6.5, peak_x=2, peak_y=3),
                region(x=10, y=20, width=30, height=40, area=50, peak=0.5, peak_x=20, peak_y=30),
            ]
        )
        meta = GstPatchCore.buffer_get_patch_core_meta(self.buffer)
        found = [meta.get_region(i) for i in range(meta.n_regions)]
        self.assertEqual([r.peak for r in found], [6.5, 0.5])
        self.assertEqual([r.x for r in found], [1, 10])
        self.assertEqual([r.peak_y for r in found], [3, 30])
        self.assertIsNone(meta.get_region(2))

    def test_parts_are_read_one_by_one(self):
        part = GstPatchCore.PatchCorePart()
        part.roi_id = 7
        part.verdict = GstPatchCore.PatchCoreVerdict.ANOMALOUS
        part.score = 2.5
        part.width = 64
        self.meta.set_parts([part])
        meta = GstPatchCore.buffer_get_patch_core_meta(self.buffer)
        self.assertEqual(meta.n_parts, 1)
        self.assertEqual(meta.get_part(0).roi_id, 7)
        self.assertEqual(meta.get_part(0).verdict, GstPatchCore.PatchCoreVerdict.ANOMALOUS)
        self.assertEqual((meta.get_part(0).score, meta.get_part(0).width), (2.5, 64))
        self.assertIsNone(meta.get_part(1))

    def test_a_copied_buffer_keeps_it(self):
        self.meta.result = GstPatchCore.PatchCoreResult.FRESH
        self.meta.score = 1.25
        self.meta.usual_score = 0.5
        self.meta.reason = GstPatchCore.PatchCoreReason.LATE
        self.meta.age = 7
        self.meta.set_bank("bank 1")
        copy = self.buffer.copy()
        meta = GstPatchCore.buffer_get_patch_core_meta(copy)
        self.assertEqual(meta.result, GstPatchCore.PatchCoreResult.FRESH)
        self.assertEqual(meta.score, 1.25)
        self.assertEqual(meta.usual_score, 0.5)
        self.assertEqual(meta.reason.value_nick, "late")
        self.assertEqual(meta.age, 7)
        self.assertEqual(meta.bank, "bank 1")


if __name__ == "__main__":
    Gst.init(None)
    unittest.main()
