"""Several pieces of work at once: their order, and what ends them."""

import threading
import time

import pytest

from cnnbook.experiments import concurrency
from cnnbook.experiments.concurrency import run_concurrently

LONG = 30.0
"""Seconds that nothing here takes, unless it fails."""


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(concurrency, "usable_cores", lambda: 2)


def test_work_begins_when_what_it_builds_on_is_done():
    """Names that are no work of this call count as done."""
    log = []

    def work(name):
        log.append(f"{name} begins")
        log.append(f"{name} ends")

    run_concurrently({"c": ("b", "a"), "b": ("a", "measured before"), "a": ()}, work)
    order = [log.index(entry) for entry in ("a ends", "b begins", "b ends", "c begins")]
    assert order == sorted(order)
    assert len(log) == 6


def test_two_run_at_once():
    """Each waits for the other to have begun."""
    both = threading.Barrier(2, timeout=LONG)
    run_concurrently({"a": (), "b": ()}, lambda name: print(name, both.wait()))
    assert not both.broken


def test_one_core_does_one_after_another(monkeypatch):
    monkeypatch.setattr(concurrency, "usable_cores", lambda: 1)
    running, most = [], []

    def work(name):
        running.append(name)
        most.append(len(running))
        time.sleep(0.01)
        running.remove(name)

    run_concurrently(dict.fromkeys("abcd", ()), work)
    assert most == [1, 1, 1, 1]


def test_what_most_build_on_begins_first(monkeypatch):
    monkeypatch.setattr(concurrency, "usable_cores", lambda: 1)
    begun = []
    run_concurrently({"a": (), "b": ("z",), "c": ("z", "y"), "y": (), "z": ()}, begun.append)
    assert begun == ["z", "y", "a", "b", "c"]


def work_until_interrupted(name: str, begun: threading.Event, interrupted: list[str]) -> None:
    """Note the beginning, and the interruption that ends it."""
    begun.set()
    try:
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            time.sleep(0.001)
    except KeyboardInterrupt:
        interrupted.append(name)
        raise


def test_an_error_ends_all(monkeypatch):
    """What runs beside it is interrupted, and nothing else begins."""
    begun, interrupted = [], []
    other_runs = threading.Event()

    def work(name):
        begun.append(name)
        if name == "fails":
            other_runs.wait(LONG)
            raise ValueError("no test image of a 4")
        work_until_interrupted(name, other_runs, interrupted)

    with pytest.raises(ValueError, match="no test image of a 4"):
        run_concurrently({"fails": (), "runs": (), "waits": ()}, work)
    assert begun == ["fails", "runs"] or begun == ["runs", "fails"]
    assert interrupted == ["runs"]


def test_an_interrupted_caller_interrupts_the_work(monkeypatch):
    """As Ctrl-C does."""
    begun, interrupted = threading.Event(), []

    def work(name):
        work_until_interrupted(name, begun, interrupted)

    def wait(*args, **options):
        begun.wait(LONG)
        raise KeyboardInterrupt

    monkeypatch.setattr(concurrency, "wait", wait)
    with pytest.raises(KeyboardInterrupt):
        run_concurrently({"a": ()}, work)
    assert interrupted == ["a"]


def test_a_circle_is_an_error():
    with pytest.raises(ValueError, match="a, b wait for one another"):
        run_concurrently({"a": ("b",), "b": ("a",), "c": ()}, lambda name: None)
