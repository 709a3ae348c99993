"""The numbers that the book's questions to its networks need, one config a question."""

from dataclasses import dataclass

from cnnbook.config.checked import Checked, number


@dataclass(frozen=True, kw_only=True)
class LikenessConfig(Checked):
    """How "does this map still look like the digit?" is measured."""

    images: int = number(1000, "test images looked at", least=2)
    alike: float = number(0.5, "|r| from which a map counts as looking like the image", least=0, most=1)
    margin: float = number(0.05, "excess of |r| over another digit's that counts", least=0, most=1)


@dataclass(frozen=True, kw_only=True)
class CommonPointsConfig(Checked):
    """How common points of several digits are counted."""

    strong_share: float = number(0.1, "share of a layer's points called strong, per image", least=0, most=1)
    triples: int = number(2000, "triples of test images drawn per kind and network", least=10)
