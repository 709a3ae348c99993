"""The kernels that run the cells: which Python, in which state, and where what they did is kept."""

from pathlib import Path

from sphinx.config import Config

from cnnbook.sphinx_ext.prepared import Prepared, executed_cells

_KERNEL_CONFIG = "c.IPKernelApp.log_level = 50  # what a cell says is told by the build; the rest is noise\n"


def configure_execution(config: Config, prepared: Prepared) -> None:
    """Let Jupyter Book run cells when, and only when, what they depend on has changed.

    Its cache looks at the cells alone, so the cache's folder is named by all the rest; and since the digest
    is a configuration value of the environment, all pages are read again when it changes.
    """
    config.cnnbook_digest = prepared.digest
    config.cnnbook_folder = str(prepared.folder)
    config.cnnbook_values = dict(prepared.values)
    config.cnnbook_claims = dict(getattr(prepared, "claims", {}))  # a preparation may have none
    config.nb_execution_mode = "cache"
    config.nb_execution_cache_path = str(executed_cells(prepared.folder))
    config.nb_execution_raise_on_error = (
        False  # our own report names the cell, and the other pages are read too
    )
    config.suppress_warnings = [*config.suppress_warnings, "mystnb.exec"]


def kernel_environment(prepared: Prepared) -> dict[str, str]:
    """Environment variables for the kernels: this environment's Python, and no personal start-up files."""
    personal = prepared.folder / "ipython"
    profile = personal / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    _write(profile / "ipython_kernel_config.py", _KERNEL_CONFIG)
    return {
        "IPYTHONDIR": str(personal),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        **prepared.environment,
    }


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
