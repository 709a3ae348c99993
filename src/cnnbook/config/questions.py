"""The numbers that the book's questions to its networks need, one config a question."""

from dataclasses import dataclass, replace
from typing import Any

from cnnbook.config.checked import Checked, number


@dataclass(frozen=True, kw_only=True)
class AscentConfig(Checked):
    """How far pictures are climbed."""

    steps: int = number(64, "steps of an ascent", least=1)

    def preset(self, preset: Any) -> Any:
        """A preset of `cnnbook.oip.presets` with this number of steps."""
        return replace(preset, steps=self.steps)


@dataclass(frozen=True, kw_only=True)
class OipConfig(AscentConfig):
    """From how many starts OIPs are climbed, and how far."""

    mixed: int = number(16, "starts of mixed length scales for each map", least=2)
    single: int = number(4, "starts of each single scale for each map", least=1)
    mixtures: int = number(200, "test images of each class whose maps' OIPs are mixed", least=1)


@dataclass(frozen=True, kw_only=True)
class ClimbConfig(AscentConfig):
    """How the ascent that is watched goes."""

    starts: int = number(3, "starts that presets are compared from", least=1)


@dataclass(frozen=True, kw_only=True)
class InversionsConfig(AscentConfig):
    """How layers are inverted."""

    digits: int = number(40, "test images, the digits shown first", least=1)
    steps: int = number(400, "steps of an ascent", least=1)
