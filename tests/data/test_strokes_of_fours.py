"""Drawn 4s: strokes where the parameters say, parts removed and moved, and strokes that leave the canvas."""

from dataclasses import replace

import numpy as np
import pytest

from cnnbook.data.strokes import (
    CHANGES,
    MOVES,
    PARTS,
    Four,
    Stroke,
    centred,
    draw,
    drawn,
    with_a_part_moved,
    without,
)

UPRIGHT = Four(slant=0.0)


def test_a_stroke_has_its_width_and_its_length():
    """Rows 12 to 15 about 13.5: ink 3 for each column, 14 columns and round ends; the blur takes a tenth."""
    image = draw({"bar": Stroke((13.5, 6.0), (13.5, 20.0))}, width=3).astype(float) / 255
    assert image[:, 13].sum() == pytest.approx(3, abs=0.1)
    assert image[13, 13] == image[14, 13] == pytest.approx(0.9, abs=0.1)
    assert image[13].sum() == pytest.approx(0.94 * (14 + 3), abs=0.4)
    assert image[:10].sum() == image[18:].sum() == 0


def test_a_stroke_of_no_length_is_a_dot():
    image = draw({"bar": Stroke((10.0, 10.0), (10.0, 10.0))}, width=2)
    assert image.argmax() == 10 * 28 + 10
    np.testing.assert_array_equal(image[:21, :21], image[:21, :21].T)


def test_a_whole_four_lies_in_the_middle_and_its_parts_stay_there():
    whole = draw(centred(Four(), Four().strokes), width=2.4).astype(float)
    rows, columns = np.mgrid[:28, :28]
    assert (whole * rows).sum() / whole.sum() == pytest.approx(13.5, abs=0.3)
    assert (whole * columns).sum() / whole.sum() == pytest.approx(13.5, abs=0.3)
    for part in PARTS:
        rest = centred(Four(), without(Four(), part))
        assert part not in rest
        assert all(rest[name] == centred(Four(), Four().strokes)[name] for name in rest)


def test_a_slant_moves_the_upper_end_to_the_right():
    four = replace(UPRIGHT, slant=0.2)
    (_, upright_top), (_, upright_foot) = centred(UPRIGHT, UPRIGHT.strokes)["stem"]
    (top, top_column), (foot, foot_column) = centred(four, four.strokes)["stem"]
    assert upright_top == upright_foot
    assert top_column - foot_column == pytest.approx(0.2 * (foot - top))


@pytest.mark.parametrize(
    ("move", "part", "expected"),
    [
        ("bar at the foot", "bar", ((23.0, 7.5), (23.0, 20.0))),
        ("bar at the top", "bar", ((6.0, 7.5), (6.0, 20.0))),
        ("arm below the bar", "arm", ((23.0, 9.0), (15.5, 7.5))),
        ("stem at the left", "stem", ((6.0, 7.5), (23.0, 7.5))),
    ],
)
def test_a_part_is_moved_and_the_others_stay(move, part, expected):
    moved = with_a_part_moved(UPRIGHT, move)
    assert moved[part] == expected
    assert all(moved[name] == UPRIGHT.strokes[name] for name in PARTS if name != part)
    assert move in MOVES


@pytest.mark.parametrize(
    ("change", "part", "begin", "end"),
    [
        ("bar shortened", "bar", ((15.5, 7.5), (15.5, 20.0)), ((15.5, 7.5), (15.5, 7.5))),
        ("stem shortened", "stem", ((6.0, 17.0), (23.0, 17.0)), ((6.0, 17.0), (15.5, 17.0))),
        ("arm shortened", "arm", ((6.0, 9.0), (15.5, 7.5)), ((15.5, 7.5), (15.5, 7.5))),
        ("top closed", "arm", ((6.0, 9.0), (15.5, 7.5)), ((6.0, 17.0), (15.5, 7.5))),
        ("bar lowered", "bar", ((6.0, 7.5), (6.0, 20.0)), ((23.0, 7.5), (23.0, 20.0))),
        ("stem moved left", "stem", ((6.0, 20.0), (23.0, 20.0)), ((6.0, 7.5), (23.0, 7.5))),
    ],
)
def test_a_parameter_runs_from_one_end_to_the_other(change, part, begin, end):
    first, last = CHANGES[change](UPRIGHT, 0.0), CHANGES[change](UPRIGHT, 1.0)
    assert (first[part], last[part]) == (begin, end)
    assert all(first[name] == last[name] for name in PARTS if name != part)


def test_images_are_as_wide_as_their_4s_say():
    thin, thick = drawn([replace(UPRIGHT, width=1.5), replace(UPRIGHT, width=3.0)], [UPRIGHT.strokes] * 2)
    assert 1.6 < thick.sum() / thin.sum() < 2.2
    assert (thin.shape, thin.dtype) == ((28, 28), np.uint8)


def test_a_stroke_outside_the_canvas_is_refused():
    with pytest.raises(
        ValueError, match=r"bar: ends at row=5.0, column=27.5; expected both from 0 to 27, on the canvas"
    ):
        draw({"bar": Stroke((5.0, 3.0), (5.0, 27.5))}, width=2)


def test_a_stroke_without_width_is_refused():
    with pytest.raises(ValueError, match=r"width=0: expected more than 0 pixels"):
        draw(UPRIGHT.strokes, width=0)


def test_an_unknown_part_or_move_is_named():
    with pytest.raises(ValueError, match="part='roof': expected one of bar, stem, arm"):
        without(UPRIGHT, "roof")
    with pytest.raises(ValueError, match="move='up': expected one of bar at the foot, bar at the top"):
        with_a_part_moved(UPRIGHT, "up")
