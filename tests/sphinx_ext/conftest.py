"""One tiny book and one foreign book for all tests, since each of their builds takes seconds."""

import pytest
from foreign import ForeignStory, tell_foreign_story
from tiny import Story, tell_story


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The tiny book built, edited, broken and mended."""
    return tell_story(tmp_path_factory.mktemp("story") / "book")


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> ForeignStory:
    """The foreign book built, changed, and built with each mistake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNBOOK_CACHE", str(tmp_path_factory.mktemp("foreign-cache")))
        return tell_foreign_story(tmp_path_factory.mktemp("foreign") / "rain")
