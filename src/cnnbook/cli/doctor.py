"""`cnnbook doctor`: print what `cnnbook.doctor` finds."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnnbook.cli.options import data_option, profile_option
from cnnbook.doctor import examine
from cnnbook.doctor.finding import Finding

COLOURS = {"ok": "green", "note": "yellow", "problem": "bold red"}
"""Of the levels, on a terminal."""


@click.command("doctor")
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
        console = Console(highlight=False)
        console.print(_table(findings))
        verdict = f"{problems} problem{'s' * (problems != 1)}." if problems else "Nothing is wrong."
        console.print(f"\n{verdict}")
    return 1 if problems else 0


def _table(findings: Sequence[Finding]) -> Table:
    """One row for each finding; what mends it stands below what was found."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        text = Text(finding.found)
        if finding.mend:
            text.append("\n→ ").append(finding.mend, style="bold")
        table.add_row(Text(finding.level, style=COLOURS[finding.level]), finding.check, text)
    return table
