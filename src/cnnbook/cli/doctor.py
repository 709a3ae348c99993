"""`cnnbook doctor`: print what `cnnbook.doctor` finds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click
from rich.text import Text

from cnnbook.cli.options import edition_options, json_option
from cnnbook.cli.output import print_json, print_lines
from cnnbook.doctor import examine
from cnnbook.doctor.finding import Finding

COLOURS = {"ok": "green", "note": "yellow", "problem": "bold red"}
"""Of the levels, on a terminal."""


@click.command("doctor", short_help="Say what is wrong with this set-up, and what mends it.")
@edition_options
@json_option()
def doctor_command(profile: str | None, data: str | None, as_json: bool) -> int:
    """Say what is wrong with this set-up, and the command that mends it.

    Looks at Python, the packages, Jupyter Book and its traps, the data, the device, memory, disk, and the
    store of results. It changes nothing and asks nothing of the network. The exit code is 1 if there is a
    problem, and 0 if there are notes alone.
    """
    findings = examine(profile, data)
    problems = sum(finding.level == "problem" for finding in findings)
    if as_json:
        print_json({"problems": problems, "findings": [asdict(finding) for finding in findings]})
    else:
        print_lines(_lines(findings, problems))
    return 1 if problems else 0


def _lines(findings: Sequence[Finding], problems: int) -> Iterator[Text | str]:
    """One line for each finding, what mends it below; then how many problems there are."""
    for finding in findings:
        yield Text.assemble(
            (f"{finding.level:8}", COLOURS[finding.level]), f"{finding.check:15}", finding.found
        )
        if finding.mend:
            yield Text.assemble(" " * 8, "→ ", (finding.mend, "bold"))
    yield f"{problems} problem{'s' * (problems != 1)}." if problems else "Nothing is wrong."
