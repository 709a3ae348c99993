"""`cnnbook doctor` prints findings, and its exit code is 1 if one of them is a problem."""

import json

import pytest

from cnnbook.cli import doctor as command
from cnnbook.doctor.finding import note, ok, problem

FINE = [ok("Python", "3.12.1"), note("data", "the sample")]
BAD = [*FINE, problem("memory", "0.1 GiB free", "close other programs")]


@pytest.mark.parametrize(
    ("findings", "code", "verdict"), [(FINE, 0, "Nothing is wrong."), (BAD, 1, "1 problem.")]
)
def test_only_a_problem_is_exit_code_1(run, monkeypatch, findings, code, verdict):
    monkeypatch.setattr(command, "examine", lambda profile, choice: findings)
    ended = run("doctor")
    assert (ended.code, ended.err) == (code, "")
    assert ended.out.splitlines()[0] == "ok      Python         3.12.1"
    assert ended.out.splitlines()[-1] == verdict


def test_what_mends_a_problem_stands_below_it(run, monkeypatch):
    monkeypatch.setattr(command, "examine", lambda profile, choice: BAD)
    lines = run("doctor").out.splitlines()
    assert lines[2:4] == ["problem memory         0.1 GiB free", "        → close other programs"]


def test_json_has_every_finding(run, monkeypatch):
    monkeypatch.setattr(command, "examine", lambda profile, choice: BAD)
    ended = run("doctor", "--json")
    report = json.loads(ended.out)
    assert (ended.code, report["problems"], len(report["findings"])) == (1, 1, 3)
    assert report["findings"][2] == {
        "check": "memory", "level": "problem", "found": "0.1 GiB free", "mend": "close other programs",
    }  # fmt: skip


def test_options_reach_the_checks(run, monkeypatch):
    seen = []
    monkeypatch.setattr(command, "examine", lambda *given: seen.append(given) or [])
    assert run("doctor", "--profile", "paper", "--data", "full").code == 0
    assert seen == [("paper", "full")]
