"""Cores, memory and disk are judged rightly."""

import shutil
from collections import namedtuple

import jax
import pytest

from cnnbook.doctor.machine import (
    GIB,
    available_memory,
    check_cores,
    check_devices,
    check_disk,
    check_memory,
)
from cnnbook.machine import usable_cores


def test_the_device_is_what_jax_sees():
    found = check_devices()
    assert found.level in ("ok", "note")
    assert found.found.endswith(f"({jax.default_backend()}), JAX {jax.__version__}") or "GPU" in found.found


@pytest.mark.parametrize(
    ("usable", "present", "environment", "level", "said"),
    [
        (2, 2, {}, "ok", "2"),
        (2, 64, {}, "ok", "2 of 64"),
        (1, 8, {}, "note", "1 of 8: training takes"),
        (4, 4, {"OMP_NUM_THREADS": "1"}, "note", "4; OMP_NUM_THREADS=1 may change"),
    ],
)
def test_cores(usable, present, environment, level, said):
    found = check_cores(usable, present, environment)
    assert found.level == level
    assert found.found.startswith(said)


@pytest.mark.parametrize(
    ("available", "level"), [(None, "note"), (GIB // 2, "problem"), (2 * GIB, "note"), (8 * GIB, "ok")]
)
def test_memory(available, level):
    assert check_memory(available).level == level


def test_free_memory_is_the_systems_or_the_containers_whichever_is_less(tmp_path):
    table = tmp_path / "meminfo"
    table.write_text("MemTotal: 8000 kB\nMemAvailable:  4000 kB\n")
    assert available_memory(table, tmp_path) == 4000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert available_memory(table, tmp_path) == 4000 * 1024
    (tmp_path / "memory.max").write_text("3000\n")
    assert available_memory(table, tmp_path) == 2000


def test_a_system_that_does_not_say_its_memory(tmp_path):
    assert available_memory(tmp_path / "none") is None
    (tmp_path / "meminfo").write_text("MemTotal: 8000 kB\n")
    assert available_memory(tmp_path / "meminfo") is None


@pytest.mark.parametrize(("free", "level"), [(GIB // 2, "problem"), (GIB * 3 // 2, "note"), (9 * GIB, "ok")])
def test_disk(tmp_path, monkeypatch, free, level):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(99 * GIB, 0, free))
    found = check_disk("cache", tmp_path / "not" / "yet")
    assert (found.check, found.level) == ("cache", level)
    assert "CNNBOOK_CACHE" in found.mend or level != "problem"


def test_a_cache_that_cannot_be_made_is_a_problem(tmp_path):
    (tmp_path / "file").touch()
    found = check_disk("cache", tmp_path / "file" / "cache")
    assert found.level == "problem"
    assert found.found.endswith(f"{tmp_path}/file cannot be written to")


def test_there_is_a_core_to_run_on():
    assert usable_cores() >= 1
