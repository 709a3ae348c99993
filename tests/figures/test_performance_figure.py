from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

from cnnbook.figures.performance import inference_speed_figure, training_speed_figure
from cnnbook.figures.style import LIGHT, SMALL

NAMES = ["cnnbook", "Keras", "PyTorch"]


@pytest.fixture
def measured():
    speed = np.array(
        [
            [[9000.0, 9100, 9300], [4000, 4100, 3900], [5000, 5200, 5100]],
            [[15000, 15200, 14800], [8000, 8100, 8200], [np.nan] * 3],
        ]
    )
    return xr.Dataset(
        {
            "speed": (("work", "framework", "round"), speed),
            "goal": ("work", [7650.0, 14580]),
            "times": ("work", [1.5, 1.8]),
        },
        coords={"work": ["one network, batch 64", "ten networks, batch 64"], "framework": NAMES},
    )


@pytest.fixture
def maps():
    return xr.Dataset(
        {
            "maps_speed": (("framework", "round"), [[6000.0, 6200], [3000, 3100], [5000, 5100]]),
            "peak_memory": ("framework", [600.0, 900, 750]),
        },
        coords={"framework": NAMES},
    )


def rounds_of(ax: Any) -> dict[str, list[float]]:
    return {line.get_gid(): list(line.get_xdata()) for line in ax.lines if line.get_gid() in NAMES}


def test_every_round_is_a_dot_and_every_median_a_number(measured, palette, texts):
    figure = training_speed_figure(measured, palette=palette)
    assert rounds_of(figure.axes[0]) == dict(zip(NAMES, measured.speed.values[0].tolist(), strict=True))
    assert {"9,100", "4,000", "5,100", "15,000", "8,100"} <= set(texts(figure))


def test_a_median_is_marked_where_it_lies(measured):
    ax: Any = training_speed_figure(measured, palette=LIGHT).axes[0]
    places = [collection.get_segments()[0][0][0] for collection in ax.collections]
    assert places == [9100, 4000, 5100]


def test_a_framework_that_was_not_measured_has_no_row(measured):
    second: Any = training_speed_figure(measured, palette=LIGHT).axes[1]
    assert list(rounds_of(second)) == ["cnnbook", "Keras"]
    assert [label.get_text() for label in second.get_yticklabels()] == ["cnnbook", "Keras"]


def test_the_goal_is_a_line_at_its_speed_and_says_how_many_times(measured, texts):
    figure = training_speed_figure(measured, palette=LIGHT)
    goals: list[Any] = [line for ax in figure.axes for line in ax.lines if line.get_gid() == "goal"]
    assert [line.get_xdata()[0] for line in goals] == [7650, 14580]
    assert {"goal: 1.5 × the fastest peer", "goal: 1.8 × the fastest peer"} <= set(texts(figure))


def test_all_panels_share_one_scale_that_begins_at_zero(measured):
    limits = {ax.get_xlim() for ax in training_speed_figure(measured, palette=LIGHT).axes}
    ((low, high),) = limits
    assert low == 0
    assert high > 15200


def test_maps_have_their_speed_and_their_memory(maps, palette, texts):
    figure = inference_speed_figure(maps, palette=palette)
    assert rounds_of(figure.axes[0])["PyTorch"] == [5000, 5100]
    bars: Any = figure.axes[1].patches
    assert [bar.get_width() for bar in bars] == [600, 900, 750]
    assert {"6,100", "600 MB", "900 MB"} <= set(texts(figure))


def test_axes_say_what_they_count(measured, maps):
    speeds, found = (
        training_speed_figure(measured, palette=LIGHT),
        inference_speed_figure(maps, palette=LIGHT),
    )
    assert speeds.axes[-1].get_xlabel() == "training images a second"
    assert [ax.get_xlabel() for ax in found.axes] == ["images a second", "peak (MB)"]


def test_no_text_of_a_performance_figure_is_smaller_than_nine_points(measured, maps):

    for figure in (
        training_speed_figure(measured, palette=LIGHT),
        inference_speed_figure(maps, palette=LIGHT),
    ):
        sizes = [float(item.get_fontsize()) for item in figure.findobj(Text) if item.get_text()]  # pyright: ignore
        assert min(sizes) >= SMALL


def test_measurements_without_a_goal_are_refused(measured):
    with pytest.raises(ValueError, match=r"no variable 'goal'; it has speed, times"):
        training_speed_figure(measured.drop_vars("goal"), palette=LIGHT)


def test_drawn_twice_a_performance_figure_is_the_same_file(measured, maps, svg):
    for draw, data in ((training_speed_figure, measured), (inference_speed_figure, maps)):
        assert svg(draw(data, palette=LIGHT)) == svg(draw(data, palette=LIGHT))
