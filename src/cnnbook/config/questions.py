"""The numbers that the book's questions to its networks need, one config a question."""

from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True, kw_only=True)
class DimensionConfig(Checked):
    """How many dimensions activations use."""

    images: int = number(1000, "test images, as points of a space", least=20)
    untrained: int = number(3, "networks looked at before training", least=1)


@dataclass(frozen=True, kw_only=True)
class CensusConfig(Checked):
    """When a map counts as silent or as always on."""

    rare: float = number(0.01, "share of images below which a map is silent, and above whose rest always on",
                         least=0, most=0.5)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OrientationConfig(Checked):
    """How directions on maps are compared with chance."""

    images: int = number(3000, "test images looked at", least=10)
    shuffles: int = number(4, "shuffles of the nine cells of Conv_3", least=1)
    untrained: int = number(3, "networks looked at before training", least=1)


@dataclass(frozen=True, kw_only=True)
class CommonCountsConfig(Checked):
    """How common points of many digits are counted against chance."""

    images: int = number(5000, "test images looked at", least=20)
    most: int = number(10, "digits that share points, at most", least=3)
    permutations: int = number(999, "permutations of the labels", least=19)


@dataclass(frozen=True, kw_only=True)
class ClassesConfig(Checked):
    """How classes are compared."""

    images: int = number(10000, "training images whose mean activation stands for their class", least=20)
    untrained: int = number(3, "networks looked at before training", least=1)


@dataclass(frozen=True, kw_only=True)
class LostConfig(Checked):
    """What linear readers are given to learn from, and what they are judged on."""

    train: int = number(1500, "training images that a reader learns from", least=20)
    test: int = number(2000, "test images that it is judged on", least=10)
    untrained: int = number(3, "networks looked at before training", least=1)


@dataclass(frozen=True, kw_only=True)
class HeadsConfig(Checked):
    """How heads on Conv_3 are trained and what is changed in front of them."""

    train: int = number(20000, "training images that heads learn from, at most", least=20)
    neighbours: int = number(5000, "of these, how many the nearest neighbours are looked for in", least=10)
    decay: float = number(1e-3, "L2 coefficient of linear heads, on standardised inputs", least=0)
    steps: int = number(80, "steps of L-BFGS", least=1)
    epochs: int = number(8, "passes of a head with a hidden layer", least=1)
    untrained: int = number(3, "networks with random convolutions", least=1)
    greedy: int = number(5000, "training images among which points are chosen", least=20)
    points: int = number(60, "points chosen one after another, at most", least=1)


@dataclass(frozen=True, kw_only=True)
class AttributionConfig(Checked):
    """How many images are explained exactly."""

    images: int = number(200, "test images", least=2)
    affine: int = number(20, "of these, how many are taken apart down to the pixels", least=1)


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
