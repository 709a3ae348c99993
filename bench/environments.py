"""An environment of its own for each peer: made once from its lock file, kept in the user's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from filelock import FileLock

from cnnbook.files import cache_folder

PEERS = Path(__file__).resolve().parent / "peers"
READY = ".ready"
"""Written last: a set-up that was interrupted lacks it, and is begun anew."""


def python_of(peer: str) -> Path:
    """The Python of a peer's environment, which is made first if need be.

    Args:
        peer: names the lock file in `bench/peers/`.

    Raises:
        CalledProcessError: pip failed, and has said why.
    """
    lock = PEERS / f"{peer}.lock"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(lock.read_bytes() + version.encode()).hexdigest()[:12]
    folder = cache_folder() / "bench" / f"{peer}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    with FileLock(folder.parent / f"{peer}.lock"):
        if not (folder / READY).exists():
            _make(peer, lock, folder, python)
    return python


def _make(peer: str, lock: Path, folder: Path, python: Path) -> None:
    """Make an environment from the start, and remove those of earlier lock files."""
    for old in folder.parent.glob(f"{peer}-*"):
        shutil.rmtree(old)
    print(f"Making an environment for {peer} with what {lock.name} lists: once, and large.", file=sys.stderr)
    venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--require-hashes", "-r", str(lock)], check=True)
    (folder / READY).touch()
