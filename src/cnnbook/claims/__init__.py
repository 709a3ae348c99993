"""The ledger of claims: what the article says, the rule that decides each claim, and the verdicts."""

from cnnbook.claims.ledger import Claim, Part, claim_named, read_judge_changes, read_ledger
from cnnbook.claims.verdicts import Judged, Measured, judge

__all__ = ["Claim", "Judged", "Measured", "Part", "claim_named", "judge", "read_judge_changes", "read_ledger"]
