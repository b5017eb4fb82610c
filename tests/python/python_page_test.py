# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects people who copy: what README.md and docs/python.md say in Python is run, from above to below."""
import importlib.util
import os
import pathlib
import re
import sys
import tempfile

import numpy as np
from PIL import Image

from good_parts import part

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(page, heading=""):
    text = page.read_text(encoding="utf-8")
    text = text[text.index(heading):]
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def given(folder):
    """What the page takes for granted."""
    for number in range(8):
        Image.fromarray(part(number)).save(folder / f"{number}.png")
    mask = np.zeros((96, 80), np.uint8)
    mask[48:58, 34:46] = 255
    return {
        "good_paths": sorted(folder.glob("*.png")),
        "picture": part(50, defective=True),
        "test_pictures": [part(number, defective=number % 2 == 1) for number in range(60, 66)],
        "is_defective": [number % 2 == 1 for number in range(60, 66)],
        "test_masks": [mask * (number % 2) for number in range(60, 66)],
    }


def main():
    os.environ["MPLBACKEND"] = "agg"
    with tempfile.TemporaryDirectory() as name:
        names = given(pathlib.Path(name))
        os.chdir(name)
        run = 0
        for block in [*blocks(ROOT / "docs/python.md"), blocks(ROOT / "README.md", "## In a notebook")[0]]:
            needed = re.findall(r"^from (sklearn|matplotlib)", block, re.MULTILINE)
            if not all(map(importlib.util.find_spec, needed)):
                print(f"not run, as {needed} is not installed:\n{block}")
                continue
            print(block, file=sys.stderr)
            exec(compile(block, "the page", "exec"), names)  # pylint: disable=exec-used
            run += 1
        assert run >= 3, f"only {run} blocks: are the pages still written the same way?"
        assert names["result"].is_anomalous and len(names["scores"]) == 6, names


if __name__ == "__main__":
    main()
