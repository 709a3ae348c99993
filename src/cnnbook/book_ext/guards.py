"""Words that a number decides: the role `{guarded}`, which shows them only while the number does.

    {guarded}`codes.silence_gain > 0.02 | more important | not clearly more important`

A condition compares a statistic with a number or with another statistic. On all of MNIST a sentence whose
condition does not hold is false, and fails the build; elsewhere nothing is judged, and the neutral words
after the second bar are shown.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from cnnbook.formatting import suggestion
from cnnbook.sphinx_ext.pages import warn

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"(\S+)\s*(<=|>=|<|>)\s*(\S+)")


@dataclass(frozen=True)
class Guard:
    """A condition with the words for either case.

    Attributes:
        left: the name of a statistic, or a number.
        compare: one of < <= > >=.
        right: as `left`.
        words: what the page says while the condition holds.
        neutral: what it says otherwise.
    """

    left: str
    compare: str
    right: str
    words: str
    neutral: str

    def holds(self, statistics: Mapping[str, float]) -> bool:
        """Whether the condition is true.

        Args:
            statistics: values by name, such as "codes.silence_gain".

        Raises:
            ValueError: it names a statistic that does not exist.
        """
        return _OPERATORS[self.compare](_value(self.left, statistics), _value(self.right, statistics))


def parse_guard(text: str) -> Guard:
    """A guard from a role's text.

    Raises:
        ValueError: it is not "condition | words | neutral words".
    """
    parts = [" ".join(part.split()) for part in text.split("|")]
    match = _CONDITION.fullmatch(parts[0])
    if len(parts) != 3 or not match or not all(parts):
        raise ValueError(f"{text!r}: expected 'experiment.statistic > 0.02 | words if so | neutral words'")
    return Guard(match[1], match[2], match[3], parts[1], parts[2])


def _value(name: str, statistics: Mapping[str, float]) -> float:
    """A number, or the value of the statistic of that name."""
    try:
        return float(name)
    except ValueError:
        if name not in statistics:
            raise ValueError(f"no statistic {name!r}{suggestion(name, statistics)}") from None
        return statistics[name]


class GuardedRole(SphinxRole):
    """The role `{guarded}`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Show the words, or the neutral ones; report a false sentence where results are judged."""
        try:
            guard = parse_guard(self.text)
            holds = guard.holds(self.config.cnnbook_statistics)
        except ValueError as error:
            warn(f"guarded: {error}", self.get_location(), kind="guard")
            return [nodes.Text("?")], []
        if not holds and self.config.cnnbook_judged:
            warn(describe_failure(guard, self.config.cnnbook_statistics), self.get_location(), kind="guard")
        return self.inliner.parse(guard.words if holds else guard.neutral, self.lineno, self, nodes.inline())  # pyright: ignore


def describe_failure(guard: Guard, statistics: Mapping[str, float]) -> str:
    """What to say of a sentence whose condition is false.

    Args:
        guard: whose condition it is.
        statistics: values by name.
    """
    sides = [f"{name} = {statistics[name]:.4g}" for name in (guard.left, guard.right) if name in statistics]
    return (
        f"“{guard.words}” is false: {guard.left} {guard.compare} {guard.right} does not hold "
        f"({', '.join(sides)}); rewrite the sentence, or use its neutral words: {guard.neutral}"
    )


def setup(app: Sphinx) -> None:
    """Register the role; its numbers come from the preparation of the build."""
    app.add_config_value("cnnbook_statistics", {}, "env", dict)
    app.add_config_value("cnnbook_judged", False, "env", bool)
    app.add_role("guarded", GuardedRole())
