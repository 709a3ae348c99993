"""Python, the packages and Jupyter Book are judged rightly, and each problem has its remedy."""

import sys

import pytest

from cnnbook.doctor.packages import (
    check_jupyter_book,
    check_lock_file,
    check_python,
    check_requirements,
    installed_version,
)

PIP = "/env/bin/python -m pip"


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10, 14), "problem"), ((3, 11, 0), "ok"), ((3, 14, 1), "ok")]
)
def test_python_is_3_11_or_newer(version, level):
    found = check_python(version, "/env/bin/python")
    assert found.level == level
    assert found.found.startswith(".".join(map(str, version)))


@pytest.mark.parametrize(
    ("version", "level"),
    [
        (None, "problem"),
        ("0.6.5", "problem"),
        ("1.0.4", "problem"),
        ("1.0.4.post1", "ok"),
        ("1.0.5", "ok"),
        ("2.0.0b1", "problem"),
        ("2.1.7", "problem"),
    ],
)
def test_only_the_last_jupyter_book_1_will_do(version, level):
    found = check_jupyter_book(version, PIP)
    assert found.level == level
    if level == "problem":
        assert found.mend.endswith(f"{PIP} install 'jupyter-book>=1.0.4.post1,<2'")


def test_jupyter_book_2_is_explained_and_its_traces_are_mended():
    found = check_jupyter_book("2.1.7", PIP)
    assert "does not read _config.yml and _toc.yml" in found.found
    assert found.mend.startswith("git checkout _config.yml _toc.yml && rm -f myst.yml && ")


def test_all_requirements_met_is_ok():
    found = check_requirements(["jax>=0.6", "click<9,>=8.1"], {"jax": "0.10.2", "click": "8.5.1"}.get, PIP)
    assert (found.level, found.found) == ("ok", "all 2 that are asked for")


def test_a_missing_and_an_old_package_are_named_and_mended_in_one_command():
    found = check_requirements(["jax>=0.6", "click<9,>=8.1", "rich"], {"jax": "0.4.1", "rich": "1"}.get, PIP)
    assert found.level == "problem"
    assert found.found == "jax 0.4.1, expected jax>=0.6; click is missing, expected click<9,>=8.1"
    assert found.mend == f"{PIP} install 'jax>=0.6' 'click<9,>=8.1'"


def test_extras_and_other_systems_are_passed_over():
    lines = ["pytest>=8; extra == 'dev'", "pywin32; sys_platform == 'nowhere'", "rich"]
    assert check_requirements(lines, {"rich": "1"}.get, PIP).found == "all 1 that are asked for"


LOCK = """
jax==0.10.2 \\
    --hash=sha256:00
    # via cnnbook
appnope==1.0.0 ; sys_platform == 'nowhere' \\
    --hash=sha256:01
rich==15.0.0 \\
"""


def test_versions_of_the_lock_file_are_ok():
    assert check_lock_file(LOCK, {"jax": "0.10.2", "rich": "15.0.0", "appnope": "9"}.get).level == "ok"


def test_other_versions_than_the_lock_files_are_a_note():
    found = check_lock_file(LOCK, {"jax": "0.11.0", "rich": "15.0.0"}.get)
    assert (found.level, found.mend) == ("note", "make install")
    assert found.found.startswith(
        "1 package differs from requirements.lock: jax 0.11.0 (lock: 0.10.2); numbers may"
    )


def test_an_optional_package_that_is_not_installed_is_no_difference():
    assert check_lock_file(LOCK, {"jax": "0.10.2"}.get).level == "ok"


def test_installed_versions_are_found():
    assert installed_version("pytest") == pytest.__version__
    assert installed_version("no-such-package-here") is None
    assert check_python(sys.version_info[:3], sys.executable).level == "ok"
