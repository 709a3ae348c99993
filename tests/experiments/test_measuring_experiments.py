"""From what a function measures of one network to a Dataset."""

import numpy as np
import xarray as xr

from cnnbook.experiments import experiment as shape
from cnnbook.experiments.experiment import Measurement, variable
from cnnbook.experiments.measuring import measure
from cnnbook.inputs import BookInputs


def measured(net_values, nets, few_digits, variables) -> xr.Dataset:
    """The Dataset of an experiment that measures one number of each network."""
    values = iter(net_values)
    asked = shape.experiment(variables=variables)(lambda net, run: {"value": next(values)})
    run = Measurement(
        experiment="test",
        config=None,
        digits=few_digits,
        inputs=BookInputs(),
        seed=0,
        resamples=2,
        nets={"reference": nets},
    )
    return measure(asked, run)


def test_a_variable_may_follow_from_those_measured_and_hide_them(nets, few_digits):
    variables = [
        variable("value", "net", published=False),
        variable("middle", "", "the middle", units="px", of=lambda r: r.value.mean("net")),
    ]
    found = measured([1.0, 2.0, 6.0], nets, few_digits, variables)
    assert list(found.data_vars) == ["middle"]
    assert float(found.middle) == 3
    assert found.middle.attrs == {"units": "px", "long_name": "the middle"}
    np.testing.assert_array_equal(found.middle.dims, ())
