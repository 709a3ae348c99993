import pytest

from cnnbook.data import load


def test_a_choice_that_is_nothing_known_is_refused_with_the_choices():
    with pytest.raises(
        FileNotFoundError, match="choice='ful': no such folder, expected auto, full, sample, or a fol"
    ):
        load("ful")


def test_the_environment_is_named_when_it_is_wrong(monkeypatch):
    monkeypatch.setenv("CNNBOOK_DATA", "nowhere/at/all")
    with pytest.raises(FileNotFoundError, match="CNNBOOK_DATA='nowhere/at/all': no such folder"):
        load()


def test_an_empty_choice_is_not_the_current_folder(monkeypatch, tmp_path, tiny):
    tiny.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="choice='': no such folder, expected auto"):
        load("", download=tiny.download)


def test_the_home_of_an_unknown_user_is_no_folder():
    with pytest.raises(FileNotFoundError, match="choice='~nobody-of-that-name/x': no such folder"):
        load("~nobody-of-that-name/x")


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "mnist.zip"
    path.touch()
    with pytest.raises(FileNotFoundError, match=r"mnist\.zip': a file, expected auto"):
        load(path)


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setenv("CNNBOOK_DATA", "sample")
    assert load().is_sample


@pytest.mark.parametrize("value", [None, ""])
def test_an_unset_or_empty_environment_is_auto(monkeypatch, tmp_path, tiny, value):
    if value is None:
        monkeypatch.delenv("CNNBOOK_DATA", raising=False)
    else:
        monkeypatch.setenv("CNNBOOK_DATA", value)
    digits = load(cache=tiny.write(tmp_path), download=tiny.download)
    assert digits.name == "mnist"
    assert digits.source == f"the cache {tmp_path}"


def test_an_argument_goes_before_the_environment(monkeypatch, tmp_path, tiny):
    monkeypatch.setenv("CNNBOOK_DATA", "sample")
    assert load(tiny.write(tmp_path), download=tiny.download).name == "mnist"
    assert load(str(tmp_path), download=tiny.download).name == "mnist"


def test_the_cache_is_that_of_everything_else(monkeypatch, tmp_path, tiny):
    monkeypatch.setenv("CNNBOOK_CACHE", str(tmp_path))
    tiny.write(tmp_path / "data")
    assert load("full", download=tiny.download).name == "mnist"


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path, tiny):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    tiny.write(tmp_path / "digits")
    assert load("~/digits", download=tiny.download).name == "mnist"
