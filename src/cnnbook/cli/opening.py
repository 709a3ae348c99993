"""The networks that a command works with: those of a profile, or of a recipe changed on the command line."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from cnnbook import data
from cnnbook.config.profiles import profile_named
from cnnbook.files import cache_folder
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.devices import arrangement, begin_computing
from cnnbook.training.ensemble import Ensemble
from cnnbook.training.runs import check


def open_ensemble(
    profile: str | None, choice: str | None, reporter: Reporter, *, seed: int | None = None,
    recipe: str | None = None, changes: Mapping[str, Any] | None = None, devices: int | None = None,
    data_devices: int = 1,
) -> Ensemble:  # fmt: skip
    """The networks of a profile: the book's own, from the same store, unless something is changed.

    Args:
        profile: its name; None asks `CNNBOOK_PROFILE`, then takes "book".
        choice: of data; None asks `CNNBOOK_DATA`, then takes what can be had.
        reporter: shows long work.
        seed: another one than the profile's.
        recipe: name of another recipe than the reference.
        changes: fields of the recipe by name; None leaves its value.
        devices: how many to train on; None takes all.
        data_devices: devices that share each batch.

    Raises:
        ValueError: no such profile, damaged data, a number out of range, a batch larger than the data, or
            more devices than there are.
        OSError: no such data.
    """
    edition = profile_named(profile)
    cache = cache_folder()
    begin_computing(cache)
    digits = data.load(choice, cache=cache / "data", notify=reporter.say)
    given = {name: value for name, value in (changes or {}).items() if value is not None}
    base = edition.recipes_on(digits.name)[recipe] if recipe else edition.training_on(digits.name)
    ensemble = Ensemble(
        digits, dataclasses.replace(base, **given), seed=edition.seed if seed is None else seed,
        store=Store(cache / "store", notify=reporter.say), reporter=reporter,
        arranged=arrangement(count=devices, data=data_devices),
    )  # fmt: skip
    check([ensemble.run(0)], images=len(digits.train_labels), data=data_devices)
    return ensemble
