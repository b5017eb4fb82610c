# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""PatchCore anomaly detection, by the engine of patchcore-gst.

    trainer = patchcore.Trainer()
    for picture in good_pictures:  # arrays of uint8, height x width x 3
        trainer.add(picture)
    trainer.build("parts.safetensors")

    detector = patchcore.Detector("parts.safetensors")
    result = detector.score(picture)
    if result.is_anomalous:
        print(result.relative_score, result.regions)

Bank files, scores and settings are those of the GStreamer elements patchcoretrain and
patchcoredetect: what was trained here detects there, and the other way round.
"""
from ._libtorch import require_same_libtorch

require_same_libtorch()  # before the engine is loaded

from ._bank import BankSummary, SearchRecall  # noqa: E402
from ._detector import Detector  # noqa: E402
from ._engine import version as __version__  # noqa: E402
from ._error import Error, ErrorCode  # noqa: E402
from ._result import Rect, Region, Result  # noqa: E402
from ._trainer import Collected, ProgressCallback, Trainer, TrainingSummary  # noqa: E402

__all__ = [
    "BankSummary",
    "Collected",
    "Detector",
    "Error",
    "ErrorCode",
    "ProgressCallback",
    "Rect",
    "Region",
    "Result",
    "SearchRecall",
    "Trainer",
    "TrainingSummary",
    "__version__",
]
