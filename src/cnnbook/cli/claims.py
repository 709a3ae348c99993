"""`cnnbook claims`: what the article says, and what the rules of the ledger find."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from cnnbook.cli.options import edition_options, json_option
from cnnbook.cli.output import UserError, print_json, print_lines, user_errors
from cnnbook.progress import Reporter


@click.command("claims", short_help="What the article claims, and the verdict on each claim.")
@click.argument("claim", required=False)
@json_option("one JSON list, or one object,")
@click.option(
    "--accept", is_flag=True, help="Write the verdicts to seeds/verdicts.yaml; builds say what differs."
)
@edition_options
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
    from cnnbook.claims.report import claim_record

    with user_errors():
        root = workspace.book_root()
        ledger = claims.read_ledger(root)
        wanted = claims.claim_named(ledger, claim).id if claim else None
        book = workspace.open_book(root=root, profile=profile, choice=data, reporter=Reporter())
        committed = read_committed(root)
    records = [claim_record(judged, committed) for judged in book.judged]
    if accept:
        fields = ("profile", "nets", "data", "data_digest", "machine")
        with user_errors():
            path = write_committed(root, book.judged, {name: book.build_info[name] for name in fields})
        click.echo(f"{path}: {len(records)} verdicts")
        return
    chosen = [record for record in records if wanted in (None, record["id"])]
    if as_json:
        print_json(chosen[0] if wanted else chosen)
    else:
        print_lines(_explained(chosen[0]) if wanted else _listed(chosen))


def _listed(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each claim, then how many have which verdict."""
    for record in records:
        mark = f" (seeds/verdicts.yaml: {record['committed']})" if _differs(record) else ""
        yield f"{record['id']:<4} {record['verdict'] + mark:<15} {record['claim']}"
    words = [record["verdict"] for record in records]
    yield ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))


def _differs(record: Mapping[str, Any]) -> bool:
    """Whether a verdict is there to compare with, and another one."""
    return record["committed"] not in ("", record["verdict"])


def _explained(record: Mapping[str, Any]) -> Iterator[str]:
    """A claim with its rule, its numbers and its verdict."""
    yield f"{record['id']}: {record['claim']}"
    yield f"  in the article: {record['section']}"
    for part in record["parts"]:
        yield f"  {part['says']}"
        yield f"    {part['statistic']} = {part['text'] or 'not measured'}"
        state = f": {part['state']}" if part["state"] else ""
        yield f"    holds {part['holds']}, fails {part['fails']}{state}"
    yield "  rule: confirmed if all parts hold, refuted if all fail, else partly"
    yield f"  verdict: {record['verdict']}"
    if _differs(record):
        yield f"  seeds/verdicts.yaml says: {record['committed']}"
    for name in ("awaits", "note", "chapter", "figure"):
        if record[name]:
            yield f"  {name}: {record[name]}"
