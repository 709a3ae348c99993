"""The article's statements on maps made by hand, a true and a false case of each; and resampled shares."""

import numpy as np
import pytest

from cnnbook.fcp import statements
from cnnbook.fcp.statements import (
    STATEMENTS,
    MapFindings,
    between_classes,
    find_on_maps,
    join_findings,
    share_by_resample,
    true_statements,
)

FIVE = np.array([[0, 1, 2, 3, 4]])


def seen(**given) -> MapFindings:
    """Five images of which nothing is true but what is given."""
    nothing = {
        "lying": np.zeros(5, int),
        "empty_2": np.zeros((5, 4), bool),
        "slanted": np.zeros((5, 4), bool),
        "empty_3": np.zeros((5, 4), bool),
        "strong": np.zeros((5, 3), bool),
        "directions": np.tile([1.0, 0.0, 0.0], (5, 1)),
    }
    return MapFindings(**(nothing | given))


def is_true(number: int, between: float = 0.0, **given) -> bool:
    """Whether a statement is, of these five."""
    return bool(true_statements(seen(**given), FIVE, between=between)[0, number])


def table(*rows: int | list[int]) -> np.ndarray:
    return np.array(rows, bool)


def test_more_horizontal_maps_must_be_there_on_each_4():
    assert is_true(0, lying=np.array([1, 2, 1, -5, -5]))
    assert not is_true(0, lying=np.array([1, 0, 1, 5, 5]))


def test_maps_are_empty_for_the_4s_if_one_is_for_all_three():
    assert is_true(1, empty_2=table([1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0] * 4, [0] * 4))
    assert not is_true(1, empty_2=table([1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [1] * 4, [1] * 4))


def test_they_are_the_same_maps_if_hardly_any_is_active_for_the_1_or_the_2():
    all_four, three = [1, 1, 1, 1], [1, 1, 1, 0]
    assert is_true(2, empty_2=table(three, all_four, three, three, all_four))
    assert not is_true(2, empty_2=table(all_four, all_four, all_four, three, all_four))
    assert not is_true(2)  # where no map is empty there are none of which it could be said


def test_lines_at_75_degrees_must_be_on_one_map_of_all_4s():
    assert is_true(3, slanted=table([1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0] * 4, [0] * 4))
    assert not is_true(3, slanted=table([1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0], [1] * 4, [1] * 4))


def test_4s_differ_a_lot_if_they_are_nearer_to_another_digit_than_to_themselves():
    """Cosines of 0.6 are half-way from 0.2, a 4 and another digit, to 1."""
    unlike = np.array([[1, 0, 0], [0.6, 0.8, 0], [0.6, 0.24, np.sqrt(1 - 0.36 - 0.24**2)]])
    given = {"directions": np.concatenate([unlike, np.eye(3)[[2, 2]]])}
    cosines = unlike @ unlike.T
    mean = cosines[[0, 0, 1], [1, 2, 2]].mean()
    assert mean == pytest.approx((0.6 + 0.6 + 0.552) / 3)
    assert is_true(4, between=0.2, **given)
    assert not is_true(4, between=0.1, **given)


def test_two_points_must_be_common_to_the_4s():
    assert is_true(5, strong=table([1, 1, 0], [1, 1, 1], [1, 1, 0], [0] * 3, [0] * 3))
    assert not is_true(5, strong=table([1, 1, 0], [1, 0, 1], [1, 1, 0], [1] * 3, [1] * 3))


def test_the_1_and_the_2_must_both_be_less_like_the_4s_than_these_are_among_themselves():
    fours = np.tile([1.0, 0.0, 0.0], (3, 1))
    assert is_true(6, directions=np.concatenate([fours, [[0, 1, 0], [0.8, 0.6, 0]]]))
    assert not is_true(6, directions=np.concatenate([fours, [[1, 0, 0], [0.8, 0.6, 0]]]))


def test_empty_maps_say_more_on_conv_3_if_a_larger_share_is_active_for_the_others():
    """On Conv_2 one of two empty maps is active for the 1."""
    empty_2 = table([1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0])
    most = table(*[[1, 1, 1, 0]] * 3, [1, 0, 0, 0], [1, 1, 0, 0])
    assert is_true(7, empty_2=empty_2, empty_3=most)
    assert not is_true(7, empty_2=empty_2, empty_3=empty_2)


def test_each_statement_has_a_column_and_many_choices_are_made_in_parts(monkeypatch):
    monkeypatch.setattr(statements, "_AT_ONCE", 2)
    given = seen(lying=np.array([1, 1, 1, 0, 0]))
    made = true_statements(given, np.array([[0, 1, 2, 3, 4], [3, 1, 2, 0, 4], [2, 1, 0, 4, 3]]), between=0.0)
    assert made.shape == (3, len(STATEMENTS))
    assert made[:, 0].tolist() == [True, False, True]


def test_a_choice_of_other_than_five_is_refused():
    with pytest.raises(ValueError, match=r"choices: shape \(1, 4\), expected \(n, 5\)"):
        true_statements(seen(), FIVE[:, :4], between=0.0)


def test_what_is_seen_of_maps_made_by_hand():
    """Image 0 has lines along rows on map 0, image 1 a standing one; map 2 is empty."""
    conv_2, conv_3 = np.zeros((2, 6, 6, 3)), np.zeros((2, 2, 2, 2))
    conv_2[0, ::2, :, :2] = 1
    conv_2[1, :, 2, 0] = 1
    conv_3[0, 0, 0, 0], conv_3[0, 0, 1, 0] = 3, 4
    found = find_on_maps(conv_2, conv_3, margin=0.1, share=0.125)
    assert found.lying.tolist() == [2, -1]
    assert found.empty_2.tolist() == [[False, False, True], [False, True, True]]
    assert found.empty_3.tolist() == [[False, True], [True, True]]
    np.testing.assert_allclose(found.directions[0].reshape(2, 2, 2)[0, :, 0], [0.6, 0.8], atol=1e-6)
    assert found.strong.sum(axis=1).tolist() == [1, 0]
    assert not found.slanted.any()
    both = join_findings([found, found])
    assert both.lying.tolist() == [2, -1, 2, -1]
    assert between_classes(both, np.array([True, False, False, False])) == pytest.approx(1 / 3)


def test_shares_of_a_resample_count_choices_by_their_images():
    """Without image 2 the choice that agrees counts 1 − 1 for it, and 1 + 1 for the doubled image 0."""
    agrees, choices = np.array([True, False]), np.array([[0, 2], [1, 3]])
    weights = np.array([[1, 1, 1, 1.0], [2, 1, 0, 1], [2, 2, 0, 0], [3, 1, 0, 0]])
    found = share_by_resample(agrees, choices, weights)
    np.testing.assert_allclose(found, [1 / 2, 1 / 2, 1 / 2, 1])
