"""Options come from the configs' fields, so that none is forgotten and every range is the config's."""

import dataclasses

import click
import pytest

from cnnbook.cli import cli
from cnnbook.config.profiles import PROFILES
from cnnbook.config.training import TrainConfig

OPTIONS = {option.name: option for option in cli.commands["train"].params}
FIELDS = dataclasses.fields(TrainConfig)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_of_the_recipe_has_an_option(field):
    option = OPTIONS[field.name]
    assert option.opts == [f"--{field.name.replace('_', '-')}"]
    assert option.default is None, "the profile's value holds unless it is given"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_help_shows_the_meaning_and_the_books_values(field):
    option = OPTIONS[field.name]
    assert isinstance(option, click.Option)
    meaning = field.metadata["help"]
    assert (option.help or "").lower().startswith(meaning.lower())
    for recipe in (PROFILES["book"].training, PROFILES["book"].sample_training):
        assert str(getattr(recipe, field.name)) in (option.help or "")


def test_numbers_have_the_fields_ranges():
    epochs, momentum = OPTIONS["epochs"].type, OPTIONS["momentum"].type
    assert isinstance(epochs, click.IntRange)
    assert (epochs.min, epochs.max) == (1, None)
    assert isinstance(momentum, click.FloatRange)
    assert (momentum.min, momentum.max) == (0, 1)
    assert OPTIONS["seed"].type.max == 2**31 - 1  # pyright: ignore[reportAttributeAccessIssue]


def test_a_choice_of_words_is_a_choice():
    scaling = OPTIONS["scaling"].type
    assert isinstance(scaling, click.Choice)
    assert tuple(scaling.choices) == ("unit", "standardised")
