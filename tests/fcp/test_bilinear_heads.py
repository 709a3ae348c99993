"""A bilinear head by its eigenvectors: exact, on forms worked by hand."""

import numpy as np
import pytest

from cnnbook.fcp.bilinear import (
    BilinearHead,
    bilinear_head_of,
    effective_rank,
    eigen_form,
    margin_direction,
    matrix_of,
)


def one_product() -> BilinearHead:
    """Class 4 gets twice the product of points 0 and 1, and 0.5 in any case."""
    left, right, scores, bias = np.zeros((3, 1)), np.zeros((3, 1)), np.zeros((1, 10)), np.zeros(10)
    left[0], right[1], scores[0, 4], bias[4] = 1, 1, 2, 0.5
    return BilinearHead(left, right, scores, bias)


def random_head() -> BilinearHead:
    draw = np.random.default_rng(0).standard_normal
    return BilinearHead(draw((30, 4)), draw((30, 4)), draw((4, 10)), draw(10))


def test_a_product_of_two_points_is_a_sum_and_a_difference_squared():
    """2xy = ½(x + y)² − ½(x − y)²: eigenvalues 1 and −1 on (1, ±1)/√2."""
    form = eigen_form(one_product(), np.eye(10)[4])
    assert sorted(form.values.round(12).tolist()) == [-1, 1]
    plus = form.vectors[:, form.values > 0][:, 0]
    np.testing.assert_allclose(np.abs(plus), [np.sqrt(0.5), np.sqrt(0.5), 0], atol=1e-12)
    np.testing.assert_allclose(form(np.array([[3.0, 5.0, 7.0]])), [2 * 3 * 5 + 0.5])


def test_the_form_equals_the_heads_margin():
    head, codes = random_head(), np.random.default_rng(1).standard_normal((50, 30))
    direction = margin_direction(4, 9)
    margins = head.logits(codes) @ direction
    np.testing.assert_allclose(eigen_form(head, direction)(codes), margins, atol=1e-10)
    matrix = matrix_of(head, direction)
    by_matrix = np.einsum("nd,de,ne->n", codes, matrix, codes) + head.bias[4] - head.bias[9]
    np.testing.assert_allclose(by_matrix, margins, atol=1e-10)
    np.testing.assert_array_equal(matrix, matrix.T)


def test_terms_add_up_and_the_largest_come_first():
    form = eigen_form(random_head(), np.eye(10)[0])
    codes = np.random.default_rng(2).standard_normal((7, 30))
    np.testing.assert_allclose(form.terms(codes).sum(axis=1) + form.bias, form(codes))
    assert np.all(np.diff(np.abs(form.values)) <= 0)
    assert len(form.values) == 8, "twice as many as there are products"


@pytest.mark.parametrize(("values", "rank"), [([3.0, -3.0, 3.0], 3), ([5.0, 0.0], 1), ([0.0], 0)])
def test_equal_eigenvalues_count_in_full(values, rank):
    assert effective_rank(np.array(values)) == pytest.approx(rank)


@pytest.mark.parametrize(
    ("pair", "text"),
    [((4, 10), "other=10: expected a class, 0 to 9"), ((4, 4), "one=4, other=4: expected two different")],
)
def test_a_margin_needs_two_classes(pair, text):
    with pytest.raises(ValueError, match=text):
        margin_direction(*pair)


def test_a_network_with_another_head_is_refused():
    with pytest.raises(ValueError, match=r"weights: no left.kernel, right.kernel; expected a network of the"):
        bilinear_head_of({"logits.kernel": np.zeros(1), "logits.bias": np.zeros(1)})
