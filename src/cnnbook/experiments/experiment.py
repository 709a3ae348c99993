"""What an experiment is: a question, the function that measures it, and the numbers prose may quote."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import xarray as xr

from cnnbook.config import Profile
from cnnbook.data.digits import Digits
from cnnbook.seeds import ShownDigit
from cnnbook.training.checkpoint import TrainedNet

Measure = Callable[[Sequence[TrainedNet], Digits, Any], xr.Dataset]
Choose = Callable[[Profile, Sequence[ShownDigit]], Any]
Facts = Callable[[xr.Dataset], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One question of the book.

    Attributes:
        name: also of its module, its entry in the store and its values in prose.
        question: one sentence.
        measure: networks, digits and config to a Dataset with named dimensions and units.
        facts: the Dataset to the numbers that prose quotes, ready to print.
        config: picks its config from the profile and the digits shown; plain JSON values or a dataclass.
        nets: which networks it looks at.
    """

    name: str
    question: str
    measure: Measure
    facts: Facts
    config: Choose = lambda profile, shown: {}
    nets: Literal["none", "first", "all"] = "all"
