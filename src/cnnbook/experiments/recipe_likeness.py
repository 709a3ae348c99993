"""How alike is a network to one that was trained on other images, or that has half as many maps?

The first networks of the book's recipe are compared with networks that started differently: of the same
recipe, with input B, from images that were moved and bent, from images that were changed against the network,
and with half as many maps. Null: two networks before training. Where numbers of maps differ there is no
permutation; a map's best partner stands in its place, which several maps may share.
"""

import numpy as np

from cnnbook.experiments.experiment import Measured, Measurement, experiment, fact, variable
from cnnbook.experiments.network_pairs import (
    LAYERS,
    PairsConfig,
    check_enough,
    in_a_ring,
    likeness,
    view_layers,
)
from cnnbook.fcp.matching import best_partners
from cnnbook.training.initial import untrained

CALLED = {
    "reference": "same recipe",
    "standardised": "input B",
    "augmented": "moved and bent images",
    "adversarial": "adversarial images",
    "narrow": "half as many maps",
}
"""What the other network differs by, by its recipe."""

UNTRAINED = "both before training"

MEASURES = ("CKA", "Procrustes", "best partner")
"""How alike two layers are: up to a rotation of all points, up to one of the maps, and map by map."""


@experiment(
    config=PairsConfig(),
    draft=PairsConfig(images=100),
    nets=tuple(CALLED),
    together=True,
    coords={"kind": (*CALLED.values(), UNTRAINED), "measure": MEASURES, "layer": LAYERS},
    about=lambda run: {"images": len(run.test_images(run.config.images))},
    variables=[variable("alike", "kind measure layer pair", "likeness of two networks")],
    facts=[
        fact("{measure}_{layer}_{kind}", "alike"),
        fact("pairs", lambda r: r.sizes["pair"], ".0f"),
    ],
)
def recipe_likeness(run: Measurement[PairsConfig]) -> Measured:
    """Every measure of every layer, by what the other network differs by, and pair of networks."""
    for recipe, nets in run.nets.items():
        check_enough(nets, recipe)
    count, images = min(map(len, run.nets.values())), run.test_images(run.config.images)
    book = [view_layers(net, images) for net in run.reference[:count]]
    alike = []
    for recipe in CALLED:
        others = [view_layers(net, images) for net in run.nets[recipe][:count]]
        alike.append([likeness(*pair, partners=best_partners) for pair in in_a_ring(book, others)])
    before = [view_layers(untrained(net), images) for net in run.reference[:count]]
    alike.append([likeness(*pair, partners=best_partners) for pair in in_a_ring(before, before)])
    return {"alike": np.moveaxis(np.array(alike), 1, 3)}
