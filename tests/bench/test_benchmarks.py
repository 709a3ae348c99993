"""What was measured, read from files: Datasets, facts, tables, and what is wrong with a file."""

import json
import math

import pytest

from cnnbook.benchmarks import (
    facts,
    inference_speed,
    operations_table,
    profile_table,
    read_part,
    settings_table,
    speed_table,
    training_speed,
)
from helpers import BOOK


def test_speeds_have_every_round_of_every_framework(measured_book):
    told = training_speed(measured_book)
    assert told.speed.sel(work="one network, batch 64", framework="Keras").values.tolist() == [500, 510, 600]
    assert list(told.framework.values) == ["cnnbook", "Keras"]
    assert {told[name].attrs["units"] for name in ("speed", "goal")} == {"images/s"}


def test_of_several_arrangements_the_fastest_counts(measured_book):
    told = training_speed(measured_book).sel(work="ten networks, batch 64", framework="Keras")
    assert told.speed.values.tolist() == [890, 900, 910]
    assert str(told.setting.values) == "one network after another: as it comes"


def test_a_goal_is_a_multiple_of_the_fastest_peers_median(measured_book):
    told = training_speed(measured_book)
    assert told.goal.values.tolist() == [1.5 * 510, 1.8 * 900]


def test_what_was_not_measured_is_not_a_number(measured_book, results):
    del results["ten"]["rows"][0]
    (measured_book / "bench" / "results" / "ten.json").write_text(json.dumps(results["ten"]))
    told = training_speed(measured_book)
    assert math.isnan(told.speed.sel(work="ten networks, batch 64", framework="cnnbook").values[0])


def test_facts_say_medians_ratios_and_whether_a_goal_was_reached(measured_book):
    told = facts(measured_book)
    assert told["one_64_cnnbook"] == "905"
    assert told["one_64_ratio"] == "1.77"
    assert (told["one_64_peer"], told["one_64_verdict"]) == ("Keras", "reached")
    assert (told["ten_64_ratio"], told["ten_64_verdict"]) == ("1.67", "missed")
    assert (told["one_date"], told["ten_date"]) == ("2026-01-02", "2026-01-03")
    assert (told["one_processor"], told["profile_processor"]) == ("A processor", "Another processor")
    assert told["memory_3"] == "1,200 MB"
    assert told["maps_cnnbook"] == "6,050"
    assert (told["climb_cnnbook"], told["climb_keras"]) == ("4.0", "6.0")
    assert told["climb_pictures"] == "1,024"


def test_an_accuracy_that_was_not_reached_has_no_time(measured_book):
    told = facts(measured_book)
    assert (told["time_cnnbook"], told["time_keras"]) == ("20 s", "never")
    assert told["time_keras_accuracy"] == "99.30 %"


def test_a_book_without_measurements_has_no_facts_of_them(tmp_path):
    assert facts(tmp_path) == {}


def test_maps_have_speed_and_memory_with_units(measured_book):
    told = inference_speed(measured_book)
    assert told.peak_memory.values.tolist() == [700, 900]
    assert {name: told[name].attrs["units"] for name in told.data_vars} == {
        "maps_speed": "images/s",
        "peak_memory": "MB",
        "early_memory": "MB",
    }


def test_tables_have_a_row_for_each_work_or_framework(measured_book):
    told = training_speed(measured_book)
    assert speed_table(told).frame.loc["one network, batch 64", "Keras"] == "510 (500–600)"
    assert list(settings_table(told).frame.index) == ["cnnbook", "Keras"]


def test_the_table_of_operations_is_there_once_it_is_written(measured_book):
    assert operations_table(measured_book) is None
    entry = {"what": "patches", "predicted": "2 ×", "measured": "1.9 ×", "kept": True}
    path = measured_book / "bench" / "results" / "operations.json"
    path.write_text(json.dumps([entry]))
    table = operations_table(measured_book)
    assert table is not None
    assert table.frame.loc["patches"].tolist() == ["2 ×", "1.9 ×", "yes"]
    path.write_text(json.dumps([{"what": "patches", "measured": "1"}]))
    with pytest.raises(ValueError, match=r"entry 'patches' has no 'predicted'"):
        operations_table(measured_book)


def test_the_profile_says_each_operations_share(measured_book):
    entries = [
        {"operation": "products", "microseconds": 30.0, "products": 28.25},
        {"operation": "the rest", "microseconds": 10.0, "products": 0.0},
    ]
    (measured_book / "bench" / "results" / "profile.json").write_text(json.dumps({"rows": entries}))
    frame = profile_table(measured_book).frame
    assert frame.loc["products"].tolist() == ["30.0", "75 %", "28.2"]
    assert frame.loc["the rest"].tolist() == ["10.0", "25 %", "0.0"]


def test_a_part_that_is_missing_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"speed.json: not there; 'make bench PART=speed'"):
        read_part(tmp_path, "speed")


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", r"speed.json, line 1: not JSON"), ("[]", r"expected an object with a list 'rows'")],
)
def test_a_damaged_part_is_named(measured_book, text, words):
    (measured_book / "bench" / "results" / "speed.json").write_text(text)
    with pytest.raises(ValueError, match=words):
        read_part(measured_book, "speed")


def test_the_results_that_the_book_draws_are_of_mnist_and_no_trial_run():
    parts = "speed ten accuracy inference climb memory profile many-networks group-size".split()
    for part in parts:
        content = read_part(BOOK, part)
        assert (content["data"], content["trial"]) == ("mnist", False), part
