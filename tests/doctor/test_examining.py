"""The doctor looks at everything, changes nothing, and survives a broken environment."""

import pytest

from cnnbook import doctor
from cnnbook.doctor import examine, packages
from cnnbook.doctor.finding import Finding


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """Of this machine, with a cache that is not there yet."""
    cache = tmp_path_factory.mktemp("doctor") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNBOOK_CACHE", str(cache))
        found = examine("draft", "sample")
    assert not cache.exists()
    return found


def test_everything_is_looked_at(findings):
    assert [finding.check for finding in findings] == [
        "Python", "Jupyter Book", "packages", "lock file", "jupyter-book", "kernel", "profile", "book",
        "cell timeout", "theme options", "data", "device", "cores", "memory", "cache", "book's disk", "store",
        "locks",
    ]  # fmt: skip


def test_every_problem_says_what_mends_it(findings):
    assert all(finding.mend for finding in findings if finding.level == "problem")


def test_the_test_environment_itself_is_sound(findings):
    by_check = {finding.check: finding for finding in findings}
    for check in ("Python", "Jupyter Book", "kernel", "book", "cell timeout"):
        assert by_check[check].level == "ok", by_check[check]


def test_a_missing_package_is_a_problem_and_the_rest_is_looked_at(monkeypatch):
    def missing(*_):
        raise ModuleNotFoundError("No module named 'packaging'")

    monkeypatch.setattr(packages, "check_jupyter_book", missing)
    found = examine("draft", "sample")
    assert found[0].check == "Python"
    assert (found[1].check, found[1].level) == ("packages", "problem")
    assert found[1].found == "No module named 'packaging'; what needs it was not looked at"
    assert found[-1].check == "locks"


def test_outside_a_book_the_rest_is_looked_at(monkeypatch):
    monkeypatch.setattr(doctor, "book_root", _no_book)
    found = {finding.check: finding for finding in examine("draft", "sample")}
    assert found["book"].level == "problem"
    assert "cell timeout" not in found
    assert isinstance(found["device"], Finding)


def _no_book():
    raise FileNotFoundError("seeds/digits.yaml: not found")


def test_a_cache_in_an_unknown_users_home_is_a_problem(monkeypatch):
    monkeypatch.setenv("CNNBOOK_CACHE", "~nobody-of-that-name/x")
    (finding,) = examine("draft", "sample")
    assert (finding.check, finding.level, finding.mend) == ("cache", "problem", "unset CNNBOOK_CACHE")
