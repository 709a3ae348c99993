"""What `make bench` measured beside other frameworks, for the book: Datasets, tables and facts."""

from cnnbook.benchmarks.facts import facts
from cnnbook.benchmarks.reading import inference_speed, read_part, training_speed
from cnnbook.benchmarks.tables import operations_table, profile_table, settings_table, speed_table

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
