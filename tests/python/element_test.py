# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that Python and the elements make the same bank and the same results, bit by bit."""
import json
import pathlib
import struct
import tempfile
import unittest

import numpy as np
from PIL import Image

import patchcore
from good_parts import part
from pipelines import launch_well, read_results


def tensors(path):
    """The content of a bank file, by the tensors' names."""
    content = path.read_bytes()
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    return {name: content[8 + length + begin:8 + length + end]
            for name, entry in header.items() if name != "__metadata__"
            for begin, end in [entry["data_offsets"]]}


class ElementTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def source(self, pictures):
        for number, picture in enumerate(pictures):
            Image.fromarray(picture).save(self.folder / f"{number:02}.png")
        return (f"multifilesrc location={self.folder}/%02d.png stop-index={len(pictures) - 1}"
                " caps=image/png,framerate=10/1 ! pngdec ! videoconvert ! video/x-raw,format=RGB")

    def test_bank_and_results_are_the_same(self):
        good = [part(number) for number in range(10)]
        elements, python = self.folder / "elements", self.folder / "python"
        launch_well(f"{self.source(good)} ! patchcoretrain bank={elements} input-size=64 coreset-ratio=0.3"
                    " ! fakesink")
        trainer = patchcore.Trainer(input_size=64, coreset_ratio=0.3)
        for picture in good:
            trainer.add(picture)
        trainer.build(python)
        self.assertEqual(tensors(python), tensors(elements))

        shown = [part(number, defective=number % 2 == 0) for number in range(50, 56)]
        lines = self.folder / "results.jsonl"
        launch_well(f"{self.source(shown)} ! patchcoredetect bank={python} overlay=none"
                    f" ! patchcorepublish location={lines} include-map=true ! fakesink")
        detector = patchcore.Detector(elements)
        for picture, line in zip(shown, read_results(lines)):
            result = detector.score(picture)
            self.assertEqual(result.score, line["score"])
            self.assertEqual(result.relative_score, line["relative_score"])
            self.assertEqual(result.is_anomalous, line["verdict"] == "anomalous")
            self.assertEqual(len(result.regions), len(line["regions"]))
            np.testing.assert_array_equal(result.map.ravel(), np.float32(line["map"]["values"]))


if __name__ == "__main__":
    unittest.main()
