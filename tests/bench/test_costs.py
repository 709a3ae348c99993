"""What many networks cost follows from the measured speed by rule of three."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cnnbook.benchmarks.facts import cost_facts, format_duration, gpu_facts, group_size_facts
from cnnbook.training.program import NETS_PER_ACCELERATOR

BOOK = Path(__file__).parents[2]


@pytest.fixture
def told():
    """Two cores that train 10,000 images a second: 36 s for a network's 359,808 images."""
    return xr.Dataset(
        {"speed": (("work", "framework", "round"), np.array([[[9_000.0, 10_000.0, 12_000.0]]]))},
        coords={"work": ["ten networks, batch 64"], "framework": ["cnnbook"]},
        attrs={"cores": 2},
    )


def test_ten_a_hundred_and_a_thousand_networks_on_the_measured_machine(told):
    found = cost_facts(told)
    assert (found["cost_10"], found["cost_100"], found["cost_1000"]) == ("6.0 min", "60.0 min", "10.0 h")
    assert found["cost_core_hours"] == "20"


def test_on_64_cores_networks_come_in_waves_of_64(told):
    found = cost_facts(told)
    assert (found["cost_10_large"], found["cost_100_large"]) == ("72 s", "2.4 min")  # one wave, two waves
    assert found["cost_1000_large"] == "19.2 min"  # 16 waves of 72 s


def test_times_on_a_card_are_told_as_measured_and_a_thousand_networks_take_ten_times_a_hundred(measured_book):
    found = gpu_facts(measured_book)
    assert (found["card_20"], found["card_100"], found["card_1000"]) == ("50 s", "2.5 min", "25.0 min")
    assert (found["card_compiling"], found["card_accuracy"]) == ("12 s", "99.45 %")
    assert (found["card"], found["card_date"]) == ("A card", "2026-01-04")


@pytest.mark.parametrize(("seconds", "verdict"), [(60.0, "reached"), (60.1, "missed")])
def test_a_minute_for_twenty_networks_is_the_goal(measured_book, results, seconds, verdict):
    results["many-networks"]["rows"][0]["seconds"] = seconds
    path = measured_book / "bench" / "results" / "many-networks.json"
    path.write_text(json.dumps(results["many-networks"]))
    assert gpu_facts(measured_book)["card_verdict"] == verdict


def test_networks_that_differ_between_compilations_are_counted_by_what_all_rows_share(measured_book, results):
    found = gpu_facts(measured_book)
    assert (found["card_compiled"], found["card_results"]) == ("2", "1")
    results["many-networks"]["rows"][1]["test_accuracy"][19] = 0.993
    path = measured_book / "bench" / "results" / "many-networks.json"
    path.write_text(json.dumps(results["many-networks"]))
    assert gpu_facts(measured_book)["card_results"] == "2"


def test_of_companies_of_one_size_and_of_others_the_largest_difference_is_told(measured_book):
    found = group_size_facts(measured_book)
    assert (found["group_size"], found["group_same"]) == ("20", "1.2e-07")
    assert (found["group_sizes"], found["group_updates"]) == ("1 or 3", "117")
    assert (found["group_early"], found["group_late"]) == ("0.0025", "0.3")


def test_the_group_size_that_was_measured_is_the_one_that_cards_have():
    assert group_size_facts(BOOK)["group_size"] == str(NETS_PER_ACCELERATOR)


def test_a_card_that_was_not_measured_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="not there; 'make bench PART=many-networks' measures and"):
        gpu_facts(tmp_path)


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45 s"), (90, "1.5 min"), (5399, "90.0 min"), (36000, "10.0 h")]
)
def test_a_time_is_told_in_the_unit_people_use(seconds, words):
    assert format_duration(seconds) == words
