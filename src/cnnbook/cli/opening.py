"""The networks that a command works with: those of a profile, or of a recipe changed on the command line."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from cnnbook import data
from cnnbook.config import profile_named
from cnnbook.folders import cache_folder
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.ensemble import Ensemble


def open_ensemble(
    profile: str | None, choice: str | None, reporter: Reporter, *, seed: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Ensemble:  # fmt: skip
    """The networks of a profile: the book's own, from the same store, unless something is changed.

    Args:
        profile: its name; None asks `CNNBOOK_PROFILE`, then takes "book".
        choice: of data; None asks `CNNBOOK_DATA`, then takes what can be had.
        reporter: shows long work.
        seed: another one than the profile's.
        changes: fields of the recipe by name; None leaves the profile's value.

    Raises:
        ValueError: no such profile, damaged data, a number out of range, or a batch larger than the data.
        OSError: no such data.
    """
    edition = profile_named(profile)
    cache = cache_folder()
    digits = data.load(choice, cache=cache / "data", notify=reporter.say)
    given = {name: value for name, value in (changes or {}).items() if value is not None}
    recipe = dataclasses.replace(edition.training_on(digits.name), **given)
    count = len(digits.train_labels)
    if recipe.batch_size > count:
        raise ValueError(f"batch_size={recipe.batch_size}: expected at most {count}, the training images")
    store = Store(cache / "store", notify=reporter.say)
    seed = edition.seed if seed is None else seed
    return Ensemble(digits, recipe, seed=seed, store=store, reporter=reporter)
