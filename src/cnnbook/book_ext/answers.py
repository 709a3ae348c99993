"""One sentence that answers a chapter's question, chosen by the verdicts of its claims: directive `answer`.

    :::{answer} C25 C26
    confirmed: Different 4s have strong points in common, more than other digits do.
    refuted: What 4s have in common, other digits have as well.
    mixed: …
    undecided: …
    :::

Of several claims the verdict is taken as of parts: confirmed if all are, refuted if all are, mixed as soon as
one is mixed, or one confirmed and one refuted, else undecided. A copy on the sample takes accepted verdicts.
"""

from collections.abc import Mapping, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnnbook.book_ext.claims import unknown_claim
from cnnbook.sphinx_ext.pages import warn

VERDICTS = ("confirmed", "refuted", "mixed", "undecided")
"""For each of these there is a sentence."""


def combined_verdict(verdicts: Sequence[str]) -> str:
    """What the verdicts of several claims say together; claims that are not tested leave it undecided.

    Args:
        verdicts: of the claims.
    """
    found = set(verdicts)
    if "mixed" in found or {"confirmed", "refuted"} <= found:
        return "mixed"
    return found.pop() if found in ({"confirmed"}, {"refuted"}) else "undecided"


def parse_answers(lines: Sequence[str]) -> Mapping[str, str]:
    """The sentence for each verdict.

    Args:
        lines: "confirmed: …"; a line that begins with no verdict goes on with the sentence before.

    Raises:
        ValueError: a verdict has no sentence.
    """
    answers: dict[str, str] = {}
    last = ""
    for line in lines:
        word, _, rest = line.partition(":")
        last = word.strip() if word.strip() in VERDICTS else last
        answers[last] = f"{answers.get(last, '')} {rest if word.strip() in VERDICTS else line}".strip()
    missing = [verdict for verdict in VERDICTS if not answers.get(verdict)]
    if missing:
        raise ValueError(f"no sentence for {', '.join(missing)}; expected a line '{missing[0]}: …'")
    return answers


class AnswerDirective(SphinxDirective):
    """The directive `answer`."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Show the sentence of the claims' verdict."""
        records = self.config.cnnbook_claims
        names = self.arguments[0].split()
        for name in names:
            if name not in records:
                warn(unknown_claim(name, records), self.get_location(), kind="claim")
        try:
            answers = parse_answers(list(self.content))
        except ValueError as error:
            warn(f"answer: {error}", self.get_location(), kind="claim")
            return []
        verdict = combined_verdict([records[name]["badge"] for name in names if name in records])
        children, messages = self.state.inline_text(answers[verdict], self.lineno)
        return [nodes.paragraph("", "", *children, classes=["answer"]), *messages]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("answer", AnswerDirective)
