"""The command line as a whole: help, exit codes, and which errors are told in one line."""

import os
import subprocess
import sys

import click
import pytest

from cnnbook import __version__
from cnnbook.cli import cli, main
from cnnbook.cli.output import UserError, one_line, user_errors


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_commands_examples_and_variables(run, words):
    ended = run(*words)
    assert ended.code == 0
    assert ended.err == ""
    for word in (
        "train",
        "maps",
        "doctor",
        "cnnbook maps 0 --layer conv_3",
        "CNNBOOK_DATA",
        "CNNBOOK_PROFILE",
    ):
        assert word in ended.out
    assert "CNNBOOK_CACHE" in ended.out
    assert "..." not in ended.out.partition("Commands:")[2].partition("Examples:")[0], "a line is cut short"


def test_help_lists_commands_in_the_order_of_use():
    assert cli.list_commands(click.Context(cli)) == [
        "train", "maps", "oip", "doctor", "claims", "figures", "cite", "verify", "metadata", "release",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["train", "maps", "doctor"])
def test_every_option_of_a_command_is_explained(run, command):
    assert run(command, "--help").code == 0
    options = [item for item in cli.commands[command].params if isinstance(item, click.Option)]
    assert options
    assert all(option.help and option.help.endswith((".", ").")) for option in options)


def test_the_version_is_the_packages(run):
    assert run("--version") == (0, f"cnnbook {__version__}\n", "")


@pytest.mark.parametrize("words", [["bake"], ["train", "--nets", "0"], ["train", "--speed", "3"], ["maps"]])
def test_wrong_usage_is_exit_code_2(run, words):
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert "Usage: cnnbook" in ended.err


def test_help_does_not_wait_for_jax_or_matplotlib():
    code = (
        "import sys; from cnnbook.cli import main; main(['train', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('jax', 'matplotlib', 'xarray', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL).returncode == 0


def test_a_reader_that_goes_away_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        words = [sys.executable, "-m", "cnnbook", "--help"]
        ended = subprocess.run(words, stdout=gone, stderr=subprocess.PIPE)
    assert (ended.returncode, ended.stderr) == (141, b"")


def _raising(error: BaseException):
    def command() -> None:
        raise error

    return click.Command("fail", callback=command)


def test_ctrl_c_is_one_line_and_exit_code_130(run, monkeypatch):
    monkeypatch.setitem(cli.commands, "fail", _raising(KeyboardInterrupt()))
    ended = run("fail")
    assert ended == (130, "", "\ncnnbook: interrupted; what was finished is kept\n")


def test_what_the_user_can_mend_is_one_line_and_exit_code_1(run, monkeypatch):
    monkeypatch.setitem(cli.commands, "fail", _raising(UserError("a=3: expected 4")))
    assert run("fail") == (1, "", "cnnbook: a=3: expected 4\n")


@pytest.mark.parametrize("kind", [ValueError, EOFError, OSError, KeyError])
def test_a_fault_of_ours_keeps_its_traceback(monkeypatch, kind):
    monkeypatch.setitem(cli.commands, "fail", _raising(kind("ours")))
    with pytest.raises(kind, match="ours"):
        main(["fail"])


def test_errors_become_the_users_only_where_that_is_said():
    with pytest.raises(UserError, match="size=0: expected more"), user_errors():
        raise ValueError("size=0:\n  expected more")
    with pytest.raises(ValueError, match="no file"), user_errors(OSError):
        raise ValueError("no file")


def test_an_error_of_the_system_is_told_without_its_number():
    assert one_line(FileNotFoundError(2, "No such file or directory", "a.png")) == (
        "a.png: no such file or directory"
    )
    assert one_line(OSError(28, "No space left on device")) == "no space left on device"
    assert one_line(OSError("a.png: too large")) == "a.png: too large"
