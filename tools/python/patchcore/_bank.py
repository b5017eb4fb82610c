# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""What memory banks say of themselves."""
from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional

from . import _settings


class SearchRecall(NamedTuple):
    """How near an approximate index comes to exact search, on the pictures that were held out."""

    neighbours: float
    """Share of the nearest patches that are found, 0 to 1."""
    mean_score_error: float
    """Relative."""
    largest_score_error: float
    """Relative."""


@dataclass(frozen=True)
class BankSummary:
    """What a bank says of itself."""

    backbone: str
    """Name of the network; of an ensemble all, with semicolons between them."""
    members: int
    """Of the ensemble; 1: a single bank."""
    patches: int
    """In the bank, of all members."""
    dimension: int
    """Of a patch, of all members together."""
    frames: int
    """Pictures that it was made from."""
    threshold: float
    """Scores at or above it are anomalous."""
    threshold_is_guess: bool
    """It comes from too few pictures to be trusted."""
    created: str
    """ISO 8601, UTC."""
    checksum: str
    """Two banks never have the same."""
    index: _settings.Index
    """How it asks to be searched."""
    recall: Optional[SearchRecall]
    """Of an approximate index; the worst member's."""
    region: str
    """Part of the pictures that is inspected; "none": all."""
    has_mask: bool
    """Whether a mask covers something."""
