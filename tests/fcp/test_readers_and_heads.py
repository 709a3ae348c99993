"""Linear probes, heads, exact contributions, and FCPs as things."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.fcp.attribution import active_share, integrated_gradients, logits_with_fixed_switches
from cnnbook.fcp.concentration import count_holding, gini
from cnnbook.fcp.head import Head, average_maps, quantise, shuffle_cells, shuffle_within_classes
from cnnbook.fcp.pattern import FCP, best_match, prototype
from cnnbook.fcp.probes import explained, fit_components, fit_probe, fit_ridge

NOTHING, OTHERS = np.zeros((3, 3, 128)), np.zeros((1, 5, 5, 64))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def head() -> Head:
    draw = rng(1).normal
    return Head(draw(size=(1152, 100)) / 30, draw(size=100) / 10, draw(size=(100, 10)), draw(size=10))


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    return np.maximum(rng(2).normal(size=(6, 1152)), 0)


# Probes ---------------------------------------------------------------------------------------------------


def test_a_probe_finds_what_is_linear_and_learns_a_constant_input_nothing():
    labels = np.tile(np.arange(10), 30)
    inputs = (np.eye(10)[labels] + 0.1 * rng().normal(size=(300, 10))).astype(np.float32)
    assert fit_probe(inputs, labels, decay=1e-3, steps=50).is_correct(inputs, labels).all()
    even = np.ones((300, 4), np.float32)
    scores = fit_probe(even, labels, decay=1e-3, steps=50).scores(even)
    np.testing.assert_allclose(scores, scores[0, 0], atol=1e-5)


def test_a_probe_needs_inputs():
    with pytest.raises(ValueError, match="inputs: 0 for 0 labels, expected as many, and at least one"):
        fit_probe(np.ones((0, 2), np.float32), np.zeros(0, np.int64), decay=0.1, steps=5)


def test_ridge_finds_a_linear_target_that_it_did_not_see():
    inputs, truth = rng(3).normal(size=(80, 5)).astype(np.float32), rng(4).normal(size=(5, 2))
    train, test = inputs[:60], inputs[60:]
    target = train @ truth
    found = fit_ridge(train, {"it": target}).predict(test)["it"]
    np.testing.assert_allclose(found, test @ truth, atol=1e-2)


def test_ridge_is_that_of_the_textbook_at_its_strength():
    """(XᵀX + n λ s) w = Xᵀy with s the mean squared length, also where there are more inputs than images."""
    for shape in ((30, 6), (12, 20)):
        inputs, target = rng(5).normal(size=shape), rng(6).normal(size=(shape[0], 2))
        probes = fit_ridge(inputs, {"it": target})
        x, y = inputs - inputs.mean(axis=0), target - target.mean(axis=0)
        for k, strength in enumerate(probes.strengths["it"]):
            ridge = len(x) * strength * (x**2).sum() / len(x)
            expected = np.linalg.solve(x.T @ x + ridge * np.eye(shape[1]), x.T @ y[:, k])
            np.testing.assert_allclose(probes.weights["it"][:, k], expected, atol=1e-6)


def test_each_target_has_the_strength_that_suits_it_whatever_stands_beside_it():
    """A line is fitted almost without ridge and noise with much, though the noise is a thousand times larger.

    One strength for both would be that of the noise, which has nearly all of the squared error.
    """
    inputs = rng(7).normal(size=(60, 20))
    line, noise = inputs[:, :1], 1000 * rng(8).normal(size=(60, 1))
    both = fit_ridge(inputs, {"both": np.hstack([line, noise])})
    alone = [fit_ridge(inputs, {"it": target}).strengths["it"][0] for target in (line, noise)]
    assert both.strengths["both"].tolist() == alone
    assert alone[0] < 1e-3 < 0.1 <= alone[1]
    np.testing.assert_allclose(both.predict(inputs)["both"][:, :1], line, atol=1e-4)


def test_components_are_the_directions_of_largest_variance():
    """Points on two axes, farther out on the second: it comes first; the third axis has no variance."""
    points = np.array([[1.0, 0, 5], [-1, 0, 5], [0, 3, 5], [0, -3, 5]])
    components = fit_components(points, 3)
    np.testing.assert_allclose(np.abs(components.axes), [[0, 1], [1, 0], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(np.abs(components(points[2:3] + 1)), [[4, 1]])


def test_r2_worked_by_hand_for_all_images_and_for_the_second_twice():
    """Errors 1 and 3 by deviations 4 and 4; then the second image alone, then none."""
    weights = np.array([[1.0, 1], [0, 2], [0, 0]])
    np.testing.assert_allclose(explained(np.array([1.0, 3]), np.array([4.0, 4]), weights), [0.5, 0.25, 0])


# Heads -----------------------------------------------------------------------------------------------------


def test_shuffled_places_keep_each_map_s_values_and_means_stay(codes):
    orders = np.tile(np.arange(9)[::-1], (len(codes), 1))
    turned = shuffle_cells(codes, orders).reshape(-1, 9, 128)
    np.testing.assert_array_equal(turned, codes.reshape(-1, 9, 128)[:, ::-1])
    np.testing.assert_allclose(average_maps(turned.reshape(codes.shape)), average_maps(codes))


def test_one_bit_is_nothing_or_all():
    codes = np.zeros((1, 1152), np.float32)
    codes[0, :3] = 0.4, 0.6, 9
    top = np.zeros(1152, np.float32)
    top[:3] = 1
    assert quantise(codes, top, 1)[0, :4].tolist() == [0, 1, 1, 0]
    assert quantise(codes, top, 2)[0, :3] == pytest.approx([1 / 3, 2 / 3, 1])


def test_exchange_stays_within_a_class(codes):
    labels = np.array([0, 0, 0, 1, 1, 1])
    mixed = shuffle_within_classes(codes, labels, rng(5).random(codes.shape))
    for part in (slice(0, 3), slice(3, 6)):
        np.testing.assert_array_equal(np.sort(mixed[part], axis=0), np.sort(codes[part], axis=0))
    assert (mixed != codes).any()


# Exact contributions ---------------------------------------------------------------------------------------


def test_the_share_of_the_way_on_which_a_unit_is_on():
    start, stop = np.array([-1.0, 1, 3, -2, 2, 0]), np.array([1.0, -1, 1, -1, 2, 0])
    assert active_share(start, stop).tolist() == [0.5, 0.5, 1, 0, 1, 0]


def test_contributions_add_up_to_the_change_of_the_logit(head, codes):
    start, direction = codes[::-1], np.eye(10)[[4] * len(codes)]
    found = integrated_gradients(head, start, codes, direction)
    change = head.logits(codes)[:, 4] - head.logits(start)[:, 4]
    assert np.abs(found.sum(axis=1) - change).max() < 1e-5


def test_contributions_are_the_integral_that_a_fine_sum_approaches(head, codes):
    steps = (np.arange(4000) + 0.5) / 4000
    code, direction = codes[:1], np.eye(10)[[7]]
    on = head.preactivations(steps[:, None] * code) > 0
    slopes = (on * head.scores[:, 7]) @ head.hidden.T
    np.testing.assert_allclose(
        integrated_gradients(head, np.zeros_like(code), code, direction),
        slopes.mean(axis=0) * code,
        atol=2e-3,
    )


def test_concentration_of_one_of_equal_and_of_no_contributions():
    sizes = np.array([[0.0, 0, -4, 0], [1, -1, 1, 1], [0, 0, 0, 0]])
    assert count_holding(np.abs(sizes), 0.8).tolist() == [1, 4, 0]
    np.testing.assert_allclose(gini(sizes), [0.75, 0, 0], atol=1e-12)


def test_all_contributions_lie_on_all_points_in_single_precision_too():
    assert count_holding(np.full((1, 1000), 0.1, np.float32), share=1.0).tolist() == [1000]


def test_concentration_of_no_points_is_refused():
    with pytest.raises(ValueError, match=r"values: shape \(2, 0\), expected at least one point"):
        gini(np.zeros((2, 0)))


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    shapes = {
        "conv_1": (3, 3, 1, 32), "conv_2": (3, 3, 32, 64), "conv_3": (3, 3, 64, 128), "hidden": (1152, 100),
        "logits": (100, 10),
    }  # fmt: skip
    draw = rng(6).normal
    kernels = {
        f"{name}.kernel": draw(size=shape) / np.prod(shape[:-1]) ** 0.5 for name, shape in shapes.items()
    }
    return kernels | {f"{name}.bias": draw(size=shape[-1]) / 10 for name, shape in shapes.items()}


def test_with_its_switches_held_the_network_is_affine(weights):
    x, y = rng(7).random((2, 28, 28))
    zero = np.zeros((28, 28))
    offset = logits_with_fixed_switches(weights, x, zero)
    both = logits_with_fixed_switches(weights, x, x + 2 * y) - offset
    parts = (
        logits_with_fixed_switches(weights, x, x)
        - offset
        + 2 * (logits_with_fixed_switches(weights, x, y) - offset)
    )
    np.testing.assert_allclose(both, parts, atol=1e-9)
    assert (
        np.abs(logits_with_fixed_switches(weights, x, y) - logits_with_fixed_switches(weights, y, y)).max()
        > 1e-6
    )


# FCPs ------------------------------------------------------------------------------------------------------


def test_an_fcp_matches_itself_by_1_its_negative_by_minus_1_and_nothing_by_0():
    fcp = FCP(name="it", layer="conv_3", weights=rng(8).normal(size=(3, 3, 128)))
    maps = np.stack([fcp.weights, -2 * fcp.weights, np.zeros((3, 3, 128))])
    np.testing.assert_allclose(fcp.score(maps), [1, -1, 0], atol=1e-12)
    zero = FCP(name="0", layer="conv_3", weights=np.zeros((3, 3, 128)))
    assert zero.score(maps).tolist() == [0, 0, 0]


def test_no_images_have_no_scores_and_activations_must_be_finite():
    fcp, none = FCP.from_points("conv_3", [(5, 1, 2)]), np.zeros((0, 3, 3, 128))
    assert fcp.score(none).shape == best_match(none, [fcp]).shape == (0,)
    with pytest.raises(ValueError, match="maps: some values are not finite"):
        fcp.score(np.full((1, 3, 3, 128), np.nan))


def test_points_picked_by_hand_and_the_best_match():
    one = FCP.from_points("conv_3", [(17, 0, 2)], name="one")
    two = FCP.from_points("conv_3", [(5, 1, 1), (6, 1, 1)])
    maps = np.zeros((2, 3, 3, 128))
    maps[0, 1, 1, 5], maps[1, 0, 2, 17] = 3, 1
    assert best_match(maps, [one, two]).tolist() == [1, 0]
    assert (one - two).name == "one less some points"
    assert (one - two).weights[1, 1, 6] == -1


def test_a_prototype_comes_from_the_experiment_by_its_name():
    means = np.arange(2.0)[:, None, None, None] * np.ones((2, 3, 3, 128))
    result = xr.Dataset({"prototype": (("class", "row", "column", "map"), means)}, coords={"class": [4, 9]})
    assert prototype(result, "9").weights.max() == 1
    with pytest.raises(ValueError, match="digit='7': expected one of 4, 9"):
        prototype(result, "7")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: FCP(name="x", layer="conv_9", weights=np.zeros((3, 3, 128))),
            "layer='conv_9': expected one of",
        ),
        (lambda: FCP(name="x", layer="conv_2", weights=np.zeros((3, 3, 128))), r"conv_2 has \(11, 11, 64\)"),
        (lambda: FCP.from_points("hidden", [(0, 0, 0)]), "layer='hidden': expected one of conv_1"),
        (lambda: FCP.from_points("conv_3", [(128, 0, 0)]), r"point \(128, 0, 0\): conv_3 has maps 0 to 127"),
        (lambda: FCP.from_points("conv_3", []), "points: none, expected at least one"),
        (lambda: best_match(np.zeros((1, 3, 3, 128)), []), "fcps: none, expected at least one"),
        (
            lambda: FCP.from_points("conv_3", [(0, 0, 0)]).score(np.zeros((1, 5, 5, 64))),
            r"maps have shape \(5, 5, 64\)",
        ),
        (
            lambda: FCP.from_points("conv_3", [(0, 0, 0)]) - FCP.from_points("pool_2", [(0, 0, 0)]),
            "on conv_3 and some points on pool_2: no difference",
        ),
    ],
)
def test_what_cannot_be_an_fcp_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
