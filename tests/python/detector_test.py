# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects detection in Python: results, their lifetime, and arrays of every kind."""
import gc
import pathlib
import pickle
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

import patchcore
from good_parts import part, train


class DetectorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.bank = cls.folder / "bank"
        cls.summary = train(cls.bank)
        cls.detector = patchcore.Detector(cls.bank)

    def refused(self, code, action, *arguments, **settings):
        with self.assertRaises(patchcore.Error) as caught:
            action(*arguments, **settings)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return str(caught.exception)

    def score(self, picture):
        return self.detector.score(picture).score

    def test_a_defective_part_is_found(self):
        result = self.detector.score(part(100, defective=True))
        self.assertTrue(result.is_anomalous)
        self.assertGreater(result.relative_score, 1)
        self.assertEqual(result.relative_score, result.score / result.threshold)
        self.assertEqual(result.threshold, self.summary.threshold)
        self.assertEqual(result.usual_score, self.summary.usual_score)
        self.assertEqual(result.inspected, (0, 0, 80, 96))
        self.assertEqual(result.picture_shape, (96, 80))
        self.assertEqual(result.map.dtype, np.float32)
        self.assertEqual(result.map.max(), np.float32(result.score))
        worst = result.regions[0]
        self.assertEqual(worst.peak, result.score)
        self.assertTrue(34 <= worst.peak_x < 46 and 44 <= worst.peak_y < 62, worst)

    def test_a_good_part_is_not(self):
        result = self.detector.score(part(3))
        self.assertFalse(result.is_anomalous)
        self.assertLess(result.relative_score, 1)
        self.assertEqual(result.regions, ())
        self.assertIn("is_anomalous=False", repr(result))
        self.assertNotIn("array", repr(result))

    def test_says_what_the_bank_is(self):
        bank = self.detector.bank
        self.assertEqual((bank.backbone, bank.members), ("efficientnet_lite0", 1))
        self.assertEqual((bank.frames, bank.patches, bank.dimension),
                         (12, self.summary.bank_patches, 152))
        self.assertEqual((bank.region, bank.has_mask, bank.index, bank.recall), ("none", False, "auto", None))
        self.assertEqual(len(bank.checksum), 64)
        self.assertEqual(self.detector.index, "auto")
        self.assertEqual(patchcore.Detector(self.bank, index="faiss-flat").index, "faiss-flat")

    def test_threshold_and_smallest_region_may_be_given(self):
        picture = part(100, defective=True)
        usual = self.detector.score(picture)
        high = self.detector.score(picture, threshold=2 * usual.score)
        self.assertEqual((high.score, high.is_anomalous, high.regions), (usual.score, False, ()))
        self.assertEqual(self.detector.score(picture, threshold=0).threshold, 0)
        self.assertEqual(self.detector.score(picture, min_region_area=1e6).regions, ())
        self.assertTrue(self.detector.score(picture, min_region_area=1e6).is_anomalous)

    def test_strides_of_every_kind_are_honoured(self):
        picture = part(7, (70, 90))
        expected = self.score(picture)
        wide = np.zeros((140, 200, 3), np.uint8)
        wide[20:90, 60:150] = picture
        spread = np.zeros((140, 180, 6), np.uint8)
        spread[::2, ::2, ::2] = picture
        views = {
            "a part of a larger one": wide[20:90, 60:150],
            "every second pixel": spread[::2, ::2, ::2],
            "Fortran's order": np.asfortranarray(picture),
            "rows backwards": picture[::-1].copy()[::-1],
            "columns backwards": picture[:, ::-1].copy()[:, ::-1],
            "blue first": picture[..., ::-1].copy()[..., ::-1],
            "transposed": picture.transpose(1, 0, 2).copy().transpose(1, 0, 2),
            "planes": np.moveaxis(np.moveaxis(picture, 2, 0).copy(), 0, 2),
            "with opacity": np.dstack([picture, np.full((70, 90), 7, np.uint8)]),
            "a masked array": np.ma.masked_array(picture),
            "of Pillow": np.asarray(Image.fromarray(picture)),
        }
        for name, view in views.items():
            with self.subTest(name):
                self.assertEqual(self.score(view), expected)
        self.assertNotEqual(self.score(picture[::-1]), expected)
        self.assertNotEqual(self.score(picture[..., ::-1]), expected)

    def test_read_only_and_foreign_memory_is_read(self):
        picture = part(7, (70, 90))
        expected = self.score(picture)
        picture.flags.writeable = False
        self.assertEqual(self.score(picture), expected)
        self.assertEqual(self.score(np.frombuffer(picture.tobytes(), np.uint8).reshape(70, 90, 3)), expected)

    def test_gray_is_the_colour_gray(self):
        gray = part(7)[..., 0]
        self.assertEqual(self.score(gray), self.score(np.dstack([gray] * 3)))

    def test_one_row_of_numbers_repeated_is_a_picture(self):
        row = np.broadcast_to(part(7)[:1], (96, 80, 3))
        self.assertEqual(row.strides[0], 0)
        self.assertEqual(self.score(row), self.score(row.copy()))

    def test_what_is_no_picture_is_refused_n(self):
        good = part(0)
        for wrong in (None, 1, "picture", [[1, 2], [3, 4]], Image.fromarray(good), good.astype(np.float32),
                      good.astype(np.int8), good > 100, good.astype(np.uint16), good.astype(object)):
            with self.subTest(type(wrong)), self.assertRaises((TypeError, ValueError)):
                self.detector.score(wrong)
        with self.assertRaisesRegex(TypeError, "uint8.*float64"):
            self.detector.score(good / 255)
        with self.assertRaisesRegex(TypeError, "convert"):
            self.detector.score(Image.fromarray(good).getpixel)
        for shape in ((), (64,), (64, 64, 1), (64, 64, 2), (64, 64, 5), (1, 64, 64, 3), (3, 64, 64),
                      (0, 64, 3), (64, 0, 3), (64, 64, 0), (0, 0)):
            with self.subTest(shape), self.assertRaisesRegex(ValueError, "shape"):
                self.detector.score(np.zeros(shape, np.uint8))
        with self.assertRaisesRegex(ValueError, "too large"):
            self.detector.score(np.broadcast_to(np.uint8(0), (2**31, 64, 3)))
        self.refused("unsupported_frame", self.detector.score, part(0, (20, 100)))
        self.refused("unsupported_frame", self.detector.score, np.zeros((1, 1), np.uint8))

    def test_wrong_settings_are_refused_n(self):
        for name, value in (("threshold", -1), ("threshold", float("nan")), ("min_region_area", -0.5)):
            self.assertIn(name, self.refused("invalid_argument", self.detector.score, part(0), **{name: value}))
        for name, value in (("threshold", "high"), ("min_region_area", None)):
            with self.assertRaisesRegex(TypeError, name):
                self.detector.score(part(0), **{name: value})
        for settings in ({"index": "best"}, {"precision": "fp8"}, {"device": "abacus"}, {"threads": -1},
                         {"region": "x"}):
            self.refused("invalid_argument", patchcore.Detector, self.bank, **settings)
        for settings in ({"threads": 1.5}, {"region": (1, 2)}, {"mask": 3}, {"weights": 3}, {"no": 3}):
            with self.assertRaisesRegex(TypeError, next(iter(settings))):
                patchcore.Detector(self.bank, **settings)

    def test_files_that_are_no_banks_are_refused_n(self):
        self.assertIn("none.bank", self.refused("not_found", patchcore.Detector, self.folder / "none.bank"))
        self.refused("not_found", patchcore.Detector, b"\xff\xfe")
        self.refused("read_failed", patchcore.Detector, self.folder)
        whole = self.bank.read_bytes()
        damaged = self.folder / "damaged"
        for content in (b"", b"PNG", whole[:-1], whole[:1000], whole[:-5] + b"xxxxx"):
            damaged.write_bytes(content)
            with self.assertRaises(patchcore.Error) as caught:
                patchcore.Detector(damaged)
            self.assertIn(caught.exception.code, ("corrupt", "unsupported_file"))
        with self.assertRaises(TypeError):
            patchcore.Detector(None)

    def test_region_and_mask_are_those_of_the_call(self):
        picture = part(100, defective=True)
        left = patchcore.Detector(self.bank, region=(0.0, 0.0, 0.5, 1.0)).score(picture)
        self.assertEqual(left.inspected, (0, 0, 40, 96))
        self.assertEqual(patchcore.Detector(self.bank, region=(8, 16, 64, 64)).score(picture).inspected,
                         (8, 16, 64, 64))
        mask = np.full((96, 80), 255, np.uint8)
        mask[32:76, 16:64] = 0
        Image.fromarray(mask).save(self.folder / "mask.png")
        covered = patchcore.Detector(self.bank, mask=self.folder / "mask.png").score(picture)
        self.assertEqual(covered.map[4, 4], 0)
        self.assertLess(covered.score, self.score(picture))
        self.refused("unsupported_frame", patchcore.Detector(self.bank, region=(60, 60, 64, 64)).score, picture)
        self.refused("not_found", patchcore.Detector, self.bank, mask=self.folder / "none.png")

    def test_results_outlive_the_detector(self):
        detector = patchcore.Detector(self.bank)
        results = [detector.score(part(number)) for number in range(3)]
        copies = [result.map.copy() for result in results]
        del detector
        gc.collect()
        results[0].map[:] = 5  # is nobody else's
        self.assertTrue((results[0].full_map() == 5).all())
        for result, copy in zip(results[1:], copies[1:]):
            np.testing.assert_array_equal(result.map, copy)
            self.assertEqual(result.full_map().shape, (96, 80))

    def test_results_and_errors_travel_between_processes(self):
        result = self.detector.score(part(100, defective=True))
        again = pickle.loads(pickle.dumps(result))
        np.testing.assert_array_equal(again.map, result.map)
        self.assertEqual((again.score, again.regions), (result.score, result.regions))
        with self.assertRaises(patchcore.Error) as caught:
            patchcore.Detector("/none")
        error = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((error.code, str(error)), ("not_found", str(caught.exception)))

    def test_the_full_map_of_tiles_is_smoothed_by_their_size(self):
        result = self.detector.score(part(101))
        self.assertEqual(result.seen_at_once, (result.inspected.height, result.inspected.width))
        peak = np.zeros_like(result.map)
        peak[peak.shape[0] // 2, peak.shape[1] // 2] = 1
        whole = patchcore.Result(**{**vars(result), "map": peak})
        tile = (result.inspected.height // 2, result.inspected.width // 2)
        tiles = patchcore.Result(**{**vars(result), "map": peak, "seen_at_once": tile})
        self.assertGreater(tiles.full_map().max(), 1.1 * whole.full_map().max())

    def test_the_full_map_has_the_pixels_of_the_picture(self):
        result = self.detector.score(part(100, defective=True))
        full = result.full_map()
        self.assertEqual((full.shape, full.dtype), ((96, 80), np.float32))
        y, x = np.unravel_index(full.argmax(), full.shape)
        self.assertTrue(30 <= x < 50 and 40 <= y < 66, (x, y))
        self.assertLess(full.max(), result.score)
        self.assertEqual(result.full_map((10, 30)).shape, (10, 30))
        for shape in ((0, 4), (4, -1)):
            with self.assertRaisesRegex(ValueError, "empty"):
                result.full_map(shape)
        with self.assertRaises(TypeError):
            result.full_map((1, 2, 3))

    def test_the_heatmap_is_laid_over_the_picture(self):
        result = self.detector.score(part(100, defective=True))
        heatmap = result.heatmap()
        self.assertEqual((heatmap.shape, heatmap.dtype), ((96, 80, 4), np.uint8))
        self.assertEqual(heatmap[..., 3].max(), round(0.6 * 255))
        self.assertEqual(result.heatmap(opacity=1)[52, 40].tolist(), [255, 0, 0, 255])
        self.assertFalse(result.heatmap(opacity=0)[..., 3].any())
        calm = patchcore.Result(**{**vars(result), "map": np.full_like(result.map, result.usual_score)})
        self.assertFalse(calm.heatmap().any())
        for opacity in (-0.1, 1.1, float("nan")):
            with self.assertRaisesRegex(ValueError, "opacity"):
                result.heatmap(opacity)

    def test_the_heatmap_of_a_region_lies_where_the_region_does(self):
        detector = patchcore.Detector(self.bank, region=(16, 32, 64, 64))
        result = detector.score(part(100, (120, 160)), threshold=0.001)
        alpha = result.heatmap()[..., 3]
        self.assertEqual(alpha.shape, (120, 160))
        self.assertTrue(alpha[32:96, 16:80].any())
        alpha[32:96, 16:80] = 0
        self.assertFalse(alpha.any())
        self.assertEqual(result.full_map().shape, (64, 64))

    def test_threads_get_what_one_thread_gets(self):
        pictures = [part(number, (96 + number, 80)) for number in range(16)]
        expected = [self.score(picture) for picture in pictures]
        with ThreadPoolExecutor(4) as pool:
            self.assertEqual(list(pool.map(self.score, pictures)), expected)

    def test_other_threads_run_while_a_picture_is_scored(self):
        picture = part(0, (800, 800))
        train(self.folder / "large", count=2, input_size=768)
        slow = patchcore.Detector(self.folder / "large", threads=1)
        count = 5
        scoring = threading.Thread(target=lambda: [slow.score(picture) for _ in range(count)])
        scoring.start()
        turns = 0
        while scoring.is_alive():
            time.sleep(0.001)
            turns += 1
        # If each picture kept the others out, there would be one or two turns for each.
        self.assertGreater(turns, 4 * count)


if __name__ == "__main__":
    unittest.main()
