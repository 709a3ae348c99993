"""One module a question of the book: networks, digits and config in, a Dataset out."""

from cnnbook.experiments import (
    accuracy,
    attribution,
    census,
    classes,
    climb,
    codes,
    common_points,
    dimension,
    geometry,
    hand,
    heads,
    inversions,
    kernels,
    likeness,
    lost_where,
    maps_of_digits,
    mlps,
    oip_mixing,
    oip_quality,
    oip_search,
    oip_shape,
    oips,
    orientation,
    oval,
    patches,
    receptive_fields,
    recipes,
    surrogates,
    units,
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
        lost_where,
        common_points,
        heads,
        attribution,
        receptive_fields,
        oval,
        orientation,
        kernels,
        dimension,
        classes,
        codes,
        census,
        oips,
        oip_quality,
        oip_search,
        oip_shape,
        oip_mixing,
        hand,
        climb,
        units,
        patches,
        surrogates,
        inversions,
    )
}
"""Every experiment by name, in the order in which the book needs them."""

__all__ = ["EXPERIMENTS", "Experiment"]
