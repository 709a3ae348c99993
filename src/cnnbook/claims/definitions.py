"""What a claim is defined by: digests of its rule, of the config and of the source of its statistics.

A definition reads "1f0c29ab-5e6f7a8b-9c0d1e2f": rule, config, source. It says by which definition a verdict
was found, so that none is changed unnoticed.
"""

from collections.abc import Mapping

from cnnbook.claims.ledger import Claim
from cnnbook.definitions import definition, read_module
from cnnbook.digests import digest_of
from cnnbook.experiments.definitions import TRAINING

DIGITS = 8
"""Of each digest so many are kept."""

_JUDGE = (("cnnbook.claims.verdicts", "judge"), ("cnnbook.experiments.measuring", "measure"))


def claim_definition(claim: Claim, statistics: Mapping[str, Mapping[str, str]]) -> str:
    """The definition of a claim.

    Args:
        claim: of the ledger.
        statistics: digests of "config" and "source" by the statistic's name; none of a claim that awaits
            its experiment.
    """
    rule = [
        [part.name, part.holds.words, part.fails.words, part.null, part.arithmetic] for part in claim.parts
    ]
    names = [name for part in claim.parts for name in part.statistics if name in statistics]
    kinds = {kind: [statistics[name][kind] for name in names] for kind in ("config", "source")}
    return "-".join(digest_of({"of": each})[:DIGITS] for each in (rule, kinds["config"], kinds["source"]))


def judge_definition() -> str:
    """The definition of what all claims share: how networks are measured, intervals, the rule."""
    texts = []
    for module, name in _JUDGE:
        home = read_module(module)
        texts.append(definition(home, home.defined[name], without=TRAINING))
    return "-".join(digest_of({"of": text})[:DIGITS] for text in texts)
