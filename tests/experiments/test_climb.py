"""How an ascent goes: which map is watched, and which picture belongs to which choice, made by hand."""

import numpy as np
import pytest
import xarray as xr

from cnnbook.experiments import climb
from cnnbook.experiments.climb import Config
from cnnbook.maps import MapResponses
from cnnbook.oip.ascent import Ascent
from cnnbook.oip.presets import PRESETS
from synthetic import fact, measured, stub_net

CONFIG = Config(steps=8, starts=2)


def responses(mean, largest=None) -> dict[str, MapResponses]:
    values = np.asarray(mean, float)
    high = values if largest is None else np.asarray(largest, float)
    return {"conv_3": MapResponses(values, high, np.zeros(values.shape, int))}


def map_responses(net, images, layers):
    """Of four maps the digit drives 3 most, which a start does not wake; of the others it drives 1 most."""
    if len(images) == 480:
        return responses([[10, 4, 2, 1], [5, 2, 2, 1]])
    if len(images) == 1:
        return responses([[5, 3, 1, 1]])  # half, three quarters, half and all of the largest
    return responses([[1, 1, 1, 1], [1, 1, 1, 0]])


def ascend(net, objectives, starts, preset, *, key, stops=None):
    """A picture's ink says after how many steps it stopped; its height the preset and the start's ink."""
    count = starts.shape[-3]
    steps = np.full(count, preset.steps) if stops is None else stops
    number = [each.parameters for each in PRESETS.values()].index(preset.parameters)
    ink = np.zeros((len(objectives), count, 28, 28), np.float32)
    if starts.ndim == 4:  # one point at three places: 0.25 more inside the window, 0.5 in one pixel outside
        ink[:] = starts
        for k in range(3):
            ink[k, :, 4 * k : 4 * k + 18, 4 * k : 4 * k + 18] += 0.25
        ink[1, :, 4, 4] += 0.125
        ink[2, :, 0, 0] += 0.5
    else:
        ink += (np.asarray(steps) / 10)[:, None, None].astype(np.float32)
    trace = np.zeros((len(objectives), count, 2))
    trace[..., -1] = number + 100 * starts.reshape(-1, count, 28, 28)[0].mean(axis=(1, 2))
    shape = (len(objectives), count)
    return Ascent(ink, trace, np.zeros(shape, int), np.zeros(shape, bool))


@pytest.fixture
def result(few_digits, few_shown, monkeypatch) -> xr.Dataset:
    monkeypatch.setattr(climb, "map_responses", map_responses)
    monkeypatch.setattr(climb, "ascend", ascend)
    monkeypatch.setattr(climb, "Fluctuations", StubFluctuations)
    nets = (stub_net(0),)
    return measured("climb", few_digits, nets, config=CONFIG, shown=few_shown)


class StubFluctuations:
    """Starts of even ink: 0.1 where scales are mixed, 0.2 for pixels."""

    def __init__(self, scales=()) -> None:
        self._ink = 0.2 if scales else 0.1

    def draw(self, key, *, count):
        return np.full((count, 28, 28), self._ink, np.float32)


def test_the_map_that_the_digit_drives_most_is_watched_if_all_starts_wake_it(result):
    assert result.attrs["map"] == 1
    assert float(result.best) == 4


def test_the_course_is_by_start_and_step(result, few_digits):
    assert result.stop.values.tolist() == [0, 2, 4, 8]
    np.testing.assert_allclose(result.watched[:, :, 0, 0], [np.array([0, 2, 4, 8]) / 10] * 4)
    digit = 100 * few_digits.test_images[4].mean() / 255
    np.testing.assert_allclose(result.height[:, 0], [10, 20, digit, 0], rtol=1e-5)
    assert fact("climb", "{begun}_first", result)["fluctuations_first"] == "2.50"


def test_what_presets_reach_stands_under_their_names(result):
    assert result.preset.values.tolist() == list(PRESETS)
    kinds = [each.parameters for each in PRESETS.values()]
    expected = [10.0 + kinds.index(each.parameters) for each in PRESETS.values()]
    np.testing.assert_allclose(result.chosen_reach[:, 0], expected, rtol=1e-5)


def test_moved_pictures_are_compared_inside_their_windows_and_changes_sought_outside(result):
    assert float(result.shift_error) == pytest.approx(0.125)
    assert float(result.outside) == pytest.approx(0.5)
    assert fact("climb", "outside", result) == {"outside": "0.5"}
