# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""The exception of the engine."""
from __future__ import annotations

from typing import Literal

ErrorCode = Literal["invalid_argument", "not_found", "read_failed", "write_failed", "no_space", "corrupt",
                    "unsupported_file", "unsupported_frame", "cancelled", "internal"]


class Error(Exception):
    """What the engine could not do, and why.

    Arrays that are no pictures are a TypeError or a ValueError; everything else that fails is this:
    files, settings, pictures that are too small.

    Attributes:
        code: what kind of thing went wrong
            invalid_argument: a setting is out of range or contradicts another
            not_found: there is no such file, layer or backbone
            read_failed, write_failed: the system refused it
            no_space: the disk or the memory is full
            corrupt: a file contradicts itself or its checksum
            unsupported_file: of a kind or version that is not read here
            unsupported_frame: a picture of a size that cannot be inspected
            cancelled: by Trainer.cancel()
            internal: a fault of patchcore-gst or of a library below it
        message: names the file or value, and says what to do
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(code, message)
        self.code: ErrorCode = code
        self.message = message

    def __str__(self) -> str:
        return self.message
