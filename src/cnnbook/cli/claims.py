"""`cnnbook claims`: what the article says, and what the rules of the ledger find."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from cnnbook.cli.failures import UserError, mendable
from cnnbook.cli.options import data_option, profile_option
from cnnbook.progress import Reporter


@click.command("claims", short_help="What the article claims, and the verdict on each claim.")
@click.argument("claim", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list, or one object, and nothing else.")
@click.option("--accept", is_flag=True,
              help="Write the verdicts to seeds/verdicts.yaml; builds say what differs.")  # fmt: skip
@profile_option
@data_option
def claims_command(
    claim: str | None, as_json: bool, accept: bool, profile: str | None, data: str | None
) -> None:
    """List all claims with their verdicts, or explain one, such as C26.

    The verdicts are computed from the results in the store. What is not there is measured first, and networks
    that are missing are trained first: after 'make book' nothing is.
    """
    if claim and accept:
        raise UserError(
            f"claim={claim!r} with --accept: all verdicts are accepted together; leave the claim out"
        )
    from cnnbook import claims, workspace
    from cnnbook.claims.committed import read_committed, write_committed
    from cnnbook.claims.report import record

    with mendable():
        root = workspace.book_root()
        ledger = claims.read_ledger(root)
        wanted = claims.claim_named(ledger, claim).id if claim else None
        book = workspace.open_book(root=root, profile=profile, choice=data, reporter=Reporter())
        committed = read_committed(root)
    records = [record(one, committed) for one in book.judged]
    if accept:
        with mendable():
            made_by = {
                name: book.build_info[name] for name in ("profile", "nets", "data", "data_digest", "machine")
            }
            path = write_committed(root, book.judged, made_by)
        click.echo(f"{path}: {len(records)} verdicts")
        return
    chosen = [one for one in records if wanted in (None, one["id"])]
    if as_json:
        click.echo(json.dumps(chosen[0] if wanted else chosen, indent=2, ensure_ascii=False))
        return
    for line in _explained(chosen[0]) if wanted else _listed(chosen):
        click.echo(line)


def _listed(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each claim, then how many have which verdict."""
    for one in records:
        mark = f" (seeds/verdicts.yaml: {one['committed']})" if _differs(one) else ""
        yield f"{one['id']:<4} {one['verdict'] + mark:<15} {one['claim']}"
    words = [one["verdict"] for one in records]
    yield ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))


def _differs(one: Mapping[str, Any]) -> bool:
    """Whether a verdict is there to compare with, and another one."""
    return one["committed"] not in ("", one["verdict"])


def _explained(one: Mapping[str, Any]) -> Iterator[str]:
    """A claim with its rule, its numbers and its verdict."""
    yield f"{one['id']}: {one['claim']}"
    yield f"  in the article: {one['section']}"
    for part in one["parts"]:
        yield f"  {part['says']}"
        yield f"    {part['statistic']} = {part['text'] or 'not measured'}"
        state = f": {part['state']}" if part["state"] else ""
        yield f"    holds {part['holds']}, fails {part['fails']}{state}"
    yield "  rule: confirmed if all parts hold, refuted if all fail, else partly"
    yield f"  verdict: {one['verdict']}"
    if _differs(one):
        yield f"  seeds/verdicts.yaml says: {one['committed']}"
    for name, word in (
        ("awaits", "it awaits"),
        ("note", "note"),
        ("chapter", "chapter"),
        ("figure", "figure"),
    ):
        if one[name]:
            yield f"  {word}: {one[name]}"
