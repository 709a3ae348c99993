"""What of this machine decides a result's bits: the kind of device, and the packages that compute."""

import importlib.metadata
from collections.abc import Mapping
from functools import cache
from typing import Any

COMPUTING = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "xarray")
"""The packages whose code computes networks and results."""


@cache
def computing_versions() -> Mapping[str, str]:
    """Versions of the packages that compute, by name."""
    return {name: importlib.metadata.version(name) for name in COMPUTING}


def environment() -> dict[str, Any]:
    """What enters the key of everything that is computed here: the platform of JAX, and all versions."""
    import jax  # to name the packages takes no second, to start JAX takes one

    return {"platform": jax.default_backend(), "versions": dict(computing_versions())}
