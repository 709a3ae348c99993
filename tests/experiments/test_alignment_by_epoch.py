"""When networks become alike: parts of the gain by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments.alignment_by_epoch import RECIPES, STAGES, share_gained
from cnnbook.experiments.network_pairs import LAYERS, MEASURES
from synthetic import measured, statistic_from


@pytest.fixture
def alike():
    """From 0.2 to 0.8 on Conv_3 in CKA, with 0.65 after the first epoch; elsewhere nothing happens."""
    values = np.full((len(MEASURES), len(LAYERS), len(STAGES), 2), 0.5)
    values[0, 2] = np.array([0.2, 0.35, 0.5, 0.65, 0.8])[:, None]
    return {"alignment": ("measure layer stage net", values)}


COORDS = {"measure": MEASURES, "layer": LAYERS, "stage": STAGES}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("first_epoch_cka", 0.75), ("first_epoch_procrustes", 0), ("first_epoch_permutation", 0)],
)
def test_the_first_epoch_is_given_as_a_part_of_the_whole_gain(alike, name, expected):
    assert statistic_from("alignment_by_epoch", name, alike, **COORDS).mean() == pytest.approx(expected)


def test_each_stage_has_its_part(alike):
    dims, values = alike["alignment"]
    result = xr.Dataset({"alignment": (dims.split(), values)}, {k: list(v) for k, v in COORDS.items()})
    parts = [share_gained("CKA", "conv_3", stage)(result).mean().item() for stage in STAGES]
    assert parts == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_stages_stand_under_their_names(nets, few_digits):
    """The networks of the last stage are two that are the same; those of the others differ."""
    given = {recipe: nets[:2] for recipe in RECIPES[:3]} | {"reference": (nets[0], nets[0])}
    found = measured("alignment_by_epoch", few_digits, given).alignment
    np.testing.assert_allclose(found.sel(stage=STAGES[-1], measure="CKA"), 1, atol=1e-5)
    np.testing.assert_allclose(found.sel(stage=STAGES[0], measure="CKA"), 1, atol=1e-5)
    for stage in STAGES[1:4]:
        assert found.sel(stage=stage, measure="permutation", layer="conv_3").max() < 0.99


def test_a_network_alone_is_refused(nets, few_digits):
    given = {recipe: nets[:2] for recipe in RECIPES} | {"one-epoch": nets[:1]}
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'one-epoch', expected at least 2"):
        measured("alignment_by_epoch", few_digits, given)
