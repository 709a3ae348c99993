"""The runner loops over networks and states, stacks what they gave, and resamples test images."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import xarray as xr

from cnnbook.config.checked import Checked, number
from cnnbook.experiments.experiment import Experiment, Measurement, statistic, variable
from cnnbook.experiments.facts import ratio
from cnnbook.experiments.intervals import resample_weights
from cnnbook.experiments.measuring import measure, statistic_of
from cnnbook.inputs import BookInputs


@dataclass(frozen=True, kw_only=True)
class Config(Checked):
    """Numbers that the runner knows by name."""

    untrained: int = number(1, "networks measured before training", least=1)


def measure_number(net, run):
    """The network's number, 10 more before training; for each test image whether its number is even."""
    value = run.number + 10 * (run.state == "untrained")
    even = np.arange(len(run.digits.test_labels)) % 2 == 0
    return {"value": value, "even": even, "pair": np.array([value, -value])}


NUMBERS = Experiment(
    name="numbers",
    question="Which number is it?",
    measure=measure_number,
    config=Config(),
    states=("trained", "untrained"),
    coords={"side": ("plus", "minus")},
    variables=(
        variable("value", "state net", "number of the network"),
        variable("even", "net image", "share of even images"),
        variable("pair", "side state net", "the number and its opposite", units="points"),
    ),
    statistics=(
        statistic("gain", lambda r: r.value.sel(state="untrained") - r.value.sel(state="trained"), "gain"),
        statistic("evenness", lambda r: r.even, "share of even images"),
    ),
)


@pytest.fixture
def run(nets, few_digits) -> Measurement:
    return Measurement(
        experiment="numbers",
        config=Config(),
        digits=few_digits,
        inputs=BookInputs(),
        seed=7,
        resamples=5,
        nets={"reference": nets[:2]},
    )


def test_values_are_stacked_by_state_and_network_in_the_declared_order(run):
    result = measure(NUMBERS, run)
    np.testing.assert_array_equal(result.value, [[0, 1], [10, np.nan]])
    assert result.pair.dims == ("side", "state", "net")
    np.testing.assert_array_equal(result.pair.sel(side="minus", state="trained"), [0, -1])
    assert result.pair.attrs == {"units": "points", "long_name": "the number and its opposite"}
    assert result.net.values.tolist() == [0, 1]
    assert result.attrs["data"] == "sample"


def test_a_baseline_of_fewer_networks_says_of_how_many(run):
    result = measure(NUMBERS, run)
    np.testing.assert_array_equal(result.gain, [10, np.nan])
    assert result.gain.attrs["looked_at"] == 1


def test_values_of_images_become_means_of_resamples_for_statistics_and_the_mean_in_the_dataset(run):
    """Of 120 test images every second one is even; resamples hold them as often as the weights say."""
    result = measure(NUMBERS, run)
    np.testing.assert_allclose(result.even, [0.5, 0.5])
    weights = resample_weights(120, resamples=5, seed=7)
    expected = weights[:, ::2].sum(axis=1) / 120
    np.testing.assert_allclose(result.evenness, [expected, expected])
    assert result.evenness.dims == ("net", "resample")


def test_what_is_not_declared_or_not_measured_is_an_error_that_names_it(run):
    surplus = replace(NUMBERS, variables=NUMBERS.variables[:1])
    with pytest.raises(ValueError, match=r"numbers: measured 'even', which is not among its variables"):
        measure(surplus, run)
    lacking = replace(NUMBERS, variables=(*NUMBERS.variables, variable("depth", "net")))
    with pytest.raises(ValueError, match=r"numbers: variable 'depth' was not measured"):
        measure(lacking, run)


def test_a_shape_that_does_not_fit_the_declared_dimensions_is_an_error(run):
    flat = replace(NUMBERS, variables=(variable("value", "state net map"), *NUMBERS.variables[1:]))
    with pytest.raises(ValueError, match=r"numbers: variable 'value' has the shape \(\), expected .*'map'"):
        measure(flat, run)


def test_an_experiment_without_networks_is_an_error(run):
    with pytest.raises(ValueError, match=r"experiment numbers: no networks, expected at least one"):
        measure(NUMBERS, replace(run, nets={}))


def test_a_statistic_over_other_dimensions_is_an_error():
    by_map = xr.Dataset({"value": (("net", "map"), np.ones((2, 3)))})
    with pytest.raises(ValueError, match=r"statistic value: dimensions \('net', 'map'\); expected 'net'"):
        statistic_of(statistic("value", lambda r: r.value, "a value by map"), by_map)


def test_what_networks_share_is_computed_once(run):
    calls = []
    for index in (0, 1):
        now = replace(run, number=index)
        assert now.cached("table", lambda: calls.append(1) or len(calls)) == 1
    assert calls == [1]


def test_a_variable_may_follow_from_those_measured_and_hide_them(run):
    variables = (
        variable("value", "net", published=False),
        variable("middle", "", "the middle", units="px", of=lambda r: r["value"].mean("net")),
    )
    squares = replace(
        NUMBERS, measure=lambda net, run: {"value": run.number**2}, variables=variables, statistics=()
    )
    found = measure(squares, run)
    assert list(found.data_vars) == ["middle"]
    np.testing.assert_allclose(found.middle, 0.5)
    assert found.middle.attrs == {"units": "px", "long_name": "the middle"}


def test_a_ratio_is_0_without_a_denominator_and_unknown_where_that_is_unknown():
    above, below = xr.DataArray([1.0, 1.0, 1.0]), xr.DataArray([4.0, 0.0, np.nan])
    np.testing.assert_array_equal(ratio(above, below), [0.25, 0, np.nan])


def test_a_number_that_is_missing_for_a_trained_network_is_no_baseline_of_fewer_networks():
    """Of three networks two were measured before training: a third number that is none is accounted for."""
    gain = statistic("gain", lambda r: r.gain, "gain")
    whole = xr.Dataset({"gain": ("net", [1.0, 2.0, np.nan])})
    assert statistic_of(gain, whole, untrained_nets=2).attrs["looked_at"] == 2
    assert "looked_at" not in statistic_of(gain, whole, untrained_nets=1).attrs
    assert "looked_at" not in statistic_of(gain, whole).attrs
