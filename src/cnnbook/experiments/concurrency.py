"""Several pieces of work at once, each after those that it builds on.

JAX and NumPy let other threads run while they compile and compute; an experiment that compiles for one core
leaves the other to the next one. What is computed does not depend on it: see `cnnbook.keys`.
"""

import ctypes
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from threadpoolctl import threadpool_limits

from cnnbook.machine import usable_cores

AT_ONCE = 2
"""Pieces of work at once, at most: each has its own part of the memory."""


def single_threaded_blas() -> threadpool_limits:
    """A context in which one thread multiplies matrices, so that rounding is the same on any number of cores.

    It is faster too: NumPy's threads, SciPy's and JAX's would wait for one another.
    """
    return threadpool_limits(1, user_api="blas")


def run_concurrently(builds_on: Mapping[str, Collection[str]], work: Callable[[str], None]) -> None:
    """Do every piece of work, `AT_ONCE` on as many cores, and first those that most others wait for.

    The first error ends it: what runs is interrupted, nothing else begins, and the error is raised. So it is
    if the caller is interrupted.

    Args:
        builds_on: for each piece of work those that must be done before it; others than its keys are done.
        work: does one, in a thread of its own.

    Raises:
        ValueError: some wait for one another in a circle.
    """
    waiting = {name: set(builds_on[name]) & builds_on.keys() for name in _by_followers(builds_on)}
    running: dict[Future[None], str] = {}
    threads: set[int] = set()

    def begin(name: str) -> None:
        threads.add(threading.get_ident())
        try:
            work(name)
        finally:
            threads.discard(threading.get_ident())

    at_once = min(AT_ONCE, usable_cores())
    with ThreadPoolExecutor(at_once) as pool:
        try:
            while waiting or running:
                ready = [name for name, before in waiting.items() if not before]
                for name in ready[: at_once - len(running)]:
                    del waiting[name]
                    running[pool.submit(begin, name)] = name
                if not running:
                    raise ValueError(f"builds_on: {', '.join(waiting)} wait for one another")
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(ended)
                    ended.result()
                    for before in waiting.values():
                        before.discard(name)
        except BaseException:
            for thread in tuple(threads):
                _interrupt(thread)
            raise


def _by_followers(builds_on: Mapping[str, Collection[str]]) -> list[str]:
    """Names in the order in which they are begun: those first that most others build on, then as given."""
    followers = Counter(before for each in builds_on.values() for before in each)
    return sorted(builds_on, key=lambda name: -followers[name])


def _interrupt(thread: int) -> None:
    """Raise `KeyboardInterrupt` in another thread, at the end of what it computes outside Python."""
    error = ctypes.py_object(KeyboardInterrupt)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), error)
