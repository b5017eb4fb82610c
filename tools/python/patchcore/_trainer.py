# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Makes memory banks of good pictures."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from . import _engine, _settings
from ._bank import SearchRecall

_DEFAULTS = _engine.TrainerOptions()

ProgressCallback = Callable[[str, int, str], Any]
"""Called with the stage ("coreset", "calibration", "writing"), the percentage of the whole, a text."""


class Collected(NamedTuple):
    """What has come of the pictures that were added."""

    frames: int
    """Whose patches were collected; others may still be waiting."""
    patches: int
    """Of these."""
    skipped: int
    """Pictures that did not show enough new, see min_novelty."""
    coverage: float
    """0 to 1: how much of what the latest pictures show had been seen before."""


@dataclass(frozen=True)
class TrainingSummary:
    """What came of a training run."""

    path: str
    """Of the bank file."""
    frames: int
    """Pictures that the bank was made from, also those of a bank that was continued."""
    earlier_frames: int
    """Of these, those of the bank that was continued."""
    members: int
    """Of the ensemble; 1: a single bank."""
    patches: int
    """Of all pictures, by all members."""
    bank_patches: int
    """Of these, those that were kept."""
    dimension: int
    """Of a patch, of all members together."""
    held_out_frames: int
    """Pictures that the threshold was computed from."""
    threshold: float
    """Scores at or above it are anomalous."""
    usual_score: float
    """What a usual good picture scores."""
    threshold_is_guess: bool
    """Too few pictures were held out to trust the threshold."""
    index: _settings.Index
    """How the bank asks to be searched."""
    recall: Optional[SearchRecall]
    """Of an approximate index; the worst member's."""
    seconds: float
    """That building took."""
    device: str
    """That the network ran on."""


class Trainer:
    """One training run: add() good pictures, then build() once.

    Any thread may use it. The settings have the names, defaults and meanings of the properties of the
    element patchcoretrain; what is None is left to the backbone. Nothing but memory limits the number
    of pictures, and beyond memory_limit their patches are packed and thinned.

    Several backbones, or several sets of layers, with semicolons between them make an ensemble, whose
    members score pictures together. There are as many as the longer list has; a list of one is for all.

    Args:
        backbone: network that sees the pictures, or a TorchScript file (.pt); "resnet50;vgg16": two
        weights: file with its weights, of an ensemble several with semicolons; None: searched for
        allow_torchscript: whether a TorchScript file, which is a program, may be run
        layers: names of the layers whose features are taken, a list or "layer2,layer3"; of an
            ensemble's members "layer2;layer2,layer3"
        input_size: what the network sees: N, about N x N pixels with the picture's aspect, or
            exactly (width, height), also as "WxH"
        crop: centre that is kept of a picture whose shorter side has the input size: "none", N or
            (width, height)
        tile_size: side of the tiles, pixels, that larger pictures are cut into, each seen as if it were a
            picture; 0: pictures are not cut
        tile_overlap: of neighbouring tiles at least, share of a tile, 0 to 0.5
        region: part of the pictures that is learned and inspected, (x, y, width, height): pixels if
            all are int, fractions of the picture if they are float
        mask: PNG file, stretched over the picture, black where nothing is learned nor inspected
        patch_size: positions of the grid, in each direction, that a patch is described by
        pretrain_embed_dimension: values of each layer after pooling; 0: its channels
        target_embed_dimension: values of a patch after pooling; 0: all
        sampler: how the patches that are kept are chosen
        coreset_ratio: share of the patches that is kept, above 0 up to 1
        max_patches: upper limit of the patches kept; 0: none
        memory_limit: bytes that the collected patches may take; 0: a third of the machine's memory
        neighbours: nearest patches of the bank that a score is made of
        score_mode: how distances become scores
        image_score: how scores of patches become that of a picture
        precision: numbers that the network computes with
        device: where it runs: "auto" (a GPU if one works), "cpu", "cuda" or "cuda:N"
        index: how detection is to find the nearest patches of the bank
        max_frames: pictures that are collected at most; 0: no limit
        min_novelty: collect only pictures that show as much new, e.g. 1.25; 0: all
        seed: of all random choices
        threads: that compute; 0: one for each processor
        store_weights: whether the bank file holds the network's weights
        append_to: bank file whose patches are kept, made with the same settings

    Raises:
        Error: a setting is wrong, or the weights cannot be found or read
        TypeError: a setting is of a wrong type
    """

    def __init__(
        self,
        *,
        backbone: _settings.Path = _DEFAULTS.backbone,
        weights: Optional[_settings.Path] = _DEFAULTS.weights,
        allow_torchscript: bool = _DEFAULTS.allow_torchscript,
        layers: Optional[Union[str, Sequence[str]]] = _DEFAULTS.layers,
        input_size: Optional[_settings.SizeSetting] = _DEFAULTS.input_size,
        crop: Optional[_settings.SizeSetting] = _DEFAULTS.crop,
        tile_size: int = _DEFAULTS.tile_size,
        tile_overlap: float = _DEFAULTS.tile_overlap,
        region: Optional[_settings.RegionSetting] = _DEFAULTS.region,
        mask: Optional[_settings.Path] = _DEFAULTS.mask,
        patch_size: Optional[int] = _DEFAULTS.patch_size,
        pretrain_embed_dimension: Optional[int] = _DEFAULTS.pretrain_embed_dimension,
        target_embed_dimension: Optional[int] = _DEFAULTS.target_embed_dimension,
        sampler: _settings.Sampler = _DEFAULTS.sampler,
        coreset_ratio: float = _DEFAULTS.coreset_ratio,
        max_patches: int = _DEFAULTS.max_patches,
        memory_limit: int = _DEFAULTS.memory_limit,
        neighbours: int = _DEFAULTS.neighbours,
        score_mode: _settings.ScoreMode = _DEFAULTS.score_mode,
        image_score: _settings.ImageScore = _DEFAULTS.image_score,
        precision: _settings.Precision = _DEFAULTS.precision,
        device: str = _DEFAULTS.device,
        index: _settings.Index = _DEFAULTS.index,
        max_frames: int = _DEFAULTS.max_frames,
        min_novelty: float = _DEFAULTS.min_novelty,
        seed: int = _DEFAULTS.seed,
        threads: int = _DEFAULTS.threads,
        store_weights: bool = _DEFAULTS.store_weights,
        append_to: Optional[_settings.Path] = _DEFAULTS.append_to,
    ) -> None:
        settings = {name: value for name, value in locals().items() if name != "self"}
        self._run = _engine.TrainingRun(_settings.fill(_engine.TrainerOptions(), settings))

    @classmethod
    def from_preset(cls, preset: _settings.Preset, **settings: Any) -> Trainer:
        """A trainer with settings that go together, as the element's property preset has them.

        Args:
            preset: "amazon", the published implementation; "anomalib", anomalib 2; "paper", Roth et
                al. 2022, section 4; "none", the defaults
            settings: instead of the preset's

        Raises:
            Error, TypeError: as Trainer()
        """
        options = _engine.preset_options(preset)
        names = [name for name in vars(_engine.TrainerOptions) if not name.startswith("_")]
        return cls(**{**{name: getattr(options, name) for name in names}, **settings})

    def add(self, picture: npt.NDArray[np.uint8]) -> None:
        """Takes one good picture.

        Its patches are computed on another thread; a few pictures may wait for that, when they do,
        this waits for the first. Of the array itself nothing is kept.

        Args:
            picture: height x width (gray), height x width x 3 (RGB) or x 4 (RGBA); any strides

        Raises:
            TypeError: no array of uint8
            ValueError: an array of another shape
            Error: the picture is too small, or an earlier one could not be collected
        """
        self._run.add(picture)

    def build(self, path: _settings.Path, *, progress: Optional[ProgressCallback] = None) -> TrainingSummary:
        """Makes the memory bank of what was added, and writes it: whole, or not at all.

        Ctrl-C, cancel() and an exception of the callback end it, and the trainer with it; a file
        that was there before stays as it was.

        Args:
            path: of the bank file; one that is there is replaced
            progress: called now and then, on this thread, while the build waits

        Raises:
            Error: no picture was added, the file cannot be written, ...
        """
        report = self._run.build(os.fsencode(path), progress)
        recall = report.pop("recall")
        return TrainingSummary(path=os.fsdecode(path), recall=None if recall is None else SearchRecall(*recall),
                               **report)

    def cancel(self) -> None:
        """Ends adding and building soon: they raise an Error with the code "cancelled"."""
        self._run.cancel()

    @property
    def added(self) -> int:
        """Pictures that add() took."""
        return self._run.added

    @property
    def collected(self) -> Collected:
        """What has come of them so far."""
        return Collected(*self._run.collected)

    @property
    def complete(self) -> bool:
        """Whether max_frames pictures are there."""
        return self._run.complete

    @property
    def device(self) -> str:
        """Where the network runs: "cpu" or "cuda:N"."""
        return self._run.device
