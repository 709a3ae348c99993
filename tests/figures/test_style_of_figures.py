from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from cnnbook.figures.activations import activation_colours, activation_scale
from cnnbook.figures.classes import common_points_figure, confusion_figure
from cnnbook.figures.digits import digits_figure, journey_figure
from cnnbook.figures.kernels import likeness_figure
from cnnbook.figures.learning import accuracy_figure, learning_curves_figure, recipe_parts_figure
from cnnbook.figures.maps import compare_maps_figure, maps_figure
from cnnbook.figures.network import network_figure
from cnnbook.figures.page import Page
from cnnbook.figures.pictures import Scale, add_pictures
from cnnbook.figures.receptive import receptive_fields_figure
from cnnbook.figures.style import DARK, LIGHT, SMALL, contrast_ratio, tint


def test_contrast_of_black_on_white_is_21_and_of_a_colour_on_itself_is_1():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#56b4e9", "#56b4e9") == 1
    assert contrast_ratio("#767676", "#ffffff") == pytest.approx(
        4.54, abs=0.01
    )  # WCAG's own example of a pass


def test_everything_written_has_a_contrast_of_four_and_a_half(palette):
    for colour in (palette.ink, palette.faint, *palette.accents):
        assert contrast_ratio(colour, palette.background) >= 4.5


def test_accents_differ_from_each_other(palette):
    assert len(set(palette.accents)) == 4


def test_boxes_on_maps_stand_out_from_every_activation(palette):
    shades = [to_hex(colour) for colour in np.asarray(activation_colours()([0.0, 0.3, 0.6, 1.0]))]
    for shade in (*shades, "#000000"):
        assert max(contrast_ratio(palette.mark, shade), contrast_ratio(palette.halo, shade)) >= 3


def test_palettes_are_named_after_their_theme():
    assert (LIGHT.name, DARK.name) == ("light", "dark")


def test_mix_goes_from_background_to_colour():
    assert tint("#204060", "#ffffff", 0.0) == "#ffffff"
    assert tint("#204060", "#ffffff", 1.0) == "#204060"
    assert tint("#000000", "#ffffff", 0.5) == "#808080"


def test_places_are_inches_from_the_top_left_corner():
    page = Page(4.0)
    page.chart((1.0, 0.5, 2.0, 3.0))
    page.write(4.0, 1.0, "here")
    figure = page.figure(LIGHT)
    box = figure.axes[0].get_position()
    assert (box.x0, box.x1, box.y0, box.y1) == pytest.approx((1 / 8, 3 / 8, 0.5 / 4, 3.5 / 4))
    assert figure.texts[0].get_position() == pytest.approx((0.5, 0.75))


def test_pictures_in_rows_lie_where_they_are_asked_for_on_axes_of_their_own_size():
    """Three pictures of one inch, two in a row, half an inch apart, and a quarter between rows."""
    page = Page(4.0)
    add_pictures(page, np.eye(3)[:, None], Scale(), 1.0, 0.5, 1.0, columns=2, gaps=(0.5, 0.25))
    (ax,) = page.figure(LIGHT).axes
    box = ax.get_position()
    assert (box.x0, box.x1, box.y0, box.y1) == pytest.approx((1 / 8, 3.5 / 8, 1.25 / 4, 3.5 / 4))
    images: list[Any] = list(ax.images)
    extents = [(0, 1, 1, 0), (1.5, 2.5, 1, 0), (0, 1, 2.25, 1.25)]
    assert [image.get_extent() for image in images] == [pytest.approx(extent) for extent in extents]
    assert [image.get_array().tolist() for image in images] == [[row] for row in np.eye(3).tolist()]
    assert (ax.get_xlim(), ax.get_ylim()) == (pytest.approx((0, 2.5)), pytest.approx((2.25, 0)))
    frames = [path.get_extents().bounds for path in ax.collections[0].get_paths()]
    assert frames == [pytest.approx((left, top, 1, 1)) for left, _, _, top in extents]


def test_zero_has_a_colour_of_its_own_and_gaps_have_none():
    colours, scale = activation_colours(), activation_scale(4.0)
    zero, little, most, gap = np.asarray(colours(scale([0.0, 0.001, 4.0, float("nan")])))
    assert contrast_ratio(to_hex(zero), to_hex(little)) >= 1.25
    assert contrast_ratio(to_hex(zero), to_hex(most)) >= 15
    assert gap[3] == 0


def test_activations_grow_brighter():
    shades = [to_hex(colour) for colour in np.asarray(activation_colours()([0.0, 0.25, 0.5, 0.75, 1.0]))]
    for darker, brighter in pairwise(shades):
        assert contrast_ratio("#000000", darker) < contrast_ratio("#000000", brighter)


def test_a_layer_that_is_silent_everywhere_still_has_a_scale():
    assert activation_scale(0.0).vmax == 1


def test_an_unknown_colour_map_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match=r"cmap='rainbow': expected one of magma, gray, jet"):
        activation_colours("rainbow")


def test_matplotlibs_settings_stay_as_they_are(maps_of_digits):
    before = dict(matplotlib.rcParams)
    maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digit="one")
    assert dict(matplotlib.rcParams) == before


def test_no_text_is_smaller_than_nine_points(
    maps_of_digits, geometry, common_points, likeness, accuracy, recipes, mlps
):
    figures = [
        accuracy_figure(accuracy, palette=LIGHT),
        common_points_figure(common_points, palette=LIGHT, layer="conv_3"),
        compare_maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3"),
        confusion_figure(mlps, palette=LIGHT),
        digits_figure(maps_of_digits, palette=LIGHT),
        journey_figure(maps_of_digits, palette=LIGHT),
        learning_curves_figure(accuracy, palette=LIGHT),
        likeness_figure(likeness, palette=LIGHT),
        maps_figure(maps_of_digits, palette=LIGHT, layer="conv_3", digit="one"),
        network_figure(geometry, palette=LIGHT, dense=(100, 10)),
        receptive_fields_figure(geometry, maps_of_digits["image"][0], palette=LIGHT),
        recipe_parts_figure(recipes, palette=LIGHT),
    ]
    for figure in figures:
        for text in figure.findobj(Text):
            shown = text.get_text() and text.get_visible()
            assert not shown or float(text.get_fontsize()) >= SMALL == 9
