"""Numbers as pages write them."""

import numpy as np
import pytest

from cnnbook.formatting import format_number, listed


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.125, ".2f", "0.12"),
        (-0.5, ".2f", "−0.50"),
        (-0.001, ".2f", "0.00"),
        (-0.001, "+.2f", "+0.00"),
        (0.5, "+.2f", "+0.50"),
        (-1234.4, ",.0f", "−1,234"),
        (-0.0000012, ".0e", "−1e−06"),
        (np.float32(0.25), ".0%", "25%"),
        (np.nan, ".2f", "–"),
    ],
)
def test_a_number_has_a_true_minus_none_before_zero_and_a_dash_for_none(value, form, text):
    assert format_number(value, form) == text


@pytest.mark.parametrize(
    ("names", "phrase"),
    [(["a", "b", "c"], "a, b and c"), (["a", "b"], "a and b"), (["a"], "a"), ([], "nothing")],
)
def test_names_are_listed_as_a_phrase(names, phrase):
    assert listed(names, none="nothing") == phrase
