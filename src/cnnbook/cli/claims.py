"""`cnnbook claims`: what the article says, and what the rules of the ledger find."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from cnnbook.cli.options import edition_options, json_option
from cnnbook.cli.output import print_json, print_lines, user_errors
from cnnbook.formatting import short_number
from cnnbook.progress import Reporter

if TYPE_CHECKING:
    from cnnbook.publishing.book import BookMetadata

_MADE_BY = ("profile", "nets", "data", "data_digest", "machine")


@click.command("claims", short_help="What the article claims, and the verdict on each claim.")
@click.argument("claim", nargs=-1)
@json_option("one JSON list, or one object,")
@click.option(
    "--accept", is_flag=True, help="Add these verdicts to seeds/verdicts.yaml; builds say what differs."
)
@click.option("--why", default="", help="With --accept: why verdicts flip whose rules were not changed.")
@click.option(
    "--definitions", is_flag=True, help="Print what each claim is defined by, for entries of 'changed'."
)
@edition_options
def claims_command(
    claim: tuple[str, ...],
    as_json: bool,
    accept: bool,
    why: str,
    definitions: bool,
    profile: str | None,
    data: str | None,
) -> None:
    """List all claims with their verdicts, or explain some, such as C26.

    The verdicts are computed from the results in the store. What is not there is measured first, and networks
    that are missing are trained first: after 'make book' nothing is.
    """
    from cnnbook import claims, workspace
    from cnnbook.build_info import edition_label
    from cnnbook.claims import accepted
    from cnnbook.publishing.book import read_book

    with user_errors():
        root = workspace.book_root()
        ledger = claims.read_ledger(root)
        wanted = [claims.claim_named(ledger, each).id for each in claim]
        book = workspace.open_book(root=root, profile=profile, choice=data, reporter=Reporter())
    if definitions:
        known = book.definitions
        print_lines(f"{name}: {known[name]}" for name in wanted or known)
        return
    if accept:
        made_by = {name: book.build_info[name] for name in _MADE_BY}
        with user_errors():
            judged = book.judge(wanted)
            path = accepted.accept(root, judged, definitions=book.definitions, made_by=made_by, why=why)
        click.echo(f"{path}: {len(judged)} verdicts")
        return
    chosen = [record for record in book.claims.values() if not wanted or record["id"] in wanted]
    if as_json:
        print_json(chosen[0] if len(wanted) == 1 else chosen)
    else:
        edition = edition_label(book.profile, is_sample=book.is_sample)
        cite = partial(_citation, read_book(root, edition=edition))
        lines = chain.from_iterable(_explained(each, cite) for each in chosen)
        print_lines(lines if wanted else _listed(chosen))


def _listed(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each claim, then how many have which verdict."""
    for record in records:
        yield f"{record['id']:<4} {_badge(record):<15} {record['claim']}"
    words = [record["badge"] for record in records]
    yield ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    if any(record["verdict"] == "not conclusive" for record in records):
        yield "This copy is built on the sample and judges nothing: these are the accepted verdicts."


def _badge(record: Mapping[str, Any]) -> str:
    """The verdict, with the accepted one where that is another."""
    accepted, verdict = record["accepted"], record["verdict"]
    differs = verdict != "not conclusive" and accepted not in ("", verdict)
    return f"{record['badge']} (accepted: {accepted})" if differs else record["badge"]


def _explained(record: Mapping[str, Any], cite: Callable[[Mapping[str, Any]], str]) -> Iterator[str]:
    """A claim with its rule, its numbers, its verdict and its reference."""
    yield f"{record['id']}: {record['claim']}"
    yield f"  in the article: {record['section']}"
    yield f"  verdict: {_badge(record)}" + (f" ({record['badge_from']})" if record["badge_from"] else "")
    if record["verdict"] == "not conclusive":
        yield "  this copy: the sample, not judged"
    for part in record["parts"]:
        yield from _part(part)
    yield "  rule: confirmed if all parts hold, refuted if all fail, mixed if some hold and some fail,"
    yield "    else undecided; parts that hold by arithmetic decide nothing where others do"
    for change in record["changed"]:
        yield f"  changed on {change['on']}: it was “{change['was']}”. {change['why']}"
    for past in record["history"]:
        yield f"  accepted on {past['on']}: {past['verdict']}" + (f" ({past['why']})" if past["why"] else "")
    yield f"  definition: {record['definition']}"
    for name in ("awaits", "note", "chapter", "figure"):
        if record[name]:
            yield f"  {name}: {record[name]}"
    yield f"  cite: {cite(record)}"


def _citation(book: "BookMetadata", record: Mapping[str, Any]) -> str:
    """A reference to a claim."""
    from cnnbook.publishing.citation import cite_passage

    what, page = f"claim {record['id']} ({record['badge']})", f"book/claims.html#claim-{record['id'].lower()}"
    return cite_passage(record["claim"], what, page, book)


def _part(part: Mapping[str, Any]) -> Iterator[str]:
    """One part with its numbers."""
    yield f"  {part['says']}" + (" (by arithmetic)" if part["arithmetic"] else "")
    yield f"    {part['statistic']} = {part['text'] or 'not measured'}"
    state = f": {part['state']}" if part["state"] else ""
    yield f"    holds {part['holds']}, fails {part['fails']}{state}"
    if part["null"] is not None:
        yield f"    null: {short_number(part['null'])} ({part['null_says']})"
    elif part["null_says"]:
        yield f"    null: {part['null_says']}"
    if part["stays"]:
        yield f"    {part['stays']}"
