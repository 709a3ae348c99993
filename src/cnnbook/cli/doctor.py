"""`cnnbook doctor`: print what `cnnbook.doctor` finds."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.text import Text

from cnnbook.cli.options import data_option, profile_option
from cnnbook.doctor import examine
from cnnbook.doctor.finding import Finding

COLOURS = {"ok": "green", "note": "yellow", "problem": "bold red"}
"""Of the levels, on a terminal."""


@click.command("doctor", short_help="Say what is wrong with this set-up, and what mends it.")
@profile_option
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def doctor_command(profile: str | None, data: str | None, as_json: bool) -> int:
    """Say what is wrong with this set-up, and the command that mends it.

    Looks at Python, the packages, Jupyter Book and its traps, the data, the device, memory, disk, and the
    store of results. It changes nothing and asks nothing of the network. The exit code is 1 if there is a
    problem, and 0 if there are notes alone.
    """
    findings = examine(profile, data)
    problems = sum(finding.level == "problem" for finding in findings)
    if as_json:
        report = {"problems": problems, "findings": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(report, indent=2))
    else:
        console = Console(highlight=False, soft_wrap=True)
        with console.capture() as text:
            for finding in findings:
                console.print(_line(finding))
            console.print(f"{problems} problem{'s' * (problems != 1)}." if problems else "Nothing is wrong.")
        click.echo(text.get(), nl=False)
    return 1 if problems else 0


def _line(finding: Finding) -> Text:
    """One line for each finding; what mends it stands below."""
    line = Text.assemble((f"{finding.level:8}", COLOURS[finding.level]), f"{finding.check:15}", finding.found)
    if finding.mend:
        line.append("\n" + " " * 8 + "→ ").append(finding.mend, style="bold")
    return line
