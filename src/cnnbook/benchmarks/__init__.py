"""What `make bench` measured beside other frameworks, for the book: Datasets, tables and facts."""

from cnnbook.benchmarks.facts import facts
from cnnbook.benchmarks.reading import (
    inference_speed,
    operations_table,
    profile_table,
    read_part,
    settings_table,
    speed_table,
    training_speed,
)

__all__ = [
    "facts",
    "inference_speed",
    "operations_table",
    "profile_table",
    "read_part",
    "settings_table",
    "speed_table",
    "training_speed",
]
