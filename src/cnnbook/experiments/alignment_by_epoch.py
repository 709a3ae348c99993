"""When in training do networks become alike?

Networks that start differently are compared at four stages of their training and before it. D. Kapoor, S.
Srivastava and M. Khosla ("Bridging Critical Gaps in Convergent Learning", arXiv 2502.18710) found that nearly
all alignment arises within the first epoch. Here: the part of what a measure gains from before training to
the end that is there after a quarter, a half and the whole of the first pass over the training images.
"""

from collections.abc import Callable

import numpy as np
import xarray as xr

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.facts import at, ratio_by_network
from cnnbook.experiments.network_pairs import (
    LAYERS,
    MEASURES,
    PairsConfig,
    check_enough,
    in_a_ring,
    likeness,
    view_layers,
)
from cnnbook.training.initial import untrained

STAGES = ("before training", "quarter epoch", "half epoch", "one epoch", "whole training")
"""When networks are compared."""

RECIPES = ("quarter-epoch", "half-epoch", "one-epoch", "reference")
"""The recipes that stop there; before training, the reference."""


def share_gained(measure: str, layer: str, stage: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The part of a measure's whole gain that is there at a stage; 0 if it does not gain.

    Args:
        measure: of `MEASURES`.
        layer: of `LAYERS`.
        stage: of `STAGES`.
    """

    def share(result: xr.Dataset) -> xr.DataArray:
        alike = result.alignment.sel(measure=measure, layer=layer)
        begin = alike.sel(stage=STAGES[0], drop=True)
        now, end = (alike.sel(stage=each, drop=True) - begin for each in (stage, STAGES[-1]))
        return ratio_by_network(now, end)

    return share


@experiment(
    config=PairsConfig(),
    draft=PairsConfig(images=100),
    nets=RECIPES,
    together=True,
    coords={"stage": STAGES, "measure": MEASURES, "layer": LAYERS},
    about=lambda run: {"images": len(run.test_images(run.config.images))},
    variables=[
        variable("alignment", "measure layer stage net", "likeness of a network and the next one"),
    ],
    statistics=[
        statistic(
            f"first_epoch_{measure.lower()}",
            share_gained(measure, "conv_3", "one epoch"),
            f"part of the whole gain in {measure} of Conv_3 that the first epoch brings",
        )
        for measure in MEASURES
    ],
    facts=[
        fact("{measure}_{layer}_{stage}", "alignment"),
        *(
            fact(
                f"gained_{measure.lower()}_{stage.replace(' ', '_')}",
                share_gained(measure, "conv_3", stage),
                ".0%",
            )
            for measure in MEASURES
            for stage in STAGES[1:4]
        ),
        *(
            fact(
                f"rise_{measure.lower()}",
                at("alignment", measure=measure, layer="conv_3", stage=STAGES[-1])
                - at("alignment", measure=measure, layer="conv_3", stage=STAGES[0]),
                "+.2f",
            )
            for measure in MEASURES
        ),
    ],
)
def alignment_by_epoch(run: Measurement[PairsConfig]) -> Measured:
    """How alike each network and the next one are, by measure, layer and stage."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    images = run.test_images(run.config.images)
    stages = [[untrained(net) for net in run.reference], *(run.nets[recipe] for recipe in RECIPES)]
    alike = []
    for nets in stages:
        views = [view_layers(net, images) for net in nets]
        alike.append([likeness(first, second) for first, second in in_a_ring(views, views)])
    return {"alignment": np.moveaxis(np.array(alike), (0, 1), (2, 3))}
