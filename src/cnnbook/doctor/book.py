"""Jupyter Book: is this a book's folder, is its configuration sound, and will a build run in this Python?"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from cnnbook.config.profiles import profile_named
from cnnbook.doctor.finding import Finding, note, ok, problem

KERNEL = "python3"
"""The kernel that chapters name."""

CONFIG, CONTENTS = "_config.yml", "_toc.yml"

LEAST_TIMEOUT = 300
"""Seconds that a cell must be given at least: a slow machine computes for minutes what the store lacks."""

DEFAULT_TIMEOUT = 30
"""Seconds that Jupyter Book gives a cell when nothing is said."""


def check_profile(name: str | None) -> Finding:
    """Is there such a profile?"""
    try:
        found = profile_named(name)
    except ValueError as error:
        return problem("profile", str(error), "unset CNNBOOK_PROFILE")
    return ok("profile", f"{found.name}: {found.nets} networks")


def check_folder(root: Path | None) -> Finding:
    """Is the book's folder found, with the files that Jupyter Book 1 reads?"""
    if root is None:
        return problem(
            "book", "not found: no seeds/digits.yaml here or above", "cd into the book's clone and ask again"
        )
    missing = [name for name in (CONFIG, CONTENTS) if not (root / name).is_file()]
    if missing:
        return problem(
            "book",
            f"{root} has no {' and no '.join(missing)}",
            f"cd {root} && git checkout {' '.join(missing)}",
        )
    if (root / "myst.yml").exists():
        return note(
            "book",
            f"{root}; its myst.yml was left by Jupyter Book 2 and is not used",
            f"rm {root / 'myst.yml'}",
        )
    return ok("book", str(root))


def check_configuration(text: str) -> list[Finding]:
    """Is `_config.yml` free of traps?

    Args:
        text: of the file.
    """
    try:
        config = yaml.safe_load(text) or {}
        if not isinstance(config, dict):
            raise ValueError(f"expected a mapping, found {type(config).__name__}")
    except (yaml.YAMLError, ValueError) as error:
        said = " ".join(str(error).split())
        return [problem("_config.yml", f"cannot be read: {said}", f"git checkout {CONFIG}")]
    return [_timeout(_part(config, "execute")), _theme_options(config)]


def _timeout(execute: dict[str, Any]) -> Finding:
    """Are cells given time enough?"""
    seconds = execute.get("timeout", DEFAULT_TIMEOUT)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return problem(
            "cell timeout", f"{seconds!r}: expected seconds", f"set execute: timeout: 900 in {CONFIG}"
        )
    if 0 <= seconds < LEAST_TIMEOUT:
        said = f"{seconds} s" + ("" if "timeout" in execute else ", Jupyter Book's own, since none is set")
        return problem(
            "cell timeout",
            f"{said}; expected {LEAST_TIMEOUT} s or more",
            f"set execute: timeout: 900 in {CONFIG}",
        )
    return ok("cell timeout", f"{seconds} s" if seconds >= 0 else "none")


def _theme_options(config: dict[str, Any]) -> Finding:
    """Is anything lost because `html_theme_options` replaces what Jupyter Book would pass on?"""
    options = _part(_part(config, "sphinx"), "config").get("html_theme_options")
    if options is None:
        return ok("theme options", "Jupyter Book's")
    lost = [name for name in ("launch_buttons", "repository") if config.get(name)]
    if lost:
        return problem(
            "theme options",
            f"{CONFIG} sets sphinx: config: html_theme_options, which replaces all that Jupyter Book passes "
            f"on: its {' and '.join(lost)} have no effect",
            f"write what {' and '.join(lost)} say into html_theme_options in {CONFIG}, or take it out",
        )
    return ok("theme options", "all set in sphinx: config: html_theme_options; nothing is lost by that")


def _part(config: dict[str, Any], name: str) -> dict[str, Any]:
    """A section of a configuration; an empty one if there is none."""
    part = config.get(name)
    return part if isinstance(part, dict) else {}


def check_command(found: str | None, scripts: Path) -> Finding:
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


def check_kernel(build_path: Sequence[Path], user_path: Sequence[Path], executable: str, pip: str) -> Finding:
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
                "kernel",
                f"{KERNEL} in {folder} comes first and starts {python}, not this Python",
                f"rm -r '{folder}', or take its folder out of JUPYTER_PATH",
            )
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
