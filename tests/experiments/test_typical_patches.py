"""Whether strong patches show one pattern: statistics from numbers, and patches of digits made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import matched_patches, typical_patches
from cnnbook.experiments.matched_patches import NEAREST, Conv3Responses, best_placement, share_predicted
from cnnbook.experiments.typical_patches import REFERENCES, SETS, Config
from cnnbook.nets.geometry import geometry_of
from cnnbook.oip.ascent import Ascent
from synthetic import measured, oips_result, statistic_from, stub_net

STATES = ("trained", "untrained")


@pytest.mark.parametrize(
    ("name", "variable", "of", "of_null", "expected"),
    [
        ("coherence_above_chance", "coherence", [0.9, 0.7], [0.6, 0.6], 0.5),  # 0.2 of the 0.4 that could be
        ("one_pattern_gain", "is_one", [1, 1], [0, 1], 0.5),
        ("prediction_gain", "correct", [0.9, 0.7], [0.6, 0.4], 0.3),
        ("one_pattern_gain", "is_one", [np.nan, np.nan], [np.nan, np.nan], 0),
    ],
)
def test_what_counts_is_what_the_null_leaves(name, variable, of, of_null, expected):
    """Means over two maps; a third one is not known, and networks before training do not count."""
    dim, labels = ("reference", REFERENCES) if variable == "correct" else ("set", SETS)
    values = np.zeros((2, len(labels), 1, 3))
    values[0, 0, 0], values[0, 1, 0] = [*of, np.nan], [*of_null, np.nan]
    variables = {variable: (f"state {dim} net map_conv_3", values)}
    found = statistic_from("typical_patches", name, variables, state=STATES, **{dim: labels})
    np.testing.assert_allclose(found, [expected])


@pytest.fixture
def layer() -> Conv3Responses:
    """Image n has n in total at point 0, and 100 − n at point 1; its class is that of n modulo two."""
    responses = np.zeros((100, 9, 3))
    responses[:, 0, 0], responses[:, 1, 1] = np.arange(100), 100 - np.arange(100)
    return Conv3Responses(np.zeros((100, 28, 28), np.uint8), np.arange(100).astype(np.uint8) % 2, responses)


@pytest.mark.parametrize("draw", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("image", [0, 50, 99])
def test_a_match_has_the_class_and_nearly_the_activation_and_is_another_image(layer, image, draw):
    index, point = np.array([[image]]), np.array([[0]])
    same = int(layer.matches(index, point, np.array([[draw]]))[0, 0])
    other = int(layer.matches(index, point, np.array([[draw]]), same_class=False)[0, 0])
    assert same != image
    assert same % 2 == image % 2
    assert abs(same - image) <= 2 * NEAREST
    assert other != image
    assert abs(other - image) <= NEAREST


def test_all_nearest_images_are_drawn_and_no_others(layer):
    draws = np.linspace(0, 0.999, 50)[None]
    found = layer.matches(np.full((1, 50), 50), np.zeros((1, 50), int), draws, same_class=False)
    assert np.unique(found).tolist() == [*range(45, 50), *range(51, 56)]


def test_the_strongest_images_of_a_map_are_those_of_its_strongest_point(layer):
    index, point = layer.strongest(3)
    assert index[:2].tolist() == [[99, 98, 97], [0, 1, 2]]
    assert point[:2].tolist() == [[0] * 3, [1] * 3]


def test_a_patch_is_found_wherever_it_lies_in_a_picture():
    rng = np.random.default_rng(0)
    picture = rng.random((28, 28))
    patches = np.stack([picture[8:26, 3:21].ravel(), rng.random(324), picture[10:28, 10:28].ravel()])
    found = best_placement(patches, picture)
    assert found[0] == pytest.approx(1)
    assert (found[1:] < 0.5).all()  # the last one lies where Conv_3 does not see all of it


def test_a_prediction_is_right_if_likeness_and_response_go_together():
    """Four pairs: right, wrong, a tie that counts half, and one that does not count."""
    likeness = np.array([0.9, 0.1, 0.5, 0.9, 0.2, 0.4, 0.5, 0.1])
    responses = np.array([5.0, 5, 5, 3, 1, 1, 1, 3])
    assert share_predicted(likeness, responses) == pytest.approx(0.5)
    assert share_predicted(likeness[[3, 7]], responses[[3, 7]]) == 0.5


@pytest.fixture
def result(few_digits, monkeypatch) -> xr.Dataset:
    """The digits are noise, but for twelve that have one pattern at the first point; these drive map 0.

    Map 1 is silent; other maps respond at random. Map 0's OIP is that pattern, others are noise.
    """
    rng = np.random.default_rng(1)
    pattern = rng.random((18, 18))

    def made(count: int) -> tuple[np.ndarray, np.ndarray]:
        images = rng.random((count, 28, 28))
        share = np.where(np.arange(count) < 12, 1.0, 0.0)
        images[:12, :18, :18] = pattern
        responses = rng.random((count, 9, 4)) * 0.1
        responses[:, :, 1] = 0
        responses[:, 0, 0] = 1 + share + 0.01 * rng.random(count)
        responses[:, 0, 2] += 2 - share  # so that totals are alike
        return np.rint(255 * images).astype(np.uint8), responses

    def of(net, images, labels):
        pictures, responses = made(len(images))
        return Conv3Responses(pictures, np.zeros_like(labels), responses)

    def ascend(net, objectives, starts, preset, *, key):
        pictures = rng.random((4, 1, 28, 28)).astype(np.float32)
        pictures[0, 0, 5:23, 6:24] = pattern
        return Ascent(pictures, np.ones((4, 1, 2)), np.ones((4, 1), int), np.zeros((4, 1), bool))

    monkeypatch.setattr(Conv3Responses, "of", of)
    monkeypatch.setattr(typical_patches, "ascend", ascend)
    monkeypatch.setattr(typical_patches, "MAPS", 4)
    oips = oips_result(
        np.ones((1, 4, 2)),
        kinds=["mixed", "28"],
        untrained=(np.ones((1, 4, 2)), np.zeros((1, 4, 2, 28, 28), np.uint8)),
    )
    monkeypatch.setattr("cnnbook.experiments.measuring.untrained", lambda net: stub_net(9))
    config = Config(train=100, test=100, patches=6, trials=5, steps=1)
    return measured("typical_patches", few_digits, (stub_net(0),), config=config, results={"oips": oips})


def test_a_map_whose_strongest_patches_are_one_pattern_is_told_from_its_matches(result):
    of_map = result.sel(state="trained", net=0, map_conv_3=0)
    assert float(of_map.coherence.sel(set="strongest")) > 0.99
    assert float(of_map.coherence.sel(set="matched")) < 0.9
    assert float(of_map.is_one.sel(set="strongest")) == 1
    assert float(of_map.patterns.sel(set="strongest")) == 1
    assert float(of_map.correct.sel(reference="its OIP")) > 0.9
    assert float(of_map.correct.sel(reference="its strongest patches")) > 0.9


def test_a_silent_map_does_not_count(result):
    for name in ("coherence", "is_one", "patterns", "correct"):
        assert np.isnan(result[name].sel(map_conv_3=1)).all()


def test_a_patch_is_what_a_point_sees():
    assert geometry_of()["conv_3"].receptive_field == matched_patches.SIDE
