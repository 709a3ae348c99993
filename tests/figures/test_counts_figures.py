from typing import Any

import numpy as np
import pytest

from cnnbook.figures.classes import common_points_figure, histogram
from cnnbook.figures.kernels import likeness_figure, separate_labels
from cnnbook.figures.learning import accuracy_figure
from cnnbook.figures.style import LIGHT


def line(ax, gid) -> Any:
    (found,) = [item for item in ax.lines if item.get_gid() == gid]
    return found


def test_a_distribution_holds_every_triple_once():
    shares = histogram(np.array([0, 0, 1, 3]), np.array([0, 1, 2, 3, 4]))
    assert shares.tolist() == [0.5, 0.25, 0, 0.25]


def test_every_kind_has_its_whole_distribution_and_its_nets_means(common_points, palette):
    ax: Any = common_points_figure(common_points, palette=palette, layer="conv_3").axes[0]
    steps = [patch.get_data() for patch in ax.patches]
    assert len(steps) == 4
    areas = [(data.baseline - data.values).sum() for data in steps]
    assert areas == pytest.approx([areas[0]] * 4)
    count = common_points["count"].sel(layer="conv_3")
    for row, dots in enumerate(ax.lines[:4]):
        assert dots.get_xdata() == pytest.approx(count[row].mean("triple").values)
    assert steps[0].edges[-1] >= count.max()


def test_the_shown_triple_is_marked_for_every_net_and_named_for_the_drawn_one(common_points, texts):
    figure = common_points_figure(common_points, palette=LIGHT, layer="conv_3")
    lines: list[Any] = list(figure.axes[0].lines)
    every, drawn = lines[4:6]
    assert every.get_xdata().tolist() == [42, 50, 38]
    assert list(drawn.get_xdata()) == [42]
    assert {"shown 4s: 42", "expected: 1.2"} <= set(texts(figure))


def test_numbers_are_the_mean_over_nets_and_their_range(common_points, texts):
    figure = common_points_figure(common_points, palette=LIGHT, layer="conv_2")
    means = common_points["count"].sel(layer="conv_2", kind="three 4s").mean("triple").values
    assert f"{means.mean():.1f} ({means.min():.1f}–{means.max():.1f})" in texts(figure)


def test_a_layer_without_counts_is_refused(common_points):
    with pytest.raises(ValueError, match=r"layer='conv_1': expected one of conv_2, conv_3"):
        common_points_figure(common_points, palette=LIGHT, layer="conv_1")


def test_no_common_points_anywhere_can_be_drawn(common_points):
    nothing = common_points.assign(count=common_points["count"] * 0, shown=common_points["shown"] * 0)
    assert common_points_figure(nothing, palette=LIGHT, layer="conv_3").axes


def test_likeness_is_drawn_as_mean_and_range_over_nets(likeness, palette):
    ax: Any = likeness_figure(likeness, palette=palette).axes[0]
    for kind in likeness["kind"].values:
        means = likeness["likeness"].sel(kind=kind).mean("net").values
        assert line(ax, str(kind)).get_ydata() == pytest.approx(means)
    low, high = np.array(ax.collections[0].get_segments())[0, :, 1]
    assert (low, high) == pytest.approx((0.88, 0.92))
    assert ax.get_ylim() == (0, 1)
    assert [
        label.get_text() for label in ax.get_xticklabels()
    ] == "Conv_1 Pool_1 Conv_2 Pool_2 Conv_3".split()


def test_names_of_lines_that_end_together_stay_apart(likeness):
    (ax,) = likeness_figure(likeness, palette=LIGHT).axes
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert len(heights) == 3
    assert min(np.diff(heights)) >= 0.0749


def test_spread_moves_only_what_is_too_close_and_evenly():
    assert separate_labels(np.array([0.5, 0.1, 0.52]), 0.1).tolist() == pytest.approx([0.46, 0.1, 0.56])
    assert separate_labels(np.array([0.3, 0.3, 0.3]), 0.1).tolist() == pytest.approx([0.2, 0.3, 0.4])
    assert separate_labels(np.array([0.2, 0.3, 0.31]), 0.1).tolist() == pytest.approx([0.17, 0.27, 0.37])


def test_every_net_has_a_dot_and_the_mean_is_written(accuracy, palette, texts):
    figure = accuracy_figure(accuracy, palette=palette)
    ax: Any = figure.axes[0]
    assert ax.lines[1].get_xdata() == pytest.approx([99.40, 99.44, 99.42])
    assert "mean 99.42 %" in texts(figure)
    assert line(figure.axes[0], "net 0").get_xdata() == pytest.approx([99.40])


def test_every_net_has_its_interval_and_the_mean_a_band(accuracy):
    ax: Any = accuracy_figure(accuracy, palette=LIGHT).axes[0]
    (lines,) = ax.collections
    assert lines.get_segments()[1][:, 0] == pytest.approx([99.28, 99.58])
    (band,) = [patch for patch in ax.patches if patch.get_gid() == "mean's interval"]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((99.37, 99.47))
    assert ax.get_xlim()[0] < 99.24
    assert ax.get_xlim()[1] > 99.58


def test_the_mean_of_a_single_net_has_no_band(accuracy):
    one = accuracy.isel(net=[0]).assign(net_interval=accuracy["net_interval"] * np.nan)
    assert not accuracy_figure(one, palette=LIGHT).axes[0].patches


def test_every_net_has_its_loss_and_net_0_is_on_top(accuracy, texts):
    figure = accuracy_figure(accuracy, palette=LIGHT)
    losses = [item.get_ydata() for item in figure.axes[1].lines]
    assert len(losses) == 3
    assert losses[-1] == pytest.approx(accuracy["train_loss"].values[0])
    assert {"net 0, drawn in this book", "the other 2"} <= set(texts(figure))


def test_one_net_is_enough(accuracy, texts):
    figure = accuracy_figure(accuracy.isel(net=slice(1)), palette=LIGHT)
    assert not any("other" in text for text in texts(figure))


def test_a_dataset_without_losses_is_refused(accuracy):
    with pytest.raises(ValueError, match=r"no variable 'train_loss'; it has test_accuracy"):
        accuracy_figure(accuracy.drop_vars("train_loss"), palette=LIGHT)


@pytest.mark.parametrize("draw", ["common", "likeness", "accuracy"])
def test_drawn_twice_it_is_the_same_file(draw, common_points, likeness, accuracy, svg):
    drawings = {
        "common": lambda: common_points_figure(common_points, palette=LIGHT, layer="conv_3"),
        "likeness": lambda: likeness_figure(likeness, palette=LIGHT),
        "accuracy": lambda: accuracy_figure(accuracy, palette=LIGHT),
    }
    assert svg(drawings[draw]()) == svg(drawings[draw]())
