"""How alike are whole layers of two networks, however their maps are mixed?

Each network is compared with the next one of its recipe, and with one by the other recipe that started
differently. Nulls: networks before training, and networks that learned shuffled labels. The measures are
those of `network_pairs`; all three are 1 for a network and itself.
"""

import numpy as np

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
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

KINDS = ("same recipe", "other recipe", "shuffled labels", "before training")
"""Which networks are compared; the last two are nulls."""


@experiment(
    config=PairsConfig(),
    draft=PairsConfig(images=100),
    nets=("reference", "standardised", "shuffled-labels"),
    together=True,
    coords={"kind": KINDS, "measure": MEASURES, "layer": LAYERS},
    about=lambda run: {"images": len(run.test_images(run.config.images))},
    variables=[variable("alike", "kind measure layer net", "likeness of two networks")],
    facts=[fact("{measure}_{layer}_{kind}", "alike")],
)
def layer_likeness(run: Measurement[PairsConfig]) -> Measured:
    """Every measure of every layer, by kind of pair and network."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    images = run.test_images(run.config.images)
    book, other = (
        [view_layers(net, images) for net in run.nets[each]] for each in ("reference", "standardised")
    )
    alike = [[likeness(*pair) for pair in in_a_ring(book, second)] for second in (book, other)]
    del other
    for nets in (run.nets["shuffled-labels"], [untrained(net) for net in run.reference]):
        views = [view_layers(net, images) for net in nets]
        alike.append([likeness(*pair) for pair in in_a_ring(views, views)])
    return {"alike": np.moveaxis(np.array(alike), 1, 3)}
