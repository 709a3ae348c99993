"""Will `jupyter-book build` run, and run the cells in this Python?"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnnbook.doctor.finding import Finding, note, ok, problem

KERNEL = "python3"
"""The kernel that chapters name."""


def command(found: str | None, scripts: Path) -> Finding:
    """Does the shell find the `jupyter-book` of this environment?

    Args:
        found: where the shell finds it, or None.
        scripts: the folder of this environment's commands.
    """
    own = scripts / "jupyter-book"
    if found is None:
        return note(
            "jupyter-book", f"not on PATH, where 'make book' does not look for it either; by hand it is {own}"
        )
    if Path(os.path.abspath(found)).parent != Path(os.path.abspath(scripts)):
        return note("jupyter-book", f"the shell finds {found}, of another environment; this one's is {own}")
    return ok("jupyter-book", found)


def kernel(build_path: Sequence[Path], user_path: Sequence[Path], executable: str, pip: str) -> Finding:
    """Does the kernel `python3` start this environment's Python?

    A kernel installed by hand elsewhere can have the same name and come first.

    Args:
        build_path: folders of kernels, in the order in which a build looks; it prefers the environment's.
        user_path: the user's own folders of kernels, which a notebook opened by hand may prefer.
        executable: this Python.
        pip: the command that installs into this environment.
    """
    for folder, python in _starts(build_path):
        if not _is_this(python, executable):
            return problem(
                "kernel", f"{KERNEL} in {folder} comes first and starts {python}, not this Python",
                f"rm -r '{folder}', or take its folder out of JUPYTER_PATH",
            )  # fmt: skip
        break
    else:
        return problem("kernel", f"no kernel called {KERNEL}", f"{pip} install --force-reinstall ipykernel")
    for folder, python in _starts(user_path):
        if not _is_this(python, executable):
            return note(
                "kernel",
                f"{KERNEL} in {folder} starts {python}; a build passes over it, a notebook opened "
                "by hand may not",
                f"rm -r '{folder}' removes it",
            )
    return ok("kernel", f"{KERNEL} starts this Python")


def kernel_folders() -> tuple[list[Path], list[Path]]:
    """Where a build looks for kernels, in order; and the user's own folders among them."""
    from jupyter_core import paths

    given = [Path(folder) for folder in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if folder]
    user = [Path(paths.jupyter_data_dir())]
    shared = [*map(Path, paths.ENV_JUPYTER_PATH), *user, *map(Path, paths.SYSTEM_JUPYTER_PATH)]
    return [folder / "kernels" for folder in (*given, *shared)], [folder / "kernels" for folder in user]


def _starts(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Each folder of a kernel of that name, and the program that it starts."""
    for folder in folders:
        path = folder / KERNEL / "kernel.json"
        if path.is_file():
            try:
                yield path.parent, str(json.loads(path.read_text())["argv"][0])
            except (ValueError, KeyError, IndexError, TypeError):
                yield path.parent, "nothing (kernel.json is damaged)"


def _is_this(python: str, executable: str) -> bool:
    """Whether a kernel's program is this Python: by a bare name, which Jupyter replaces, or by its folder."""
    if os.path.dirname(python) == "":
        return python.startswith("python")
    return os.path.dirname(os.path.abspath(python)) == os.path.dirname(os.path.abspath(executable))
