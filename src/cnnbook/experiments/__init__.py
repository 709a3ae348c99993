"""One module a question of the book: networks, digits and config in, a Dataset out."""

from cnnbook.experiments import (
    accuracy,
    common_points,
    geometry,
    likeness,
    maps_of_digits,
    mlps,
    recipes,
)
from cnnbook.experiments.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (
        geometry,
        accuracy,
        recipes,
        mlps,
        maps_of_digits,
        likeness,
        common_points,
    )
}
"""Every experiment by name, in the order in which the book needs them."""

__all__ = ["EXPERIMENTS", "Experiment"]
