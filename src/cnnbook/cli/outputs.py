"""Files that a command writes: their place is tried before the work."""

import tempfile
from pathlib import Path


def check_place(path: Path, option: str) -> None:
    """Check that a file can be written, before the work that it is for.

    Args:
        path: the file; one that is there already will be replaced.
        option: the command line's name for it.

    Raises:
        ValueError: the place is a folder, or something else that is not a file.
        FileNotFoundError: there is no folder to write it into.
        OSError: nothing can be written there.
    """
    folder = path.resolve().parent
    if path.is_dir():
        raise ValueError(f"{option}={str(path)!r}: a folder; expected the name of a file in it")
    if path.exists() and not path.is_file():
        raise ValueError(f"{option}={str(path)!r}: not an ordinary file; choose another name")
    if not folder.is_dir():
        raise FileNotFoundError(f"{option}={str(path)!r}: no folder {folder}; 'mkdir -p {folder}' makes it")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"{option}={str(path)!r}: cannot be written ({(error.strerror or str(error)).lower()}); "
            "choose another folder"
        ) from error
