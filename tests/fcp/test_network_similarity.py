"""CKA and Procrustes: exact cases, worked by hand or true by construction."""

import numpy as np
import pytest

from cnnbook.fcp.network_similarity import cka, gram, hsic, procrustes_similarity


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)


@pytest.fixture
def rotation():
    return np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]


def test_the_unbiased_hsic_is_the_sum_of_its_definition():
    """Four images: tr(KL) = 2·(1·3 + 2·1), sums of rows (1, 3, 2, 0) and (3, 4, 1, 0)."""
    first, second = np.zeros((4, 4)), np.zeros((4, 4))
    for one, (near, far) in ((first, (1.0, 2.0)), (second, (3.0, 1.0))):
        one[0, 1] = one[1, 0] = near
        one[1, 2] = one[2, 1] = far
    expected = (10 + 6 * 8 / (3 * 2) - 2 / 2 * (1 * 3 + 3 * 4 + 2 * 1)) / (4 * 1)
    assert hsic(first, second) == pytest.approx(expected)


def test_what_an_image_shares_with_itself_does_not_count(points):
    products = gram(points)
    assert hsic(products + np.diag(np.arange(40.0)), products) == pytest.approx(hsic(products, products))


def test_cka_of_a_rotated_and_scaled_copy_is_one(points, rotation):
    assert cka(gram(points), gram(3 * points @ rotation)) == pytest.approx(1, abs=1e-5)


def test_cka_of_unrelated_points_is_about_zero_though_there_are_few_images():
    draw = np.random.default_rng(2)
    found = [cka(gram(draw.normal(size=(20, 100))), gram(draw.normal(size=(20, 100)))) for _ in range(200)]
    assert abs(np.mean(found)) < 0.02


def test_cka_of_images_that_do_not_differ_is_zero(points):
    assert cka(gram(points), np.zeros((40, 40))) == 0


@pytest.mark.parametrize(("first", "second"), [(5, 6), (3, 3)])
def test_hsic_of_other_or_too_few_images_is_refused(first, second):
    message = f"inner products of {first} and {second} images, expected as many in both, and at least 4"
    with pytest.raises(ValueError, match=message):
        hsic(np.eye(first), np.eye(second))


def test_procrustes_of_a_rotated_shifted_and_scaled_copy_is_one(points, rotation):
    assert procrustes_similarity(points, 2 * points @ rotation + 5) == pytest.approx(1, abs=1e-5)


def test_procrustes_of_points_that_share_one_of_two_directions_is_a_half():
    """Four images, two orthogonal directions of one length each; the other network has the first alone."""
    first = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    second = np.stack([first[:, 0], first[:, 0] * first[:, 1]], axis=1)
    assert procrustes_similarity(first, second) == pytest.approx(0.5)


def test_procrustes_of_what_does_not_vary_is_zero(points):
    assert procrustes_similarity(points, np.ones((40, 3))) == 0


def test_procrustes_of_other_rows_is_refused(points):
    with pytest.raises(ValueError, match="first and second: 40 and 39 rows, expected as many in both"):
        procrustes_similarity(points, points[1:])
