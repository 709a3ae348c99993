"""What several test modules need: comparing weights, and making inputs."""

from pathlib import Path

import numpy as np

BOOK = Path(__file__).resolve().parents[1]
"""The book's folder."""


def same_weights(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether two networks have the same weights, bit for bit."""
    return one.keys() == other.keys() and all(one[name].tobytes() == other[name].tobytes() for name in one)


def noise(seed: int, *shape: int) -> np.ndarray:
    """Standard normal numbers, float32."""
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)
