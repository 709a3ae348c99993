"""The kernel and the command that a build would use are those of this environment."""

import json

import pytest

from cnnbook.doctor.book import check_command, check_kernel, kernel_folders


@pytest.fixture
def make(tmp_path):
    """Makes a folder of kernels whose python3 starts a program."""

    def make_kernels(name, *argv):
        place = tmp_path / name / "python3"
        place.mkdir(parents=True)
        (place / "kernel.json").write_text(json.dumps({"argv": list(argv)}))
        return tmp_path / name

    return make_kernels


PYTHON = "/env/bin/python3"


@pytest.mark.parametrize(
    "program", ["python", "python3", "/env/bin/python3", "/env/bin/python", "/env/lib/../bin/python"]
)
def test_a_kernel_of_this_environment_is_ok(make, program):
    assert check_kernel([make("env", program)], [], PYTHON, "pip").level == "ok"


def test_a_kernel_of_another_python_that_comes_first_is_a_problem(make, tmp_path):
    found = check_kernel([make("given", "/other/bin/python"), make("env", "python")], [], PYTHON, "pip")
    assert found.level == "problem"
    assert f"python3 in {tmp_path}/given/python3 comes first and starts /other/bin/python" in found.found
    assert found.mend.startswith(f"rm -r '{tmp_path}/given/python3'")


def test_a_kernel_in_the_users_folder_that_a_build_passes_over_is_a_note(make, tmp_path):
    env, user = make("env", "python"), make("user", "/other/bin/python")
    found = check_kernel([env, user], [user], PYTHON, "pip")
    assert found.level == "note"
    assert "a build passes over it" in found.found
    assert found.mend == f"rm -r '{tmp_path}/user/python3' removes it"


def test_a_damaged_kernel_is_a_problem(make, tmp_path):
    make("env", "python")
    (tmp_path / "env" / "python3" / "kernel.json").write_text("{")
    found = check_kernel([tmp_path / "env"], [], PYTHON, "pip")
    assert found.level == "problem"
    assert "nothing (kernel.json is damaged)" in found.found


def test_no_kernel_at_all_is_a_problem(tmp_path):
    found = check_kernel([tmp_path], [tmp_path], PYTHON, "pip")
    assert (found.level, found.mend) == ("problem", "pip install --force-reinstall ipykernel")


def test_jupyter_path_comes_before_the_environment_and_that_before_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "given"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "user"))
    build, user = kernel_folders()
    assert build[0] == tmp_path / "given" / "kernels"
    assert user == [tmp_path / "user" / "kernels"]
    assert build.index(user[0]) > 1


def test_the_command_of_this_environment_is_ok(tmp_path):
    assert check_command(str(tmp_path / "jupyter-book"), tmp_path).level == "ok"


@pytest.mark.parametrize("elsewhere", [None, "/usr/bin/jupyter-book"])
def test_another_command_is_a_note_that_names_ones_own(tmp_path, elsewhere):
    found = check_command(elsewhere, tmp_path)
    assert found.level == "note"
    assert str(tmp_path / "jupyter-book") in found.found
