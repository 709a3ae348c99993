"""Maps found again in other networks: statistics by hand, and networks whose maps are copies."""

import numpy as np
import pytest

from cnnbook.experiments.map_partners import find_again, find_partners
from cnnbook.experiments.matching import PAIRINGS, POOLS, SHARING
from cnnbook.fcp.matching import profiles_of
from synthetic import measured, statistic_from

UNIVERSAL = dict(zip(POOLS, (0.5, 0.1, 0.625, 0.25), strict=True))
R = dict(zip(PAIRINGS, (0.7, 0.4, 0.9), strict=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("universal_share", 0.5 - 0.1),
        ("over_shuffled", 0.625 - 0.25),
        ("part_of_ceiling", (0.7 - 0.4) / (0.9 - 0.4)),
    ],
)
def test_a_statistic_compares_the_networks_that_it_names(name, expected):
    variables = {
        "universal": ("pool net resample", np.array(list(UNIVERSAL.values()))[:, None, None]),
        "r": ("pairing net resample", np.array(list(R.values()))[:, None, None]),
    }
    found = statistic_from("matching", name, variables, pool=POOLS, pairing=PAIRINGS)
    assert found.ravel() == pytest.approx([expected])


def test_the_part_of_the_ceiling_is_that_of_the_means_over_networks():
    """Means 0.6 between 0.3 and 0.9; of the networks 0.2 of 0.4 above the floor, and 0.4 of 0.8."""
    variables = {"r": ("pairing net resample", np.array([[0.6, 0.6], [0.4, 0.2], [0.8, 1.0]])[..., None])}
    found = statistic_from("matching", "part_of_ceiling", variables, pairing=PAIRINGS)
    assert found.mean() == pytest.approx(0.5)


@pytest.fixture
def copies():
    """Two recipes of three networks each, all with the same ten maps in other orders."""
    return in_other_orders(np.random.default_rng(0).random((40, 3, 3, 10)).astype(np.float32))


def in_other_orders(maps):
    draw = np.random.default_rng(1)
    return [[maps[..., draw.permutation(10)].copy() for _ in range(3)] for _ in range(2)]


def partners(groups, weights=None):
    profiles = [[profiles_of(maps) for maps in group] for group in groups]
    return find_partners(profiles, np.ones((1, 40)) if weights is None else weights), profiles


def test_maps_that_all_networks_have_are_universal(copies):
    found, profiles = partners(copies)
    np.testing.assert_allclose(found.universal, 1)
    np.testing.assert_allclose(found.r, 1, atol=1e-5)
    np.testing.assert_allclose(found.least, 1, atol=1e-5)
    np.testing.assert_allclose(find_again(profiles, np.ones((1, 40))), 1, atol=1e-5)


def test_a_map_that_one_network_lacks_is_universal_in_none_but_that_one_has_all_its_maps(copies):
    """Network 2 of the first recipe has noise for one map: the others lack a partner for theirs."""
    copies[0][2][..., 4] = np.random.default_rng(1).random((40, 3, 3))
    found, _ = partners(copies)
    of_recipes = np.array(
        [[0.9, 0.9, 0.9], [0.9, 0.9, 1.0]]
    )  # its own number by the other recipe is not asked
    np.testing.assert_allclose(found.universal[:, 0], of_recipes.mean(axis=0))
    assert (found.least < 0.8).sum() == 1


def test_a_network_of_the_same_number_by_another_recipe_does_not_count(copies):
    copies[1][0] = np.random.default_rng(2).random((40, 3, 3, 10)).astype(np.float32)
    found, _ = partners([copies[0][:2], copies[1][:2]])
    np.testing.assert_allclose(found.universal[:, 0], [0.5, 0])


def test_a_map_that_does_not_vary_has_no_partner_and_lowers_the_ceiling():
    maps = np.random.default_rng(0).random((40, 3, 3, 10)).astype(np.float32)
    maps[..., 0] = 0
    found, profiles = partners(in_other_orders(maps))
    np.testing.assert_allclose(found.universal, 0.9)
    np.testing.assert_allclose(find_again(profiles, np.ones((1, 40))), 0.9, atol=1e-5)


def test_every_resample_has_numbers_of_its_own(copies):
    copies[0][1] += np.random.default_rng(3).normal(size=copies[0][1].shape).astype(np.float32) / 4
    weights = np.random.default_rng(4).multinomial(40, np.full(40, 1 / 40), 5).astype(float)
    found, _ = partners(copies, np.concatenate([np.ones((1, 40)), weights]))
    assert found.r.shape == (3, 6)
    assert len(set(found.r[1].round(6))) == 6


@pytest.mark.parametrize("groups", [[1, 1], [3, 2]])
def test_too_few_networks_or_unequal_numbers_are_refused(copies, groups):
    few = [group[:count] for group, count in zip(copies, groups, strict=True)]
    with pytest.raises(
        ValueError, match=r"groups: .* networks by recipe, expected as many of each and at least 2"
    ):
        partners(few)


def test_a_network_alone_cannot_be_matched(nets, few_digits):
    given = {"reference": nets[:2], "standardised": nets[:1], "shuffled-labels": nets[:2]}
    with pytest.raises(ValueError, match="nets: 1 by the recipe 'standardised', expected at least 2"):
        measured("matching", few_digits, given)


def test_networks_of_few_digits_are_matched(nets, few_digits):
    given = {recipe: nets[:2] for recipe in ("reference", "standardised", "shuffled-labels")}
    found = measured("matching", few_digits, given)
    shares = found.universal.isel(resample=0)
    np.testing.assert_allclose(shares.sel(pool=POOLS[2]), shares.sel(pool=POOLS[3]))
    assert (found.r.sel(pairing="own halves").isel(resample=0) <= found.live + 1e-6).all()
    assert found.patch.shape == (6, 5, 4, 18, 18)
    assert found.shown_r.sel(column="this network").values == pytest.approx(np.ones(6), abs=1e-4)
    assert found.shared.sel(sharing=SHARING[0]).max() <= 1
