# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Scores pictures against a memory bank."""
from __future__ import annotations

import os
from typing import Optional

import numpy as np
import numpy.typing as npt

from . import _engine, _settings
from ._bank import BankSummary, SearchRecall
from ._result import Rect, Region, Result

_LOADING = _engine.DetectorOptions()
_SCORING = _engine.DetectionOptions()


class Detector:
    """A loaded bank. Any thread may score pictures with it, several at once, too.

    The settings have the names, defaults and meanings of the properties of the element patchcoredetect.

    Args:
        bank: the memory-bank file
        weights: the backbone's weights, of an ensemble several with semicolons, only for banks that hold
            none; None: searched for
        allow_torchscript: whether the TorchScript file that the bank was trained with, which is a
            program, may be run
        region: part of the pictures that is inspected, (x, y, width, height) in pixels (int) or
            fractions (float); "none": all; None: the bank's
        mask: PNG file, stretched over the picture, whose black parts raise no alarm; "none": no mask;
            None: the bank's
        index: how the nearest patches are found; "auto": as the bank asks
        precision: numbers that the network computes with
        device: where pictures are scored: "auto" (a GPU if one works), "cpu", "cuda" or "cuda:N"
        threads: that compute; 0: one for each processor

    Raises:
        Error: the file cannot be read or is no bank, or a setting is wrong
        TypeError: a setting is of a wrong type
    """

    def __init__(
        self,
        bank: _settings.Path,
        *,
        weights: Optional[_settings.Path] = _LOADING.weights,
        allow_torchscript: bool = _LOADING.allow_torchscript,
        region: Optional[_settings.RegionSetting] = None,
        mask: Optional[_settings.Path] = None,
        index: _settings.Index = _LOADING.index,
        precision: _settings.Precision = _LOADING.precision,
        device: str = _LOADING.device,
        threads: int = _LOADING.threads,
    ) -> None:
        options = _settings.fill(_engine.DetectorOptions(), {
            "weights": weights, "allow_torchscript": allow_torchscript, "index": index,
            "precision": precision, "device": device, "threads": threads})
        self._scoring = _engine.PictureScoring(os.fsencode(bank), options, _settings.convert("region", region),
                                               _settings.convert("mask", mask))

    def score(
        self,
        picture: npt.NDArray[np.uint8],
        *,
        threshold: Optional[float] = _SCORING.threshold,
        min_region_area: float = _SCORING.min_region_area,
    ) -> Result:
        """Scores one picture.

        Args:
            picture: height x width (gray), height x width x 3 (RGB) or x 4 (RGBA); any strides
            threshold: score from which on a picture is anomalous; None: the bank's
            min_region_area: regions that are smaller, in pixels of the picture, are left out

        Raises:
            TypeError: no array of uint8, or a setting of a wrong type
            ValueError: an array of another shape
            Error: a setting is below 0, or the picture is too small or smaller than the region
        """
        options = _settings.fill(_engine.DetectionOptions(),
                                 {"threshold": threshold, "min_region_area": min_region_area})
        found = self._scoring.score(picture, options)
        regions = tuple(Region(*region) for region in found.pop("regions"))
        return Result(inspected=Rect(*found.pop("inspected")), regions=regions,
                      picture_shape=(picture.shape[0], picture.shape[1]), **found)

    @property
    def bank(self) -> BankSummary:
        """What the bank says of itself."""
        bank = self._scoring.bank
        recall = bank.pop("recall")
        return BankSummary(recall=None if recall is None else SearchRecall(*recall), **bank)

    @property
    def device(self) -> str:
        """Where pictures are scored: "cpu" or "cuda:N"."""
        return self._scoring.device

    @property
    def index(self) -> _settings.Index:
        """The index in use."""
        return self._scoring.index
