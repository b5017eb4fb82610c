# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""What the extension module has, for type checkers."""
from typing import Any, Dict, Optional, Tuple

import numpy as np
import numpy.typing as npt

from ._error import ErrorCode
from ._settings import ImageScore, Index, Precision, Preset, Sampler, ScoreMode

version: str
error_codes: Tuple[ErrorCode, ...]

class TrainerOptions:
    backbone: str
    weights: Optional[str]
    allow_torchscript: bool
    layers: Optional[str]
    input_size: Optional[str]
    crop: Optional[str]
    tile_size: int
    tile_overlap: float
    region: Optional[str]
    mask: Optional[str]
    patch_size: Optional[int]
    pretrain_embed_dimension: Optional[int]
    target_embed_dimension: Optional[int]
    sampler: Sampler
    coreset_ratio: float
    max_patches: int
    memory_limit: int
    neighbours: int
    score_mode: ScoreMode
    image_score: ImageScore
    precision: Precision
    device: str
    index: Index
    max_frames: int
    min_novelty: float
    seed: int
    threads: int
    store_weights: bool
    append_to: Optional[str]

def preset_options(preset: Preset) -> TrainerOptions: ...

class DetectorOptions:
    weights: Optional[str]
    allow_torchscript: bool
    index: Index
    precision: Precision
    device: str
    threads: int

class DetectionOptions:
    threshold: Optional[float]
    min_region_area: float

class TrainingRun:
    def __init__(self, options: TrainerOptions) -> None: ...
    def add(self, picture: npt.NDArray[np.uint8]) -> None: ...
    def build(self, path: bytes, progress: Any) -> Dict[str, Any]: ...
    def cancel(self) -> None: ...
    @property
    def added(self) -> int: ...
    @property
    def complete(self) -> bool: ...
    @property
    def collected(self) -> Tuple[int, int, int, float]: ...
    @property
    def device(self) -> str: ...

class PictureScoring:
    def __init__(self, bank: bytes, options: DetectorOptions, region: Optional[str], mask: Optional[bytes]) -> None: ...
    def score(self, picture: npt.NDArray[np.uint8], options: DetectionOptions) -> Dict[str, Any]: ...
    @property
    def bank(self) -> Dict[str, Any]: ...
    @property
    def device(self) -> str: ...
    @property
    def index(self) -> Index: ...

def full_map(
    map: npt.NDArray[np.float32], shape: Tuple[int, int], share_seen: float
) -> npt.NDArray[np.float32]: ...
def heatmap(
    map: npt.NDArray[np.float32],
    inspected: Tuple[int, int, int, int],
    usual_score: float,
    threshold: float,
    shape: Tuple[int, int],
    opacity: float,
) -> npt.NDArray[np.uint8]: ...
def relative_score(score: float, threshold: float) -> float: ...
