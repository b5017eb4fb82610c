# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects that the package lives with other modules, in any order of imports."""
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

WORK = """
import sys, tempfile, pathlib
for name in sys.argv[1:]:
    __import__(name)
from good_parts import part, train
import patchcore
with tempfile.TemporaryDirectory() as folder:
    bank = pathlib.Path(folder, "bank")
    train(bank, count=3)
    print(patchcore.Detector(bank).score(part(5)).score)
    if "torch" in sys.modules:
        import torch
        network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Sigmoid())
        network(torch.ones(1, 3, 16, 16)).sum().backward()
        assert network[0].weight.grad.abs().sum() > 0
    if "gi" in sys.modules:
        import gi
        gi.require_version("Gst", "1.0")
        from gi.repository import Gst
        Gst.init(None)
        pipeline = Gst.parse_launch(
            f"videotestsrc num-buffers=2 ! video/x-raw,width=80,height=96 ! patchcoredetect bank={bank} ! fakesink")
        pipeline.set_state(Gst.State.PLAYING)
        message = pipeline.get_bus().timed_pop_filtered(
            60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        assert message and message.type == Gst.MessageType.EOS, message and message.parse_error()
        pipeline.set_state(Gst.State.NULL)
    print(patchcore.Detector(bank).score(part(5)).score)
"""


def run(code, *arguments, folder=None):
    """Runs it in a Python of its own."""
    path = ([folder] if folder else []) + sys.path
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=240,
                          env={**os.environ, "PYTHONPATH": ":".join(path)}, check=False)


class ImportsTest(unittest.TestCase):
    def test_with_others_before_and_after(self):
        others = [name for name in ("numpy", "cv2", "torch", "sklearn.metrics", "gi")
                  if importlib.util.find_spec(name.split(".")[0])]
        for order in ((*others, "patchcore"), ("patchcore", *others)):
            with self.subTest(order):
                done = run(WORK, *order)
                self.assertEqual(done.returncode, 0, done.stderr)
                first, last = done.stdout.split()
                self.assertEqual(first, last)

    def test_another_libtorch_is_refused_before_it_crashes_n(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/torch.py", "w", encoding="utf-8") as file:
                file.write('__version__ = "0.4.1"')
            done = run("import torch, patchcore", folder=folder)
            self.assertIn("ImportError: torch 0.4.1 was imported", done.stderr)
            self.assertIn("-Dlibtorch", done.stderr)
            with open(f"{folder}/torch.py", "w", encoding="utf-8") as file:
                file.write("")  # a module of that name that is none
            self.assertEqual(run("import torch, patchcore", folder=folder).returncode, 0)

    def test_nothing_of_the_engine_shows(self):
        done = run("import patchcore._engine as e, subprocess;"
                   "print(subprocess.run(['nm', '-DC', '--defined-only', e.__file__], capture_output=True,"
                   " text=True, check=True).stdout)")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("PyInit__engine", done.stdout)
        self.assertNotIn("patchcore::", done.stdout)


if __name__ == "__main__":
    unittest.main()
