"""One tiny book for all tests, since each of its builds takes seconds."""

import pytest
from tiny import Story, tell_story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The tiny book built, edited, broken and mended."""
    return tell_story(tmp_path_factory.mktemp("story") / "book")
