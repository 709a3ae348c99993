"""How measurements are taken: in turn, one at a time, and of the same training."""

import io
import json
import re
import subprocess
import sys

import pytest

from helpers import BOOK


class Answering:
    """A worker that answers at once and notes what it is asked."""

    def __init__(self, name, notes, speed=100.0, losses=(2.3, 2.2)):
        self.name, self.notes, self.speed, self.losses = name, notes, speed, list(losses)
        self.about = {"train": {name: ["slow", "fast"]}, "versions": {name: "1"}}

    def send(self, do, **fields):
        self.notes.append((self.name, fields))

    def receive(self):
        return {"speed": self.speed * (2 if self.notes[-1][1]["setting"] == "fast" else 1)}

    def ask(self, do, **fields):
        return self.losses


@pytest.fixture
def contest(script, monkeypatch):
    module = script("contest")
    monkeypatch.setattr(module, "rest", lambda: None)
    return module


def test_each_round_begins_with_another_contestant(contest):
    notes: list = []
    ways = [
        contest.Contestant(framework=name, setting="fast", workers=[Answering(name, notes)]) for name in "ABC"
    ]
    rows = contest.in_turn(ways, contest.Budget(rounds=3), batch=64, options={"B": {"nets": 10}})
    assert [name for name, _ in notes] == list("ABCBCACAB")
    assert [row["rounds"] for row in rows] == [[200, 200, 200]] * 3
    assert {fields.get("nets") for name, fields in notes if name == "B"} == {10}


def test_processes_side_by_side_are_asked_before_any_answers_and_add_up(contest):
    notes: list = []
    pair = [Answering("one", notes), Answering("other", notes, speed=50)]
    assert contest.Contestant(framework="x", setting="slow", workers=pair).speed(batch=64) == 150
    assert [name for name, _ in notes] == ["one", "other"]


def test_of_all_settings_the_fastest_is_kept_and_all_are_noted(contest):
    console = contest.Console(file=io.StringIO())
    best, tried = contest.try_settings({"A": Answering("A", [])}, contest.Budget(), console, batch=64)
    assert [way.setting for way in best] == ["fast"]
    assert [(row["setting"], row["speed"]) for row in tried] == [("slow", 100), ("fast", 200)]


def test_frameworks_that_train_differently_are_not_compared(contest):
    workers = {"A": Answering("A", []), "B": Answering("B", [], losses=(2.3, 2.2002))}
    with pytest.raises(AssertionError, match=r"B's losses differ from the others'"):
        contest.same_losses(workers)
    workers["B"].losses = [2.3, 2.20009]
    assert set(contest.same_losses(workers)) == {"A", "B"}


def test_losses_that_are_not_numbers_are_not_alike(contest):
    workers = {"A": Answering("A", []), "B": Answering("B", [], losses=(2.3, float("nan")))}
    with pytest.raises(AssertionError, match="differ"):
        contest.same_losses(workers)


def test_a_worker_answers_a_line_with_a_line_and_says_what_went_wrong():
    code = (
        "from protocol import own_stdout, serve\n"
        "answers = own_stdout()\n"
        "print('this is not an answer')\n"
        "serve(answers, {'double': lambda request: 2 * request['number']})\n"
    )
    asked = '{"do": "double", "number": 4}\n{"do": "double"}\n{"do": "double", "number": 1}\n'
    folder = BOOK / "bench" / "peers"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, input=asked, capture_output=True, text=True, check=False
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == {"answer": 8}
    assert "KeyError: 'number'" in second["error"]
    assert "this is not an answer" in done.stderr
    assert done.returncode == 1


def test_what_is_done_outside_the_clock_does_not_count(script, monkeypatch):
    protocol = script("protocol")
    times = iter([10.0, 17.0, 20.0])  # outside from 10 to 17, asked at 20
    monkeypatch.setattr(protocol.time, "time", lambda: next(times))
    clock = protocol.Clock(begun=4.0)
    assert clock.without(lambda: "done") == "done"
    assert clock.seconds() == 9


@pytest.mark.parametrize("peer", ["keras", "pytorch"])
def test_a_peers_environment_is_locked_by_hashes_and_names_no_address(peer):
    lock = (BOOK / "bench" / "peers" / f"{peer}.lock").read_text()
    packages = re.findall(r"^[a-z0-9-]+==", lock, re.MULTILINE)
    assert len(packages) > 8
    assert lock.count("--hash=sha256:") >= len(packages)
    assert "://" not in lock


def test_an_interrupted_environment_is_made_anew_and_a_finished_one_is_kept(script, monkeypatch, tmp_path):
    environments = script("environments")
    monkeypatch.setattr(environments, "cache_folder", lambda: tmp_path)
    made: list = []

    def make(path, with_pip):
        made.append(path)
        path.mkdir()
        (path / f"half-{len(made)}").touch()

    monkeypatch.setattr(environments.venv, "create", make)
    monkeypatch.setattr(environments.subprocess, "run", _interrupted)
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        environments.python_of("keras")
    monkeypatch.setattr(environments.subprocess, "run", lambda *command, **named: None)
    python = environments.python_of("keras")
    assert environments.python_of("keras") == python
    assert len(made) == 2
    assert sorted(path.name for path in made[1].iterdir()) == [".ready", "half-2"]


def _interrupted(*command, **named):
    raise KeyboardInterrupt("stopped")


def test_a_machine_is_told_without_its_name(script):
    told = script("machine").machine()
    assert set(told) == {"processor", "cores", "system"}
    assert told["cores"] >= 1


PROGRAM = """
%fused_computation (param: f32[2]) -> f32[2] {
  ROOT %add.1 = f32[2] add(%a, %b), metadata={op_name="jit(_segment)/while/body/jvp(conv_1)/add"}
}
ENTRY %main {
  %dot.3 = f32[2,2] dot(%x, %y), metadata={op_name="jit(_segment)/while/body/jvp(conv_2)/dot_general" line=3}
  %ynn_fusion.1 = f32[2,2] fusion(%x), metadata={op_name="jit(_segment)/transpose(jvp(conv_2))/dot_general"}
  %copy.7 = f32[2] copy(%z)
  ROOT %while.2 = f32[2] while(%z), metadata={op_name="jit(_segment)/while"}
}
"""


def test_a_profile_counts_each_operation_with_its_layer_and_direction(script):
    attribution = script("attribution")
    seconds = {
        "dot.3": 4e-6,
        "ynn_fusion.1": 1.0e-5,
        "add.1": 2e-6,
        "copy.7": 1e-6,
        "while.2": 1.0,
        "python": 9.0,
    }
    assert attribution.rows(seconds, attribution.kinds(PROGRAM), images=2) == [
        {"operation": "Conv_2, backwards", "microseconds": 5.0, "products": 5.0},
        {"operation": "Conv_2, forwards", "microseconds": 2.0, "products": 2.0},
        {"operation": "Conv_1, forwards", "microseconds": 1.0, "products": 0.0},
        {"operation": attribution.REST, "microseconds": 0.5, "products": 0.0},
    ]
