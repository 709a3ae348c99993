"""Verdicts: the rule, what leaves a part open, and statistics that cannot be judged."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cnnbook.claims import Claim, Part, judge
from cnnbook.claims.ranges import parse_range
from cnnbook.claims.verdicts import by_rule, too_few
from cnnbook.experiments.experiment import statistic
from cnnbook.experiments.measuring import statistic_of

PART = Part(
    experiment="census",
    statistic="bits",
    says="bits",
    holds=parse_range("at least 1"),
    fails=parse_range("below 0.5"),
)
CLAIM = Claim(id="C01", section="Objectives", claim="Something.", parts=(PART,), chapter="book/a")


def bits_of(values, untrained_nets=None) -> xr.DataArray:
    """A statistic in bits: a number, one for each network, or one for each network and resample."""
    array = np.asarray(values, np.float64)
    dims = ((), ("net",), ("net", "resample"))[array.ndim]
    bits = statistic("bits", lambda r: r.bits, "bits", units="bit")
    return statistic_of(bits, xr.Dataset({"bits": (dims, array)}), untrained_nets=untrained_nets)


def result(values, **more) -> dict[str, xr.Dataset]:
    return {"census": xr.Dataset({"bits": bits_of(values), **more})}


def judged(values, claim=CLAIM, *, is_sample=False):
    return judge(claim, result(values), is_sample=is_sample)


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        (["holds"], "confirmed"),
        (["holds", "holds"], "confirmed"),
        (["fails", "fails"], "refuted"),
        (["holds", "fails"], "mixed"),
        (["open"], "undecided"),
        (["holds", "open"], "undecided"),
        (["fails", "open"], "undecided"),
        (["holds", "open", "fails"], "mixed"),
    ],
)
def test_the_rule_is_that_of_the_ledger(states, verdict):
    assert by_rule(states) == verdict


def test_a_part_that_is_far_on_one_side_in_every_network_and_image_decides():
    resamples = np.tile([2.0, *([1.9, 2.1] * 20)], (10, 1))
    assert judged(resamples).verdict == "confirmed"
    assert judged(resamples / 10).verdict == "refuted"


def test_an_interval_across_the_threshold_leaves_a_claim_undecided():
    found = judged([1.6, 0.4] * 5)
    assert found.measured[0].value == pytest.approx(1.0)
    assert found.measured[0].state == "open"
    assert found.verdict == "undecided"


def test_an_interval_over_images_across_the_threshold_does_so_too():
    values = np.full((10, 41), 1.2)
    values[:, 1:21] = 0.8
    assert judged(values).measured[0].state == "open"


def test_nine_networks_decide_nothing_whatever_the_number():
    found = judged([2.0] * 9)
    assert (found.verdict, found.measured[0].has_too_few) == ("undecided", True)
    assert judged([2.0] * 10).verdict == "confirmed"
    assert too_few([judged([2.0] * 10)]) == ()
    assert too_few([found]) == (
        "seeds/claims.yaml: claim C01: census.bits was measured on 9 networks and is undecided; a verdict "
        "needs 10: raise the networks of the profile or of the experiment",
    )


def test_what_depends_on_nothing_is_known_exactly():
    found = judged(2.0).measured[0]
    assert (found.estimate.interval, found.estimate.nets, found.distance) == (None, 0, None)
    assert judged(2.0).verdict == "confirmed"


def test_a_part_that_holds_by_arithmetic_decides_nothing_where_another_was_found_out():
    by_arithmetic = replace(PART, statistic="size", arithmetic=True)
    both = replace(CLAIM, parts=(by_arithmetic, PART))
    measured = result([0.1] * 10, size=bits_of(5.0))
    assert judge(both, measured, is_sample=False).verdict == "refuted"
    alone = replace(CLAIM, parts=(by_arithmetic,))
    assert judge(alone, measured, is_sample=False).verdict == "confirmed"


def test_the_distance_is_from_the_mean_to_the_bound_that_would_change_the_state():
    """Ten networks of 1.9 and 2.1: a standard error of 0.1054 / √10 = 0.0333; 1 is 30 of them off."""
    found = judged([1.9, 2.1] * 5).measured[0]
    assert found.estimate.standard_error == pytest.approx(0.03333, abs=1e-5)
    assert found.distance == pytest.approx(30.0)


def test_between_two_bounds_the_nearer_one_counts():
    """0.7 lies between "fails below 0.5" and "holds at least 1"."""
    found = judged([0.6, 0.8] * 5).measured[0]
    assert (found.state, found.distance) == ("open", pytest.approx(6.0))


@pytest.mark.parametrize(("null", "value"), [("", None), ("none: it has none", None), ("0.25", 0.25)])
def test_a_null_is_a_number_or_missing_with_a_reason(null, value):
    claim = replace(CLAIM, parts=(replace(PART, null=null),))
    assert judged([2.0] * 10, claim).measured[0].null == value


def test_a_null_may_be_a_statistic_which_then_has_its_mean_over_networks():
    claim = replace(CLAIM, parts=(replace(PART, null="census.chance"),))
    measured = result([2.0] * 10, chance=bits_of([0.1, 0.3] * 5))
    assert judge(claim, measured, is_sample=False).measured[0].null == pytest.approx(0.2)
    with pytest.raises(ValueError, match=r"claim C01: census.chance: no such statistic; census has bits$"):
        judge(claim, result([2.0] * 10), is_sample=False)


def test_on_the_sample_nothing_is_judged():
    assert judged([2.0] * 10, is_sample=True).verdict == "not conclusive"


def test_a_claim_that_awaits_something_is_not_tested():
    found = judge(replace(CLAIM, awaits="more"), {}, is_sample=False)
    assert (found.verdict, found.measured) == ("not tested", ())


def test_an_unknown_experiment_or_statistic_is_answered_with_what_exists():
    with pytest.raises(ValueError, match=r"claim C01: census.bits: no such experiment; there are codes"):
        judge(CLAIM, {"codes": xr.Dataset()}, is_sample=False)
    other = {"census": xr.Dataset({"share": bits_of(1.0), "map": ("row", [1.0])})}
    with pytest.raises(ValueError, match=r"census.bits: no such statistic; census has share$"):
        judge(CLAIM, other, is_sample=False)


def test_a_statistic_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="is not a finite number in every network and resample"):
        judged([1.0, np.nan])


def test_a_network_that_was_not_looked_at_does_not_count_and_is_not_a_failure():
    found = {"census": xr.Dataset({"bits": bits_of([2.0, 3.0, np.nan], untrained_nets=2)})}
    (part,) = judge(CLAIM, found, is_sample=False).measured
    assert (part.value, part.estimate.nets) == (2.5, 2)
    found["census"].bits.attrs["looked_at"] = 3
    with pytest.raises(ValueError, match="is not a finite number in every network and resample"):
        judge(CLAIM, found, is_sample=False)
