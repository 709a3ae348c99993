"""Verdicts: intervals, the rule, what is committed, and what is told."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cnnbook.claims import Claim, Part, judge
from cnnbook.claims.committed import Committed, flips, read_committed, write_committed
from cnnbook.claims.ledger import parse_range
from cnnbook.claims.report import as_dataset, claim_record, facts, format_measured, short_number
from cnnbook.claims.verdicts import by_rule, over_networks
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
        (["holds", "fails"], "partly"),
        (["open"], "partly"),
        (["holds", "open"], "partly"),
    ],
)
def test_the_rule_is_that_of_the_ledger(states, verdict):
    assert by_rule(states) == verdict


def test_a_part_that_is_far_on_one_side_in_every_network_and_image_decides():
    resamples = np.tile([2.0, 1.9, 2.1], (4, 1))
    assert judged(resamples).verdict == "confirmed"
    assert judged(resamples / 10).verdict == "refuted"


def test_an_interval_over_networks_across_the_threshold_leaves_a_part_open():
    found = judged([1.6, 0.4, 1.6, 1.6])
    assert found.measured[0].value == pytest.approx(1.3)
    assert found.measured[0].state == "open"
    assert found.verdict == "partly"


def test_an_interval_over_images_across_the_threshold_does_so_too():
    values = np.full((3, 41), 1.2)
    values[:, 1:21] = 0.8
    assert judged(values).measured[0].state == "open"


def test_what_depends_on_nothing_is_known_exactly():
    found = judged(2.0).measured[0]
    assert (found.over_nets, found.over_images, found.nets) == (None, None, 0)
    assert format_measured(found) == "2"


def test_the_interval_over_equal_networks_has_no_width_and_over_others_holds_the_mean():
    assert over_networks(np.full(5, 0.3)) == pytest.approx((0.3, 0.3))
    low, high = over_networks(np.array([0.0, 1.0, 0.0, 1.0]))
    assert (low, high) == (0.0, 1.0)


def test_on_the_sample_nothing_is_judged_but_what_it_would_be_is_kept():
    found = judged([2.0, 2.0], is_sample=True)
    assert (found.verdict, found.would_be) == ("not conclusive", "confirmed")


def test_a_claim_that_awaits_something_is_not_yet_tested():
    found = judge(replace(CLAIM, awaits="more"), {}, is_sample=False)
    assert (found.verdict, found.measured) == ("not yet tested", ())


def test_an_unknown_experiment_or_statistic_is_answered_with_what_exists():
    with pytest.raises(ValueError, match=r"claim C01: census.bits: no such experiment; there are codes"):
        judge(CLAIM, {"codes": xr.Dataset()}, is_sample=False)
    other = {"census": xr.Dataset({"share": bits_of(1.0), "map": ("row", [1.0])})}
    with pytest.raises(ValueError, match=r"census.bits: no such statistic; census has share$"):
        judge(CLAIM, other, is_sample=False)


def test_one_network_is_too_few_except_on_the_sample():
    with pytest.raises(ValueError, match=r"census.bits has 1 network; an interval over networks needs 2"):
        judged([2.0])
    assert judged([2.0], is_sample=True).measured[0].over_nets is None


def test_a_statistic_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="is not a finite number in every network and resample"):
        judged([1.0, np.nan])


def test_a_network_that_was_not_looked_at_does_not_count_and_is_not_a_failure():
    found = {"census": xr.Dataset({"bits": bits_of([2.0, 3.0, np.nan], untrained_nets=2)})}
    (part,) = judge(CLAIM, found, is_sample=False).measured
    assert (part.value, part.nets) == (2.5, 2)
    found["census"].bits.attrs["looked_at"] = 3
    with pytest.raises(ValueError, match="is not a finite number in every network and resample"):
        judge(CLAIM, found, is_sample=False)


def test_committed_verdicts_come_back_and_a_flip_is_told(tmp_path):
    (tmp_path / "seeds").mkdir()
    before = judged([2.0, 2.0])
    write_committed(tmp_path, [before], {"profile": "book"})
    committed = read_committed(tmp_path)
    assert committed is not None
    assert committed.verdicts == {"C01": "confirmed"}
    assert committed.values == {"census.bits": 2.0}
    assert flips([before], committed) == ()
    (flip,) = flips([judged([0.1, 0.1])], committed)
    assert flip == "C01 is refuted; seeds/verdicts.yaml says confirmed"
    assert flips([judged([0.1, 0.1], is_sample=True)], committed) == ()
    assert flips([before], None) == ()


def test_verdicts_of_the_sample_are_not_committed(tmp_path):
    with pytest.raises(ValueError, match="come from the sample: nothing is accepted"):
        write_committed(tmp_path, [judged([2.0, 2.0], is_sample=True)], {})
    assert not (tmp_path / "seeds").exists()


def test_a_damaged_file_of_verdicts_is_named(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "verdicts.yaml").write_text("verdicts: {}\n")
    with pytest.raises(ValueError, match="expected made_by, verdicts and values"):
        read_committed(tmp_path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.41327, "0.413"), (18432.0, "18,432"), (-0.2, "−0.2"), (3.0, "3"), (0.00042, "0.00042"), (0.0, "0")],
)
def test_numbers_are_told_shortly(value, text):
    assert short_number(value) == text


def test_a_record_has_the_rule_the_numbers_and_the_verdict():
    found = claim_record(judged(np.tile([2.0, 1.5, 2.5], (2, 1))))
    assert (found["id"], found["verdict"], found["chapter"]) == ("C01", "confirmed", "book/a")
    (part,) = found["parts"]
    assert (part["statistic"], part["holds"], part["state"]) == ("census.bits", "at least 1", "holds")
    assert part["text"] == "2 (networks 2 to 2, images 1.52 to 2.48)"


def test_counts_and_codes_of_verdicts():
    both = [judged([2.0, 2.0]), judge(replace(CLAIM, id="C02", awaits="more"), {}, is_sample=False)]
    found = facts(both, None)
    assert (found["count"], found["tested"], found["confirmed"], found["not_yet_tested"]) == (
        "2",
        "1",
        "1",
        "1",
    )
    assert found["C02"] == "not yet tested"
    committed = Committed(made_by={}, verdicts={"C02": "refuted"}, values={})
    found = as_dataset([claim_record(one, committed) for one in both])
    assert found.claim.values.tolist() == ["C01", "C02"]
    assert found.verdict.values.tolist() == [0, 4]
    assert found.committed.values.tolist() == [-1, 2]
