"""Who is measured against whom: try a peer's settings, keep its best, then measure all in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from workers import Worker, rest

ALIKE = 1e-4
"""Losses from the same weights, batches and updates may differ by so much, in nats."""

CHECKED = {"batch": 128, "updates": 4, "rate": 0.02}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long to measure.

    Attributes:
        rounds: of every row.
        seconds: of one measurement, about.
        trial: seconds for each setting that is tried.
        trainings: whole trainings of each framework.
        streams: rounds in which maps are computed.
        settings: tried of each framework; None tries all.
        epochs: of a whole training; None takes the recipe's.
        streamed: images whose maps are computed in a round.
        climbed: maps that are climbed in a round.
    """

    rounds: int = 5
    seconds: float = 2.5
    trial: float = 1.0
    trainings: int = 2
    streams: int = 3
    settings: int | None = None
    epochs: int | None = None
    streamed: int = 60_000
    climbed: int = 16


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """One way to do the work.

    Attributes:
        framework: as tables name it.
        setting: one of its worker's.
        workers: processes that work at the same time; their speeds add up.
        arrangement: of several networks on the cores; "" for one network.
    """

    framework: str
    setting: str
    workers: Sequence[Worker]
    arrangement: str = ""

    def speed(self, **fields: Any) -> float:
        """Train now; images a second, of all processes together."""
        rest()
        for worker in self.workers:
            worker.send("train", setting=self.setting, **fields)
        return sum(worker.receive()["speed"] for worker in self.workers)

    def row(self, **fields: Any) -> dict[str, Any]:
        """What a results file says of it."""
        told = {"framework": self.framework, "setting": self.setting}
        return told | ({"arrangement": self.arrangement} if self.arrangement else {}) | fields


def try_settings(
    workers: Mapping[str, Worker], budget: Budget, console: Console, *, batch: int
) -> tuple[list[Contestant], list[dict[str, Any]]]:
    """Measure each setting of each framework shortly.

    Returns:
        The fastest of each framework, and what each setting reached.
    """
    best, tried = [], []
    for worker in workers.values():
        for framework, settings in worker.about["train"].items():
            tries = settings[: budget.settings]
            ways = [Contestant(framework=framework, setting=name, workers=[worker]) for name in tries]
            speeds = [way.speed(batch=batch, seconds=budget.trial) for way in ways]
            for way, speed in zip(ways, speeds, strict=True):
                console.print(f"  batch {batch}: {framework}: {way.setting}: {speed:,.0f} images/s")
                tried.append(way.row(batch=batch, speed=round(speed)))
            best.append(ways[speeds.index(max(speeds))])
    return best, tried


def in_turn(
    contestants: Sequence[Contestant], budget: Budget, *, batch: int, options: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Measure all, round after round, each round beginning with another one; a row each.

    Args:
        contestants: already warm.
        budget: rounds, and seconds each.
        batch: images an update.
        options: further fields of the request, by framework.
    """
    speeds: list[list[int]] = [[] for _ in contestants]
    for turn in range(budget.rounds):
        for place in range(len(contestants)):
            number = (place + turn) % len(contestants)
            way = contestants[number]
            found = way.speed(batch=batch, seconds=budget.seconds, **options.get(way.framework, {}))
            speeds[number].append(round(found))
    pairs = zip(contestants, speeds, strict=True)
    return [way.row(batch=batch, rounds=found) for way, found in pairs]


def same_losses(workers: Mapping[str, Worker]) -> dict[str, list[float]]:
    """The loss before each of some updates, of every framework from the same weights.

    Raises:
        AssertionError: they differ: then they do not train the same network by the same rule.
    """
    found = {name: worker.ask("losses", **CHECKED) for name, worker in workers.items()}
    first = next(iter(found.values()))
    for name, losses in found.items():
        apart = [abs(one - other) for one, other in zip(losses, first, strict=True)]
        if not all(difference <= ALIKE for difference in apart):  # also where one is not a number
            raise AssertionError(f"{name}'s losses differ from the others' by {apart}: {found}")
    return {name: [round(loss, 6) for loss in losses] for name, losses in found.items()}


def versions_of(workers: Mapping[str, Worker]) -> dict[str, str]:
    """All frameworks' versions."""
    told: dict[str, str] = {}
    for worker in workers.values():
        told |= worker.about["versions"]
    return told
