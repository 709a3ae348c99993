"""What a workspace would be for the tiny book: it prepares in no time, and notes each run of a cell."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console

from cnnbook.build_state import BuildState, lock_state_folder
from cnnbook.publishing.pictures import write_figure
from cnnbook.publishing.record_files import write_record


@dataclass(frozen=True)
class Palette:
    """Two colours."""

    background: str
    ink: str


SAMPLE_NOTICE = "Built on the sample of 5,000 digits: no number here is a result about MNIST."


def prepare(root: Path, *, console: Console) -> BuildState:
    """Hand over the state that the environment variable TINY_STATE names."""
    name = os.environ.get("TINY_STATE", "one")
    if name == "mistaken":
        raise ValueError("TINY_STATE='mistaken': expected another word")
    if name == "waiting":
        console.print("waiting for Ctrl-C")
        sys.stdin.read()
    folder, lock = lock_state_folder(root / "_build" / "state", name, console)
    values = {"accuracy.mean": f"99.42 % ({name})"}
    environment = {"TINY_FOLDER": str(folder)}
    return BuildState(
        digest=name,
        folder=folder,
        lock=lock,
        values=values,
        notice=SAMPLE_NOTICE if name == "sample" else "",
        environment=environment,
        settings={"cnnbook_edition": "sample"} if name == "sample" else {},
    )


def state() -> str:
    """Which state a cell runs in; each call is noted in the file `runs`."""
    with Path(os.environ["TINY_FOLDER"], "runs").open("a") as stream:
        stream.write("run\n")
    return Path(os.environ["TINY_FOLDER"]).name


def publish(figure_id: str) -> None:
    """Draw a line and leave its record."""
    folder = Path(os.environ["TINY_FOLDER"])

    def draw(palette: Palette) -> Figure:
        figure = Figure(figsize=(4, 2), layout="constrained")
        figure.subplots().plot([0, 1, 4], color=palette.ink)
        return figure

    light, dark = Palette("white", "black"), Palette("#121212", "white")
    figure = write_figure(figure_id, draw, folder / "store" / figure_id, light=light, dark=dark)
    write_record(figure, folder / "figures" / f"{figure_id}.json")
