"""What this machine has."""

import os


def usable_cores() -> int:
    """The cores that this process may use; all of them where the system does not say."""
    allowed = getattr(os, "sched_getaffinity", None)  # only on Linux
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1
