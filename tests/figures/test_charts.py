"""Falling lines that show shares."""

import numpy as np
import pytest

from cnnbook.figures.charts import exceedance_plot
from cnnbook.figures.style import LIGHT


def figure_of(*kinds):
    named = [(f"kind {k}", np.array(values)) for k, values in enumerate(kinds)]
    return exceedance_plot(named, title="Shares", label="height", things="pictures").figure(LIGHT)


def test_a_line_falls_by_the_share_of_each_value_and_leaves_out_what_is_not_a_number():
    (line,) = figure_of([0.25, 0.75, np.nan, 0.75, 0.75]).axes[0].lines
    drawn = np.asarray(line.get_ydata())
    assert drawn[[0, 25, 26, 75, 76]].tolist() == [100, 100, 75, 75, 0]


def test_more_series_than_lines_that_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="series: 6 of them, expected at most 5"):
        figure_of(*[[0.5]] * 6)
