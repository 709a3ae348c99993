"""How nets learn, what a recipe's parts give, which digits are confused: drawn as it was measured."""

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex

from cnnbook.figures.classes import confusion_figure
from cnnbook.figures.learning import learning_curves_figure, recipe_parts_figure
from cnnbook.figures.style import LIGHT


def line(ax, gid) -> Any:
    (found,) = [item for item in ax.lines if item.get_gid() == gid]
    return found


def test_every_net_has_its_curve_and_net_0_is_on_top(accuracy, palette, texts):
    figure = learning_curves_figure(accuracy, palette=palette)
    upper: Any = figure.axes[0]
    assert upper.get_yscale() == "log"
    assert len(upper.lines) == 3
    assert upper.lines[-1] is line(upper, "net 0")
    assert line(upper, "net 0").get_xdata() == pytest.approx(accuracy["segment"].values)
    assert line(upper, "net 0").get_ydata() == pytest.approx(accuracy["loss_curve"].values[0])
    assert {"net 0, drawn in this book", "the other 2"} <= set(texts(figure))


def test_the_schedule_stands_below_on_the_same_epochs(accuracy):
    upper, lower = learning_curves_figure(accuracy, palette=LIGHT).axes
    assert line(lower, "rate").get_ydata() == pytest.approx(accuracy["learning_rate"].values)
    assert upper.get_xlim() == lower.get_xlim()
    assert upper.get_position().x0 == lower.get_position().x0
    assert lower.get_ylim()[0] == 0


def test_losses_are_numbered_as_people_write_them(accuracy, texts):
    figure = learning_curves_figure(accuracy * 1.0, palette=LIGHT)
    assert "0.5" in texts(figure)
    assert not any("times" in text for text in texts(figure))


def test_one_net_has_no_others(accuracy, texts):
    assert not any(
        "other" in text for text in texts(learning_curves_figure(accuracy.isel(net=[0]), palette=LIGHT))
    )


def test_a_dataset_without_curves_is_refused(accuracy):
    with pytest.raises(ValueError, match=r"no variable 'loss_curve'; it has test_accuracy"):
        learning_curves_figure(accuracy.drop_vars("loss_curve"), palette=LIGHT)


def test_a_variant_has_a_dot_a_net_its_mean_and_its_interval_around_zero(recipes, palette):
    ax: Any = recipe_parts_figure(recipes, palette=palette).axes[0]
    assert list(line(ax, "zero").get_xdata()) == [0, 0]
    dots = [item for item in ax.lines if item.get_gid() != "zero"]
    assert dots[0].get_xdata() == pytest.approx([-0.12, -0.10, -0.08])
    assert dots[1].get_xdata() == pytest.approx([-0.10])
    (ends,) = ax.collections[0].get_segments()
    assert ends[:, 0] == pytest.approx([-0.15, -0.05])


def test_the_reference_is_the_line_at_zero_and_has_no_row(recipes, texts):
    figure = recipe_parts_figure(recipes, palette=LIGHT)
    assert figure.axes[0].get_ylim() == (3, 0)
    assert "the book's recipe" not in texts(figure)
    assert {"without momentum", "without L2", "with warps"} <= set(texts(figure))


def test_only_an_interval_that_leaves_out_zero_is_coloured(recipes):
    ax: Any = recipe_parts_figure(recipes, palette=LIGHT).axes[0]
    colours = [to_hex(item.get_edgecolor()[0]) for item in ax.collections]
    assert colours == [LIGHT.orange, LIGHT.faint, LIGHT.green]


def test_differences_are_written_with_sign_and_interval(recipes, texts):
    found = texts(recipe_parts_figure(recipes, palette=LIGHT))
    assert {"−0.10 (−0.15 to −0.05)", "+0.13 (+0.06 to +0.20)"} <= set(found)


def test_a_single_net_has_a_difference_and_no_interval(recipes, texts):
    one = recipes.isel(net=[0]).assign(difference_interval=recipes["difference_interval"] * np.nan)
    figure = recipe_parts_figure(one, palette=LIGHT)
    assert "−0.12" in texts(figure)
    assert not figure.axes[0].collections


def test_a_variant_of_fewer_nets_is_drawn_with_those_that_there_are(recipes, texts):
    few = recipes.copy(deep=True)
    few["difference"][1, 2] = np.nan
    figure = recipe_parts_figure(few, palette=LIGHT)
    dots: Any = figure.axes[0].lines[1:]
    assert len(dots[0].get_xdata()) == 2
    assert "−0.11 (−0.15 to −0.05)" in texts(figure)
    assert np.isfinite(figure.axes[0].get_xlim()).all()


def test_the_longest_name_of_a_recipe_stays_inside_the_figure(recipes):
    names = ["the book's recipe", "two convolutions before pooling", "without L2", "with warps"]
    figure = recipe_parts_figure(recipes.assign_coords(called=("recipe", names)), palette=LIGHT)
    FigureCanvasAgg(figure).draw()
    assert min(text.get_window_extent().x0 for text in figure.texts) >= 0


def test_variants_that_change_nothing_can_be_drawn(recipes):
    assert recipe_parts_figure(recipes * 0.0, palette=LIGHT).axes


def test_recipes_without_names_are_refused(recipes):
    with pytest.raises(ValueError, match=r"no coordinate 'called'; it has recipe"):
        recipe_parts_figure(recipes.drop_vars("called"), palette=LIGHT)


def test_matrices_show_mean_errors_on_one_scale_and_leave_out_what_is_right(mlps, palette):
    figure = confusion_figure(mlps, palette=palette, kinds=["CNN", "small MLP"])
    images: list[Any] = [figure.axes[place].images[0] for place in range(2)]
    assert [image.get_clim() for image in images] == [(0, 20)] * 2
    cnn, mlp = (image.get_array() for image in images)
    assert (cnn[4, 9], mlp[7, 2]) == (1.5, 20)
    for shown in (cnn, mlp):
        assert np.array_equal(np.ma.getmaskarray(shown), np.eye(10, dtype=bool))


def test_rows_are_true_digits_and_columns_answers(mlps):
    ax: Any = confusion_figure(mlps, palette=LIGHT, kinds=["CNN"]).axes[0]
    (number,) = ax.texts
    assert (number.get_position(), number.get_text()) == ((9, 4), "1.5")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("answer", "true digit")
    assert ax.get_ylim() == (9.5, -0.5)


def test_errors_of_each_kind_are_summed_up_above_its_matrix(mlps, texts):
    found = texts(confusion_figure(mlps, palette=LIGHT))
    assert found.count("32 errors a net") == 2  # 12.5 and 20
    assert "2 errors a net" in found


def test_networks_without_an_error_can_be_drawn(mlps):
    correct = mlps.assign(confusion=mlps["confusion"] * np.eye(10, dtype=int))
    assert not any(ax.texts for ax in confusion_figure(correct, palette=LIGHT).axes[:3])


def test_no_error_is_background_and_the_most_is_the_accent(mlps, palette):
    image: Any = confusion_figure(mlps, palette=palette).axes[0].images[0]
    assert (to_hex(image.cmap(0.0)), to_hex(image.cmap(1.0))) == (palette.background, palette.blue)


def test_a_kind_that_was_not_measured_is_refused(mlps):
    with pytest.raises(ValueError, match=r"kind='RNN': expected one of CNN, small MLP, wide MLP"):
        confusion_figure(mlps, palette=LIGHT, kinds=["RNN"])


@pytest.mark.parametrize("draw", ["curves", "parts", "confusion"])
def test_what_is_offered_for_download_draws_the_same_picture(draw, accuracy, recipes, mlps, svg):
    function, data = {
        "curves": (learning_curves_figure, accuracy),
        "parts": (recipe_parts_figure, recipes),
        "confusion": (confusion_figure, mlps),
    }[draw]
    drawn: Any = function
    assert svg(drawn(drawn.drawn_from(data), palette=LIGHT)) == svg(drawn(data, palette=LIGHT))
