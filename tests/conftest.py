"""Strict JAX, a cache of the tests' own, and the few costly things that many tests share."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import pytest
import yaml
from playwright.sync_api import Browser, sync_playwright

from cnnbook.config.profiles import Profile
from cnnbook.config.training import TrainConfig
from cnnbook.data import CHOICES, Digits, load
from cnnbook.experiments import (
    climb,
    common_points,
    inversions,
    likeness,
    oips,
    patches,
    typical_patches,
    units,
)
from cnnbook.inputs import ShownDigit
from cnnbook.progress import Reporter
from cnnbook.store import Store
from cnnbook.training.runs import Run, runs
from cnnbook.training.trained import TrainedNet
from cnnbook.training.trainer import Trainer
from cnnbook.workspace import Book
from helpers import BOOK
from processes import Scheduling, arrange

OpenTiny = Callable[..., Book]

jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_debug_key_reuse", True)
jax.config.update("jax_num_cpu_devices", 8)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Hand out tests by group."""
    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)  # before markers are selected by, and before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that share something costly share a process, and mark those that train."""
    arrange(items)


@pytest.fixture(scope="session", autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's cache, or builds the user's edition."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("CNNBOOK_PROFILE", raising=False)
        patch.delenv("CNNBOOK_EXECUTION", raising=False)
        yield


@pytest.fixture(scope="session")
def few_digits() -> Digits:
    """Of the sample, the first 480 training and 120 test images: the ten classes in turn."""
    sample = load("sample")
    return Digits(
        name="sample",
        source="the first digits of the sample",
        train_images=sample.train_images[:480],
        train_labels=sample.train_labels[:480],
        test_images=sample.test_images[:120],
        test_labels=sample.test_labels[:120],
    )


@pytest.fixture(scope="session")
def few_shown(few_digits: Digits) -> tuple[ShownDigit, ...]:
    """Three 4s, a 1 and a 2 among the few test images."""
    assert few_digits.test_labels[:15].tolist() == [*range(10), *range(5)]
    places = {"clear-four": 4, "second-four": 14, "third-four": 24, "one": 1, "two": 2}
    return tuple(
        ShownDigit(name=name, label=place % 10, index=place, why="a test") for name, place in places.items()
    )


@pytest.fixture(scope="session")
def few_runs() -> tuple[Run, ...]:
    """Networks 0, 1 and 2 of a recipe that learns from the few digits for three epochs."""
    return runs(TrainConfig(epochs=3, batch_size=16, peak_learning_rate=0.03), numbers=range(3), seed=7)


@pytest.fixture(scope="session")
def trainer(few_digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    """Trains on the few digits; what it has compiled serves the whole session."""
    store = Store(tmp_path_factory.mktemp("nets"), notify=print)
    return Trainer(few_digits, store=store, reporter=Reporter(quiet=True))


@pytest.fixture(scope="session")
def nets(trainer: Trainer, few_runs: tuple[Run, ...]) -> tuple[TrainedNet, ...]:
    """Those networks, trained."""
    return trainer.train(few_runs)


@pytest.fixture(scope="session")
def all_of_mnist() -> Digits:
    """MNIST, where `CNNBOOK_DATA` names a folder that has it."""
    named = os.environ.get("CNNBOOK_DATA", "")
    if named in ("", *CHOICES):
        pytest.skip("needs all of MNIST: set CNNBOOK_DATA to a folder with its four files")
    return load(named)


@pytest.fixture(scope="session")
def open_tiny(
    trainer: Trainer,
    few_runs: tuple[Run, ...],
    nets: tuple[TrainedNet, ...],
    few_shown: tuple[ShownDigit, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> OpenTiny:
    """Open a tiny book of two networks; `store` is a folder of its own, or that of the networks."""
    root = tmp_path_factory.mktemp("tiny")
    digits = [
        {"name": digit.name, "label": digit.label, "why": digit.why, "index": {"sample": digit.index}}
        for digit in few_shown
    ]
    (root / "book").mkdir()
    for name in ("book.yaml", "figures.yaml"):
        shutil.copy(BOOK / "book" / name, root / "book")
    (root / "seeds").mkdir()
    (root / "seeds" / "digits.yaml").write_text(yaml.safe_dump({"digits": digits}))
    profile = Profile(
        name="draft",
        nets=2,
        recipe_nets=1,
        seed=few_runs[0].seed,
        sample_training=few_runs[0].config,
        resamples=20,
        configs={
            "likeness": likeness.Config(images=20),
            "common_points": common_points.Config(triples=20, images=500),
            "patches": patches.Config(train=200, test=100),
            "units": units.Config(train=300, test=100),
            "oips": oips.Config(mixed=2, single=1, steps=6, tried=4, mixtures=3),
            "typical_patches": typical_patches.Config(train=200, test=100, patches=4, trials=3, steps=6),
            "climb": climb.Config(starts=2, steps=6),
            "inversions": inversions.Config(digits=5, steps=10),
        },
    )

    def open_book(store: Path | None = None, **changes: Any) -> Book:
        trained = trainer.store.root
        if store is not None:
            shutil.copytree(trained / "nets", store / "nets", dirs_exist_ok=True)
        return Book(
            root, profile=replace(profile, **changes), digits=trainer.digits,
            store=Store(store or trained, notify=print), reporter=Reporter(quiet=True),
        )  # fmt: skip

    return open_book


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless and with no connection of its own."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run this test")
    quiet = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=quiet.split())
        yield running
        running.close()
