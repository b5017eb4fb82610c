#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Protects people from silence: bad input of every kind stops the pipeline with a cure."""
import json
import os
import pathlib
import struct
import tempfile

from pipelines import launch_badly, launch_well

CAPS = "video/x-raw,format=I420,width=96,height=64,framerate=30/1"
SOURCE = f"videotestsrc num-buffers=6 ! {CAPS}"


def alter(source, target, change):
    content = bytearray(source.read_bytes())
    target.write_bytes(bytes(change(content)))
    return target


def flip(position):
    def change(content):
        content[position % len(content)] ^= 0x20
        return content
    return change


def with_version(version):
    """The same bank with another format version in its settings."""
    def change(content):
        length = struct.unpack("<Q", content[:8])[0]
        header = json.loads(content[8:8 + length])
        document = json.loads(header["__metadata__"]["patchcore"])
        assert "format_version" in document, sorted(document)
        document["format_version"] = version
        header["__metadata__"]["patchcore"] = json.dumps(document)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return struct.pack("<Q", len(text)) + text + content[8 + length:]
    return change


def check_training(folder):
    bank = folder / "bank.safetensors"
    launch_well(f"{SOURCE} ! patchcoretrain bank={bank} max-patches=50 ! fakesink")
    whole = bank.read_bytes()

    launch_badly(f"{SOURCE} ! patchcoretrain ! fakesink", "bank")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={folder}/missing/bank ! fakesink",
                 f"{folder}/missing")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={folder} ! fakesink", str(folder))
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} backbone=resnet999 ! fakesink",
                 "resnet999", "efficientnet_lite0")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} layers=blocks.99 ! fakesink",
                 "blocks.99", "blocks.15")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} input-size=big ! fakesink", "big")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} patch-size=2 ! fakesink", "patch size")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} weights={folder}/w.pth ! fakesink",
                 f"{folder}/w.pth")
    launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} backbone=wide_resnet50_2 ! fakesink",
                 "wide_resnet50_2", str(folder), XDG_DATA_HOME=str(folder))
    for content in (b"", b"not weights", b"\x80\x02}q\x00.", os.urandom(4096)):
        corrupt = folder / "corrupt.pth"
        corrupt.write_bytes(content)
        launch_badly(f"{SOURCE} ! patchcoretrain bank={bank} weights={corrupt} ! fakesink",
                     str(corrupt))
    launch_badly("videotestsrc num-buffers=6 ! video/x-raw,width=16,height=16"
                 f" ! patchcoretrain bank={bank} ! fakesink", "16x16")
    no_frames = "identity sleep-time=1000000 ! identity drop-probability=1"
    launch_badly(f"videotestsrc num-buffers=1 ! {CAPS} ! {no_frames} ! "
                 f"patchcoretrain bank={bank} ! fakesink",
                 "no frame")
    assert bank.read_bytes() == whole, "a failed training touched the bank that was there"
    assert not list(folder.glob("*tmp*")), "a failed training left a temporary file"
    return bank


def check_detection(folder, bank):
    altered = folder / "altered.safetensors"
    size = bank.stat().st_size

    launch_badly(f"{SOURCE} ! patchcoredetect ! fakesink", "bank")
    launch_badly(f"{SOURCE} ! patchcoredetect bank={folder}/none ! fakesink", f"{folder}/none")
    launch_badly(f"{SOURCE} ! patchcoredetect bank={folder} ! fakesink", str(folder))
    for position in (0, 4, 8, 100, size // 3, size // 2, size - 1):
        alter(bank, altered, lambda content, end=position: content[:end])
        launch_badly(f"{SOURCE} ! patchcoredetect bank={altered} ! fakesink", str(altered))
        alter(bank, altered, flip(position))
        launch_badly(f"{SOURCE} ! patchcoredetect bank={altered} ! fakesink", str(altered))
    alter(bank, altered, with_version("99.0"))
    launch_badly(f"{SOURCE} ! patchcoredetect bank={altered} ! fakesink", str(altered), "99")
    launch_badly("videotestsrc num-buffers=6 ! video/x-raw,width=16,height=16"
                 f" ! patchcoredetect bank={bank} ! fakesink", "16x16")


def check_without_weights(folder):
    bank = folder / "light.safetensors"
    launch_well(f"{SOURCE} ! patchcoretrain bank={bank} max-patches=50 store-weights=false"
                " ! fakesink")
    launch_well(f"{SOURCE} ! patchcoredetect bank={bank} ! fakesink")
    launch_badly(f"{SOURCE} ! patchcoredetect bank={bank} ! fakesink", str(folder),
                 PATCHCORE_WEIGHTS_PATH="", XDG_DATA_HOME=str(folder), HOME=str(folder))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bank = check_training(folder)
        check_detection(folder, bank)
        check_without_weights(folder)


if __name__ == "__main__":
    main()
