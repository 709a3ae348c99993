"""A network beside others of other recipes: copies, and fewer maps."""

import numpy as np
import pytest

from cnnbook.experiments.recipe_likeness import CALLED, UNTRAINED
from synthetic import facts, measured


def test_kinds_stand_under_their_names(nets, few_digits):
    """The networks of one recipe are the book's own in turn: each is compared with itself."""
    given = {recipe: nets[:2] for recipe in CALLED} | {"adversarial": nets[1::-1], "narrow": nets}
    found = measured("recipe_likeness", few_digits, given)
    of_codes = found.alike.sel(layer="conv_3")
    np.testing.assert_allclose(of_codes.sel(kind=CALLED["adversarial"], measure="CKA"), 1, atol=1e-5)
    for kind in (*CALLED.values(), UNTRAINED):
        if kind != CALLED["adversarial"]:
            assert of_codes.sel(kind=kind, measure="CKA").max() < 0.999
    np.testing.assert_allclose(found.alike.sel(kind="same recipe"), found.alike.sel(kind="input B"))
    assert facts("recipe_likeness", found)["pairs"] == "2"


def test_a_network_alone_is_refused(nets, few_digits):
    given = {recipe: nets[:2] for recipe in CALLED} | {"narrow": nets[:1]}
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'narrow', expected at least 2"):
        measured("recipe_likeness", few_digits, given)
