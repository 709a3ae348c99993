"""The experiments behind the claims, measured on a tiny book: what all share, and what each must find."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.claims import judge, read_ledger
from cnnbook.experiments import find_experiments, oval
from cnnbook.experiments.facts import facts_of
from helpers import BOOK

EXPERIMENTS = find_experiments()
TESTED = [claim for claim in read_ledger(BOOK) if not claim.awaits]
STATISTICS = sorted({(part.experiment, part.statistic) for claim in TESTED for part in claim.parts})
ASKED = sorted({experiment for experiment, _ in STATISTICS})


class Results(dict[str, xr.Dataset]):
    """Results of a tiny book, each measured when it is first asked for."""

    def __init__(self, book) -> None:
        super().__init__()
        self._book = book

    def __missing__(self, name: str) -> xr.Dataset:
        self[name] = self._book.result(name)
        return self[name]


@pytest.fixture(scope="module")
def results(open_tiny) -> Results:
    return Results(open_tiny())


@pytest.mark.parametrize(("experiment", "name"), STATISTICS)
def test_every_statistic_of_the_ledger_exists_and_is_finite(results, experiment, name):
    found = results[experiment][name]
    assert set(found.dims) <= {"net", "resample"}
    looked_at = found.dropna("net", how="all") if "looked_at" in found.attrs else found
    assert np.isfinite(looked_at.values).all()
    assert looked_at.sizes.get("net") == found.attrs.get("looked_at", found.sizes.get("net"))
    assert found.attrs["units"]


@pytest.mark.parametrize("name", ASKED)
def test_every_variable_has_units_and_facts_are_text_without_nan(results, name):
    assert all("units" in variable.attrs for variable in results[name].data_vars.values())
    facts = facts_of(EXPERIMENTS[name], results[name])
    assert facts
    assert all(text and "nan" not in text for text in facts.values())


def test_on_the_sample_no_claim_is_judged(results):
    measured = {name: results[name] for name in ASKED}
    words = {judge(claim, measured, is_sample=True).verdict for claim in read_ledger(BOOK)}
    assert words == {"not conclusive"}


def test_no_claim_waits_for_its_experiment():
    assert [claim.id for claim in read_ledger(BOOK) if claim.awaits] == []


def test_the_network_has_the_sizes_and_weights_that_the_article_names(results):
    found = results["geometry"]
    assert float(found.chain_as_said) == 1
    assert float(found.conv_2_weights) == 18_432
    assert float(found.unit_share) == pytest.approx(324 / 784)
    assert float(found.field_growth) == pytest.approx(18 / 7)


def test_a_blank_image_is_even_under_input_a_and_its_maps_have_no_region(results):
    found = results["oval"]
    assert np.ptp(found.blank_answer.sel(input="A").values, axis=(1, 2)).max() < 1e-6
    assert float(found.regional_maps_a.max()) == 0
    assert float(found.regional_maps_b.min()) > 0
    assert found.blank_input.sel(input="B").min() < -0.5


def test_background_in_the_files_is_the_same_on_both_sides_of_the_oval():
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 12:16, 12:16] = 255
    inside = np.zeros((28, 28), bool)
    inside[8:20, 8:20] = True
    assert oval.background_contrast(images / 255, images, inside, 0.05) == 0
    images[0, 8:11, 8:11] = 10
    assert oval.background_contrast(images / 255, images, inside, 0.05) > 0


def test_no_gradient_falls_outside_of_the_window(results):
    field = results["receptive_fields"].field.sel(layer="conv_3", state="trained").values
    assert field[4:22, 4:22].sum() == pytest.approx(field.sum())
    assert field.sum() == pytest.approx(1, abs=1e-5)


def test_kinds_of_maps_and_points_add_up(results):
    np.testing.assert_allclose(results["census"]["share"].sum("kind").values, 1)


def test_shuffled_labels_and_random_ones_are_read_no_better_than_by_chance(results):
    assert float(results["codes"].shuffled) < 0.35
    assert float(results["linear_decodability"].control.max()) < 0.35


def test_from_the_image_itself_the_pixels_come_back(results):
    assert float(results["linear_decodability"].read.sel(space="image", what="r2").min()) > 0.6


def test_another_networks_head_knows_nothing(results):
    accuracy = results["heads"].accuracy.mean("net")
    assert float(accuracy.sel(head="another network's head")) < 0.5 * float(accuracy.sel(head="own head"))


def test_contributions_and_the_affine_form_are_exact(open_tiny):
    found = open_tiny().result("attribution")
    assert float(found.completeness_error.max()) < 1e-5
    assert float(found.affine_error.max()) < 1e-4
    kept = found.kept.mean("net").sel(removed=40)
    assert float(kept.sel(order="by contribution")) < float(kept.sel(order="at random"))


def test_more_digits_share_fewer_points(results):
    shared = results["common_points"]["shared"]
    assert (shared.diff("digits") <= 1e-9).all()
