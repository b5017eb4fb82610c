# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects examples/python-scoring.py."""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image

from good_parts import part

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python-scoring.py"


def run(*arguments):
    return subprocess.run([sys.executable, EXAMPLE, *arguments], capture_output=True, text=True, timeout=200,
                          check=False)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for kind, numbers in (("good", range(12)), ("test", range(20, 26))):
            (folder / kind).mkdir()
            for number in numbers:
                picture = part(number, defective=kind == "test" and number % 2 == 0)
                Image.fromarray(picture).save(folder / kind / f"{number}.png")
        (folder / "test/notes.txt").write_text("no picture")
        (folder / "empty").mkdir()
        bank, figure = folder / "bank", folder / "figure.png"
        arguments = [folder / "good", folder / "test", "--bank", bank, "--input-size", "64"]
        if importlib.util.find_spec("matplotlib"):
            arguments += ["--figure", figure]
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert "12 pictures" in done.stdout and "notes.txt: no picture" in done.stderr, done
        lines = done.stdout.splitlines()[-6:]
        assert ["anomalous" in line for line in lines] == [True] * 3 + [False] * 3, lines
        assert {pathlib.Path(line.split()[-1]).stem for line in lines[:3]} == {"20", "22", "24"}, lines
        assert not importlib.util.find_spec("matplotlib") or Image.open(figure).size[0] > 500

        again = run(folder / "none", folder / "test", "--bank", bank)
        assert again.returncode == 0 and again.stdout.splitlines() == lines, again
        for wrong, word in (([folder / "good", folder / "empty", "--bank", bank], "no pictures in"),
                            ([folder / "empty", folder / "test", "--bank", folder / "new"], "invalid_argument"),
                            ([folder / "good", folder / "test", "--bank", folder / "good"], "read_failed")):
            done = run(*wrong)
            assert done.returncode == 1 and word in done.stderr, done
            assert "Traceback" not in done.stderr, done.stderr


if __name__ == "__main__":
    main()
