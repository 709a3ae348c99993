"""The parts of the measurements: each returns what its results file says."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from contest import Budget, Contestant, in_turn, same_losses, try_settings, versions_of
from machine import read_results
from workers import SCRIPTS, Stage, Worker, alive, rest

BATCHES = (64, 128)
NETWORKS = 10
TARGET = 0.9935
"""Share of test images named rightly that a training is to reach: about what the article's series reports."""

FRAMEWORKS = ("cnnbook", "Keras", "PyTorch")
STARTS, STEPS = 64, 64
"""Pictures that climb a map, and steps of an ascent."""

SHORT = 5_000
"""Images after which memory is read for the first time, and with which settings are tried."""


def speed(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """One network: training images a second, by batch size and framework."""
    rows, tried = [], []
    with alive(stage, list(SCRIPTS)) as workers:
        losses = same_losses(workers)
        for batch in BATCHES:
            best, found = try_settings(workers, budget, console, batch=batch)
            tried += found
            rows += in_turn(best, budget, batch=batch, options={})
        versions = versions_of(workers)
    return {
        "versions": versions, "unit": "images/s", "rows": rows, "tried": tried, "losses alike": losses,
        "note": "The clock runs from the first update to the last: what a framework does before is left out.",
    }  # fmt: skip


def ten(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """Ten networks: training images a second of all together, by arrangement."""
    rows, best = [], _fastest(results)
    with ExitStack() as stack:
        ours = stack.enter_context(alive(stage, ["cnnbook"]))
        peers = stack.enter_context(alive(stage, ["Keras", "PyTorch"]))
        single = [stack.enter_context(alive(stage, list(peers), core)) for core in range(stage.cores)]
        own = {"cnnbook": {"nets": NETWORKS}}
        for batch in BATCHES:
            ways = [_way("cnnbook", "a network on each core", [ours["cnnbook"]], "one process")]
            for framework in ("Keras", "PyTorch", "PyTorch, compiled"):
                name, setting = framework.partition(",")[0], best[framework, batch][0]
                ways += [
                    _way(framework, setting, [peers[name]], "one network after another on all cores"),
                    _way(framework, setting, [each[name] for each in single], "a process for each core"),
                ]
            for way in ways:
                way.speed(batch=batch, seconds=budget.trial, **own.get(way.framework, {}))
            rows += in_turn(ways, budget, batch=batch, options=own)
            console.print(f"  batch {batch}: done")
        memory = {"cnnbook": ours["cnnbook"].ask("memory")}
        versions = versions_of({**ours, **peers})
    told = {"versions": versions, "unit": "images/s", "networks": NETWORKS}
    return told | {"rows": rows, "peak_bytes": memory}


def accuracy(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """Seconds from the start of a process to the accuracy aimed at, compilation included."""
    best, runs, versions = _fastest(results), [], {}
    batch, epochs = stage.recipe["batch_size"], budget.epochs or stage.recipe["epochs"]
    near = min(BATCHES, key=lambda size: abs(size - batch))
    faster = max(("PyTorch", "PyTorch, compiled"), key=lambda name: best[name, near][1])
    for seed in range(budget.trainings):
        for framework in ("cnnbook", "Keras", faster):
            rest()
            setting = best[framework, near][0]
            with alive(stage, [framework.partition(",")[0]]) as workers:
                (worker,) = workers.values()
                found = worker.ask(
                    "reach", begun=worker.begun, setting=setting, batch=batch, epochs=epochs, seed=seed
                )
                versions |= versions_of(workers)
            times = [epoch["seconds"] for epoch in found["epochs"] if epoch["accuracy"] >= TARGET]
            reached = round(times[0], 2) if times else None
            told = {"framework": framework, "setting": setting, "seed": seed, "reached": reached}
            runs.append(told | found)
            console.print(f"  {framework}: {found['epochs'][-1]} {reached}")
    return {
        "versions": versions, "unit": "s", "target": TARGET, "batch": batch, "rows": runs,
        "note": "Seconds since the process was started; the evaluation after each epoch is left out.",
    }  # fmt: skip


def inference(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """All maps of many images, a batch at a time: images a second, and the most memory held."""
    settings, tried, totals, rows, short = {}, [], {}, [], min(SHORT, budget.streamed)
    with alive(stage, list(SCRIPTS)) as workers:
        for name, worker in workers.items():
            tries = _inference(worker)[: budget.settings]
            found = {setting: _streamed(worker, setting, short)[0] for setting in tries}
            pairs = sorted((speed, setting) for setting, speed in found.items())
            tried += [{"framework": name, "setting": way, "speed": round(speed)} for speed, way in pairs]
            settings[name] = pairs[-1][1]
        versions = versions_of(workers)
    with alive(stage, list(SCRIPTS)) as workers:
        speeds: dict[str, list[int]] = {name: [] for name in workers}
        early = {}
        for name, worker in workers.items():
            _streamed(worker, settings[name], short)
            early[name] = worker.ask("memory")
        for _ in range(budget.streams):
            for name, worker in workers.items():
                rest()
                found, totals[name] = _streamed(worker, settings[name], budget.streamed)
                speeds[name].append(round(found))
        for name, worker in workers.items():
            (framework,) = worker.about["infer"]
            rows.append({
                "framework": framework, "setting": settings[name], "rounds": speeds[name],
                "peak_bytes": worker.ask("memory"), "peak_bytes_early": early[name],
            })  # fmt: skip
    if max(totals.values()) - min(totals.values()) > 1e-3 * max(map(abs, totals.values())):
        raise AssertionError(f"the sums of all scores differ: {totals}")
    return {
        "versions": versions, "unit": "images/s", "images": budget.streamed, "images_early": short,
        "rows": rows, "tried": tried,
    }  # fmt: skip


def climb(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """OIPs: pictures that climb the mean of a map of Conv_3, milliseconds each, beside plain loops.

    Raises:
        AssertionError: what the pictures reach differs: then the steps are not the same.
    """
    asked = {"maps": budget.climbed, "steps": STEPS, "rate": 0.03}
    pictures = budget.climbed * STARTS
    times: dict[str, list[float]] = {}
    reached: dict[str, float] = {}
    with alive(stage, list(FRAMEWORKS)) as workers:
        for worker in workers.values():
            worker.ask("climb", **asked | {"maps": 1})
        for _ in range(budget.rounds):
            for name, worker in workers.items():
                rest()
                found = worker.ask("climb", **asked)
                times.setdefault(name, []).append(round(1000 * found["seconds"] / pictures, 2))
                reached[name] = found["total"]
        versions = versions_of(workers)
    if max(reached.values()) - min(reached.values()) > 0.02 * max(map(abs, reached.values())):
        raise AssertionError(f"the pictures reach different heights: {reached}")
    rows = [
        {"framework": name, "setting": f"{STARTS} a batch", "rounds": found} for name, found in times.items()
    ]
    for row in rows:
        console.print(f"  {row}")
    return {
        "versions": versions, "unit": "ms a picture", "rows": rows, "steps": STEPS, "pictures": pictures,
        "reached": {name: round(value / pictures, 4) for name, value in reached.items()},
        "note": "Adam on pixels cut off at 0 and 1, without transforms; compilation is left out.",
    }  # fmt: skip


def memory(stage: Stage, budget: Budget, results: Path, console: Console) -> dict[str, Any]:
    """The most memory that a process holds which trains one network of the book, by number of epochs."""
    rows, batch = [], stage.recipe["batch_size"]
    for epochs in (1, 3):
        with alive(stage, ["cnnbook"]) as workers:
            worker = workers["cnnbook"]
            (settings,) = worker.about["train"].values()
            found = worker.ask(
                "reach", begun=worker.begun, setting=settings[0], batch=batch, epochs=epochs, seed=0
            )
        rows.append({"framework": "cnnbook", "epochs": epochs, "peak_bytes": found["peak_bytes"]})
        console.print(f"  {rows[-1]}")
    return {"unit": "bytes", "rows": rows}


def _way(framework: str, setting: str, workers: list[Worker], arrangement: str) -> Contestant:
    return Contestant(framework=framework, setting=setting, workers=workers, arrangement=arrangement)


def _fastest(results: Path) -> dict[tuple[str, int], tuple[str, int]]:
    """The best setting of each framework and batch in the part `speed`, and its median speed."""
    rows = read_results("speed", results)["rows"]
    return {
        (row["framework"], row["batch"]): (row["setting"], sorted(row["rounds"])[len(row["rounds"]) // 2])
        for row in rows
    }


def _inference(worker: Worker) -> list[str]:
    """The settings of a worker's inference."""
    return [setting for settings in worker.about["infer"].values() for setting in settings]


def _streamed(worker: Worker, setting: str, images: int) -> tuple[float, float]:
    """Images a second, and the sum of all scores."""
    found = worker.ask("infer", setting=setting, images=images)
    return images / found["seconds"], found["total"]
