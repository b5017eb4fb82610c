# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""The result for one picture."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Optional, Tuple

import numpy as np
import numpy.typing as npt

from . import _engine


class Rect(NamedTuple):
    """A rectangle of pixels; (x, y) is its upper left corner."""

    x: int
    y: int
    width: int
    height: int


class Region(NamedTuple):
    """A connected part of the map that reaches the threshold; positions are pixels of the picture."""

    x: int
    y: int
    width: int
    height: int
    area: float
    peak: float
    """The largest score inside."""
    peak_x: int
    peak_y: int


@dataclass(frozen=True, eq=False)
class Result:
    """The result for one picture. It owns all that it has, and can be pickled."""

    score: float
    """Of the picture: raw, never clamped."""
    threshold: float
    """What it was compared with."""
    usual_score: float
    """What a usual good picture scores."""
    is_anomalous: bool
    """Whether the score is at the threshold or above."""
    map: npt.NDArray[np.float32] = field(repr=False)
    """Raw scores of the patches, on their own grid: much smaller than the picture. 0 below a mask."""
    inspected: Rect
    """The part of the picture that was looked at, and that the map covers."""
    regions: Tuple[Region, ...]
    """What reaches the threshold, largest peak first; empty for a picture that is not anomalous."""
    seen_at_once: Tuple[int, int]
    """Height and width of what the network saw at once: of a tile, or of all that was inspected."""
    picture_shape: Tuple[int, int]
    """Height and width of the picture."""

    @property
    def relative_score(self) -> float:
        """Score / threshold: 1 is the boundary, with every bank."""
        return _engine.relative_score(self.score, self.threshold)

    def full_map(self, shape: Optional[Tuple[int, int]] = None) -> npt.NDArray[np.float32]:
        """The map in full resolution: resized bilinearly and smoothed, as the published code does it.

        That of tiles is smoothed as a picture of a tile's size is.

        Args:
            shape: (height, width); None: of the inspected part, pixel by pixel
        """
        height, width = self.seen_at_once
        share_seen = height * width / (self.inspected.height * self.inspected.width)
        return _engine.full_map(self.map, shape or (self.inspected.height, self.inspected.width), share_seen)

    def heatmap(self, opacity: float = 0.6) -> npt.NDArray[np.uint8]:
        """The map in colours, to be laid over the picture: height x width x 4, RGBA.

        They mean the same on every picture: transparent up to the usual score, full colour from the
        threshold on. They are those of the element's overlay.

        Args:
            opacity: of the strongest, 0 to 1
        """
        return _engine.heatmap(self.map, self.inspected, self.usual_score, self.threshold, self.picture_shape,
                               opacity)
