"""Every number of the book is in its config, in its range, and survives JSON."""

import json
import math
from dataclasses import FrozenInstanceError, fields

import pytest

from cnnbook.config.checked import from_dict, to_dict
from cnnbook.config.profiles import PROFILES, Profile, profile_named
from cnnbook.config.training import TrainConfig
from cnnbook.experiments import common_points, likeness

CONFIGS = (TrainConfig, likeness.Config, common_points.Config, Profile)


def test_the_recipe_is_the_one_the_design_measured():
    recipe = TrainConfig()
    assert (recipe.epochs, recipe.batch_size, recipe.peak_learning_rate) == (6, 64, 0.1)
    assert (recipe.momentum, recipe.weight_decay, recipe.label_smoothing) == (0.9, 5e-4, 0.1)
    assert recipe.scaling == "unit"


def test_profiles_have_2_10_and_20_networks():
    assert {name: profile.nets for name, profile in PROFILES.items()} == {"draft": 2, "book": 10, "paper": 20}
    assert all(profile.name == name for name, profile in PROFILES.items())


def test_the_sample_gets_more_epochs():
    book = PROFILES["book"]
    assert book.training_for("mnist") == book.training
    assert book.training_for("sample") == book.sample_training
    assert book.sample_training.epochs > book.training.epochs


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_survives_json(profile):
    assert from_dict(Profile, json.loads(json.dumps(to_dict(profile)))) == profile


def test_on_the_sample_every_edition_asks_as_little_as_the_draft():
    book, draft = PROFILES["book"], PROFILES["draft"]
    on_sample = book.for_data("sample")
    assert (on_sample.name, on_sample.nets) == ("book", 10)
    assert on_sample.resamples == draft.resamples == 50
    assert book.for_data("mnist") is book


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError, match="epochs"):
        TrainConfig().epochs = 3  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_number_says_what_it_is_and_has_a_lower_limit(kind):
    for item in fields(kind):
        if item.type in (int, float):
            assert item.metadata["help"]
            assert math.isfinite(item.metadata["least"])


@pytest.mark.parametrize(
    ("kind", "name", "value", "expected"),
    [
        (TrainConfig, "epochs", 0, "a whole number ≥ 1"),
        (TrainConfig, "batch_size", -128, "a whole number ≥ 1"),
        (TrainConfig, "peak_learning_rate", -0.1, "a number ≥ 0"),
        (TrainConfig, "peak_learning_rate", math.nan, "a number ≥ 0"),
        (TrainConfig, "peak_learning_rate", math.inf, "a number ≥ 0"),
        (TrainConfig, "warmup", -0.01, "a number ≥ 0 and ≤ 0.99"),
        (TrainConfig, "warmup", 1.0, "a number ≥ 0 and ≤ 0.99"),
        (TrainConfig, "momentum", 1.1, "a number ≥ 0 and ≤ 1"),
        (TrainConfig, "weight_decay", -5e-4, "a number ≥ 0"),
        (TrainConfig, "label_smoothing", 1.5, "a number ≥ 0 and ≤ 1"),
        (likeness.Config, "images", 1, "a whole number ≥ 2"),
        (likeness.Config, "alike", 1.01, "a number ≥ 0 and ≤ 1"),
        (likeness.Config, "margin", -0.05, "a number ≥ 0 and ≤ 1"),
        (common_points.Config, "strong_share", 2, "a number ≥ 0 and ≤ 1"),
        (common_points.Config, "triples", 9, "a whole number ≥ 10"),
        (Profile, "nets", 0, "a whole number ≥ 1"),
        (Profile, "seed", -1, "a whole number ≥ 0 and ≤ 2147483647"),
        (Profile, "seed", 2**31, "a whole number ≥ 0 and ≤ 2147483647"),
    ],
)
def test_a_number_out_of_range_is_named_with_its_value_and_the_range(kind, name, value, expected):
    named = {"name": "test"} if kind is Profile else {}
    with pytest.raises(ValueError, match=rf"^{kind.__name__}\.{name}=.*: expected {expected}$") as caught:
        kind(**named, **{name: value})
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("epochs", 2.0, "a whole number ≥ 1"),
        ("epochs", True, "a whole number ≥ 1"),
        ("peak_learning_rate", "0.1", "a number ≥ 0"),
        ("scaling", "minmax", "one of 'unit', 'standardised'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_where_no_type_checker_runs(name, value, expected):
    config = TrainConfig()
    object.__setattr__(config, name, value)  # the tests' own type checker would not let it in
    with pytest.raises(ValueError, match=rf"^TrainConfig\.{name}={value!r}: expected {expected}$"):
        config.__post_init__()


def test_a_field_that_does_not_exist_is_named():
    with pytest.raises(
        ValueError, match=r"^TrainConfig\.epoch: no such field; it has network, epochs, batch_size"
    ):
        from_dict(TrainConfig, {"epoch": 3})


def test_a_field_of_a_nested_config_is_checked_too():
    with pytest.raises(ValueError, match=r"TrainConfig\.epochs=0: expected"):
        from_dict(Profile, {"name": "mine", "training": {"epochs": 0}})


def test_book_is_the_profile_when_nobody_names_one():
    assert profile_named() is PROFILES["book"]


def test_the_environment_names_the_profile(monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "draft")
    assert profile_named() is PROFILES["draft"]
    assert profile_named("paper") is PROFILES["paper"]


def test_an_empty_environment_variable_names_no_profile(monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "")
    assert profile_named() is PROFILES["book"]


def test_an_unknown_profile_is_named_with_those_there_are(monkeypatch):
    monkeypatch.setenv("CNNBOOK_PROFILE", "boook")
    with pytest.raises(ValueError, match=r"profile='boook': expected one of draft, book, paper"):
        profile_named()
