"""The scripts in `bench/`, imported as they import each other, and results such as they write."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from helpers import BOOK


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a module of `bench/` or of `bench/peers/`."""
    for folder in (BOOK / "bench", BOOK / "bench" / "peers"):
        monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module


def _row(framework: str, rounds: list[float], **fields: Any) -> dict[str, Any]:
    return {"framework": framework, "setting": "as it comes", "rounds": rounds, **fields}


@pytest.fixture
def results() -> dict[str, dict[str, Any]]:
    """What all parts wrote, made up."""
    about = {"date": "2026-01-02", "machine": {"processor": "A processor", "cores": 2, "system": "Linux"}}
    one = [_row("cnnbook", [900, 910, 905], batch=64), _row("Keras", [500, 510, 600], batch=64)]
    ten = [
        _row("cnnbook", [1500, 1510, 1490], batch=64, arrangement="one process"),
        _row("Keras", [800, 810, 820], batch=64, arrangement="a process for each core"),
        _row("Keras", [890, 900, 910], batch=64, arrangement="one network after another"),
    ]
    epochs = [{"seconds": 10.0, "accuracy": 0.99}, {"seconds": 20.0, "accuracy": 0.9940}]
    missed = [{"seconds": 12.0, "accuracy": 0.99}, {"seconds": 24.0, "accuracy": 0.9930}]
    reached = [
        {"framework": "cnnbook", "reached": 20.0, "epochs": epochs},
        {"framework": "Keras", "reached": None, "epochs": missed},
    ]
    maps = [
        _row("cnnbook", [6000, 6100], peak_bytes=700_000_000, peak_bytes_early=690_000_000),
        _row("Keras", [3000, 3100], peak_bytes=900_000_000, peak_bytes_early=890_000_000),
    ]
    memory = [{"framework": "cnnbook", "epochs": epochs, "peak_bytes": 1_200_000_000} for epochs in (1, 3)]
    return {
        "speed": {**about, "rows": one, "versions": {"JAX": "0.9", "Keras": "3"}},
        "ten": {**about, "rows": ten, "date": "2026-01-03"},
        "accuracy": {**about, "rows": reached, "target": 0.9935},
        "inference": {**about, "rows": maps, "images": 60_000, "images_early": 5_000},
        "memory": {**about, "rows": memory},
        "profile": {
            "date": "2026-01-01",
            "machine": {"processor": "Another processor", "cores": 2},
            "rows": [{"operation": "products", "microseconds": 30.0, "products": 12.0}],
        },
        "many-networks": {
            "date": "2026-01-04",
            "rows": [
                {"nets": 20, "seconds": 50.4, "compiling": 12.1, "mean_test_accuracy": 0.99446}
                | {"test_accuracy": [0.994] * 20, "device": "A card"},
                {"nets": 100, "seconds": 150.0, "compiling": 20.0, "mean_test_accuracy": 0.99446}
                | {"test_accuracy": [0.994] * 20 + [0.995] * 80, "device": "A card"},
            ],
        },
        "group-size": {
            "group_size": 20,
            "rows": [
                {"program_for": size, "nets": nets, "updates": updates, "difference": difference}
                for size, nets, updates, difference in (
                    (20, 3, 117, 0.0),
                    (20, 3, 5622, 0.0),
                    (20, 20, 117, 0.0),
                    (20, 20, 5622, 1.25e-7),
                    (1, 1, 117, 0.0025),
                    (1, 1, 5622, 0.3),
                    (3, 3, 117, 0.00004),
                    (3, 3, 5622, 0.29),
                )
            ],
        },
        "climb": {
            **about,
            "steps": 64,
            "pictures": 1024,
            "rows": [_row("cnnbook", [3.0, 4.0, 9.0]), _row("Keras", [6.0, 5.0, 7.0])],
        },
    }


@pytest.fixture
def measured_book(results: dict[str, dict[str, Any]], tmp_path: Path) -> Path:
    """A book's folder with these results."""
    folder = tmp_path / "bench" / "results"
    folder.mkdir(parents=True)
    for part, content in results.items():
        (folder / f"{part}.json").write_text(json.dumps(content))
    return tmp_path
