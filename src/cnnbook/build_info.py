"""What a copy of the book was built from and with: facts for the prose, a table for the reader."""

import importlib.metadata
import platform
from collections.abc import Mapping

import pandas as pd

from cnnbook import __version__
from cnnbook.config.profiles import Profile
from cnnbook.config.training import TrainConfig
from cnnbook.data.digits import Digits
from cnnbook.tables import Table

REFERENCE_PROFILE = "book"
"""The profile of the numbers that a version of the book stands for."""

INPUT_LABELS = {
    "mnist": "MNIST",
    "sample": "A sample of 5,000 digits of MNIST",
    "nets": "Weights of a network",
}
"""What releases call the inputs of figures: data by their name, others by their key in the provenance."""

_PACKAGES = ("JAX", "Flax", "NumPy", "Matplotlib")
"""Packages whose versions are named."""

_LABELS = {
    "profile": "profile",
    "nets": "networks",
    "data": "data",
    "data_digest": "SHA-256 of the data, first 16 digits",
    "recipe": "recipe",
    "seed": "seed",
    "versions": "versions",
    "machine": "computed on",
}


def build_info(profile: Profile, digits: Digits, recipe: TrainConfig) -> Mapping[str, str]:
    """What a copy of the book is built from and with, by name, as text.

    Args:
        profile: the profile of the build.
        digits: the data.
        recipe: of the reference networks.
    """
    import jax  # only to know on what it computes

    versions = {"cnnbook": __version__, "Python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name.lower()) for name in _PACKAGES}
    data = "the sample" if digits.is_sample else "MNIST"
    return {
        "profile": profile.name,
        "nets": str(profile.nets),
        "data": f"{data}: {len(digits.train_labels):,} training and {len(digits.test_labels):,} test images",
        "data_digest": digits.digest[:16],
        "recipe": f"{recipe.epochs} epochs, batch {recipe.batch_size}, learning rate up to "
        f"{recipe.peak_learning_rate:g}, momentum {recipe.momentum:g}, L2 {recipe.weight_decay:g}",
        "seed": str(profile.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "machine": f"{jax.default_backend().upper()}, {platform.machine()}",
    }


def edition_label(profile: Profile, *, is_sample: bool) -> str:
    """What distinguishes the numbers of a build from those that the book's version stands for.

    Those are of all of MNIST with the profile `book`: "" then. Else such as "sample", "draft",
    "sample-paper". It becomes part of each figure's citation key: see `cnnbook.publishing.citation`.

    Args:
        profile: of the build.
        is_sample: whether it is built from the sample.
    """
    parts = ["sample"] if is_sample else []
    return "-".join(parts + ([profile.name] if profile.name != REFERENCE_PROFILE else []))


def build_info_table(facts: Mapping[str, str]) -> Table:
    """The facts that `build_info` gives, as a table for readers."""
    frame = pd.DataFrame({"this copy": list(facts.values())}, index=[_LABELS[name] for name in facts])
    return Table(frame, prose=True)
