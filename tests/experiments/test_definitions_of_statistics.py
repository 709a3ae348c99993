"""A mutation of any judged statistic's source, config or rule is another definition."""

from dataclasses import fields, is_dataclass, replace

import pytest

from cnnbook import definitions
from cnnbook.claims import read_ledger
from cnnbook.claims.definitions import claim_definition, judge_definition
from cnnbook.claims.ranges import parse_range
from cnnbook.config.profiles import PROFILES
from cnnbook.definitions import parse_module
from cnnbook.experiments import definitions as of_experiments
from cnnbook.experiments import find_experiments
from cnnbook.experiments.definitions import statistic_definition
from helpers import BOOK

EXPERIMENTS = find_experiments()
TESTED = [claim for claim in read_ledger(BOOK) if not claim.awaits]
STATISTICS = sorted({name for claim in TESTED for part in claim.parts for name in part.statistics})
PROFILE = PROFILES["book"]


def defined(name: str, experiments=EXPERIMENTS, profile=PROFILE) -> dict[str, str]:
    return statistic_definition(experiments, name, profile)


@pytest.mark.parametrize("name", STATISTICS)
def test_a_statement_more_in_what_measures_it_is_another_source(monkeypatch, name):
    measure = EXPERIMENTS[name.partition(".")[0]].measure
    before = defined(name)
    real_module = definitions.read_module
    real = real_module(measure.__module__)
    (function,) = real.defined[measure.__name__]
    last = function.body[-1].lineno  # pyright: ignore[reportAttributeAccessIssue]
    lines = real.text.splitlines(keepends=True)
    lines.insert(last - 1, "    run = run\n")
    mutated = parse_module(real.name, "".join(lines))
    monkeypatch.setattr(
        of_experiments, "read_module", lambda module: mutated if module == real.name else real_module(module)
    )
    after = defined(name)
    assert after["source"] != before["source"]
    assert after["config"] == before["config"]


@pytest.mark.parametrize("name", STATISTICS)
def test_another_seed_or_number_is_another_config(name):
    before = defined(name)
    assert defined(name, profile=replace(PROFILE, seed=1))["config"] != before["config"]
    experiment = name.partition(".")[0]
    owner = EXPERIMENTS[EXPERIMENTS[experiment].config_of or experiment]
    if is_dataclass(owner.config):
        numbers = {
            each.name: getattr(owner.config, each.name)
            for each in fields(owner.config)
            if type(getattr(owner.config, each.name)) is int
        }
        for field, number in numbers.items():
            changed = replace(owner, config=replace(owner.config, **{field: number + 1}))
            found = defined(name, {**EXPERIMENTS, owner.name: changed})
            assert found["config"] != before["config"]
            assert found["source"] == before["source"]


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.id)
def test_another_bound_null_or_statistic_is_another_rule(claim):
    of = {name: {"config": "c", "source": "s"} for name in STATISTICS}
    before = claim_definition(claim, of)
    part = claim.parts[0]
    for mutated in (
        replace(part, holds=parse_range("at least 12345")),
        replace(part, fails=parse_range("below -12345")),
        replace(part, null="12345"),
        replace(part, statistic=f"{part.statistic}_other"),
        replace(part, arithmetic=not part.arithmetic),
    ):
        after = claim_definition(replace(claim, parts=(mutated, *claim.parts[1:])), of)
        assert after.split("-")[0] != before.split("-")[0]
    assert claim_definition(replace(claim, note="another", chapter="x"), of) == before


def test_a_change_of_config_or_source_shows_in_its_own_place():
    claim = TESTED[0]
    of = {name: {"config": "c", "source": "s"} for name in STATISTICS}
    other = {name: {"config": "c", "source": "S"} for name in STATISTICS}
    before, after = claim_definition(claim, of).split("-"), claim_definition(claim, other).split("-")
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, True, False]


def test_the_judge_has_a_definition_with_its_intervals(monkeypatch):
    before = judge_definition()
    real = definitions.read_module

    def read(name):
        module = real(name)
        if name == "cnnbook.claims.estimates":
            return parse_module(name, module.text.replace("LEVEL = 0.95", "LEVEL = 0.9"))
        return module

    monkeypatch.setattr(definitions, "read_module", read)
    definitions._meaning.cache_clear()
    assert judge_definition() != before
    definitions._meaning.cache_clear()
