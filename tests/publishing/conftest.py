"""A small book whose figures the tests publish."""

import functools
from pathlib import Path

import pytest
from rain import ID, draw_rain, publisher_of, rain

from cnnbook.publishing.publisher import Publisher
from cnnbook.publishing.record import FigureRecord


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    """Publishes into an empty store."""
    return publisher_of(tmp_path / "weather", tmp_path / "store")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> FigureRecord:
    """A figure with all its files, which no test changes."""
    place = tmp_path_factory.mktemp("published")
    figure = publisher_of(place / "weather", place / "store").publish(ID, draw_rain, rain(), title="June")
    assert figure is not None
    return figure


@pytest.fixture
def drawn():
    """Draws rain, and notes each palette it is called with."""
    palettes: list[str] = []

    @functools.wraps(draw_rain)
    def draw(*data, palette, **options):
        palettes.append(palette.background)
        return draw_rain(*data, palette=palette, **options)

    return draw, palettes
