"""What several test modules need: comparing weights, making inputs, training at once."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from cnnbook.training.batch import TrainResult, starting_point, train_batch
from cnnbook.training.checkpoint import Checkpointer
from cnnbook.training.program import TrainProgram
from cnnbook.training.runs import Run

BOOK = Path(__file__).resolve().parents[1]
"""The book's folder."""


def same_weights(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether two networks have the same weights, bit for bit."""
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def noise(seed: int, *shape: int) -> np.ndarray:
    """Standard normal numbers, float32."""
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def trained_at_once(
    program: TrainProgram,
    runs: Sequence[Run],
    *,
    report: Callable[[int], None] = lambda images: None,
    checkpointer: Checkpointer | None = None,
) -> TrainResult:
    """Networks trained by one program, from where they were or from the start."""
    start = starting_point(program, runs, checkpointer)
    result, _ = train_batch(
        program, runs, start, report=lambda images, note: report(images), checkpointer=checkpointer
    )
    return result
