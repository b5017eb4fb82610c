# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Settings as Python has them, and as the engine wants them."""
from __future__ import annotations

import os
from typing import Any, Callable, Dict, Literal, Optional, Sequence, Tuple, TypeVar, Union

from ._error import Error

Sampler = Literal["identity", "random", "greedy", "approximate-greedy"]
ScoreMode = Literal["published", "paper"]
ImageScore = Literal["max", "top"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Preset = Literal["none", "amazon", "anomalib", "paper"]
Index = Literal["auto", "screened", "faiss-flat", "faiss-ivfpq", "faiss-hnsw"]
Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
SizeSetting = Union[int, str, Tuple[int, int]]
RegionSetting = Union[str, Tuple[float, float, float, float]]

Options = TypeVar("Options")


def size_text(size: Optional[SizeSetting]) -> Optional[str]:
    """N, "N", "WxH" or (width, height)."""
    if isinstance(size, tuple):
        width, height = size
        return f"{width}x{height}"
    return None if size is None else str(size)


def region_text(region: Optional[RegionSetting]) -> Optional[str]:
    """A text, or (x, y, width, height): pixels if all are whole numbers, otherwise fractions."""
    if region is None or isinstance(region, str):
        return region
    x, y, width, height = region
    return f"{x},{y},{width},{height}"


def layers_text(layers: Optional[Union[str, Sequence[str]]]) -> Optional[str]:
    """A text, or the names of one network's layers."""
    return layers if layers is None or isinstance(layers, str) else ",".join(layers)


def file_name(path: Optional[Path]) -> Optional[bytes]:
    """As the system has it, which need not be UTF-8."""
    return None if path is None else os.fsencode(path)


CONVERSIONS: Dict[str, Callable[[Any], Any]] = {
    "append_to": file_name,
    "backbone": file_name,
    "crop": size_text,
    "input_size": size_text,
    "layers": layers_text,
    "mask": file_name,
    "region": region_text,
    "weights": file_name,
}

# What the engine takes for granted.
RANGES: Dict[str, Tuple[float, float]] = {
    "max_frames": (0, 2**63 - 1),
    "min_region_area": (0, float("inf")),
    "threads": (0, 1024),
    "threshold": (0, float("inf")),
}


def convert(name: str, value: Any) -> Any:
    """A setting as the engine wants it.

    Raises:
        TypeError: the value is of a wrong type or length
        Error: it is out of range
    """
    try:
        converted = CONVERSIONS.get(name, lambda value: value)(value)
        if name in RANGES and value is not None:
            lowest, highest = RANGES[name]
            if not lowest <= value <= highest:
                raise Error("invalid_argument", f"{name} is {value}, it must be from {lowest} to {highest}")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} cannot be {value!r}") from error
    return converted


def fill(options: Options, settings: Dict[str, Any]) -> Options:
    """Puts settings into options of the engine.

    Raises:
        TypeError: a value is of a wrong type
        Error: a value is out of range, or none that the engine knows
    """
    for name, value in settings.items():
        converted = convert(name, value)
        try:
            setattr(options, name, converted)
        except TypeError as error:
            raise TypeError(f"{name} cannot be {value!r}") from error
    return options
