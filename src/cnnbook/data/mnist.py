"""MNIST's four files: their names, what is in them, and how a folder of them is read.

Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
Proceedings of the IEEE 86 (1998) 2278–2324; the files are those of Y. LeCun, C. Cortes and C. J. C. Burges.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cnnbook.data import idx
from cnnbook.data.digits import Digits, check_pair


class MnistFile(NamedTuple):
    """One of the four files.

    Attributes:
        field: the field of `Digits` that it fills.
        name: its usual name; `.gz` may follow, and a dot may stand before `idx`.
        sha256: of the decompressed content.
        size: bytes of the decompressed content.
    """

    field: str
    name: str
    sha256: str
    size: int

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names that it goes by."""
        dotted = self.name.replace("-idx", ".idx")
        return (self.name, f"{self.name}.gz", dotted, f"{dotted}.gz")


FILES = (
    MnistFile(
        field="train_images",
        name="train-images-idx3-ubyte",
        sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        size=47_040_016,
    ),
    MnistFile(
        field="train_labels",
        name="train-labels-idx1-ubyte",
        sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        size=60_008,
    ),
    MnistFile(
        field="test_images",
        name="t10k-images-idx3-ubyte",
        sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        size=7_840_016,
    ),
    MnistFile(
        field="test_labels",
        name="t10k-labels-idx1-ubyte",
        sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        size=10_008,
    ),
)
"""The four files of MNIST."""


def read_folder(folder: Path, *, files: Sequence[MnistFile] = FILES) -> Digits:
    """Read MNIST from a folder that holds its four files, gzipped or not.

    Args:
        folder: where the files are.
        files: which files they must be, by their SHA-256.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: a file is damaged, does not fit the others, or is not MNIST's.
    """
    paths = find_files(folder, files)
    contents = {file.field: parse(paths[file.field], file) for file in files}
    for part in ("train", "test"):
        images, labels = f"{part}_images", f"{part}_labels"
        check_pair(
            contents[images].values,
            contents[labels].values,
            images=str(paths[images]),
            labels=str(paths[labels]),
        )
    for file in files:
        check_sha256(contents[file.field], file, name=str(paths[file.field]))
    arrays = {field: content.values for field, content in contents.items()}
    return Digits(name="mnist", source=f"the folder {folder}", **arrays)


def find_files(folder: Path, files: Iterable[MnistFile]) -> dict[str, Path]:
    """Where each file is, by the field that it fills.

    Args:
        folder: where they should be.
        files: which ones.

    Raises:
        FileNotFoundError: there is no such folder, or a file is not in it under any of its names.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder, expected one with MNIST's four files: {_REMEDY}")
    found = {file.field: path for file in files if (path := find_file(folder, file)) is not None}
    missing = [file.name for file in files if file.field not in found]
    if missing:
        either = ", ".join(f"neither {name} nor {name}.gz" for name in missing)
        raise FileNotFoundError(f"{folder}: {either} (found: {_listing(folder)}): {_REMEDY}")
    return found


def find_file(folder: Path, file: MnistFile) -> Path | None:
    """The file in a folder under any of its names, or None.

    Args:
        folder: where it may be.
        file: which one.
    """
    return next((folder / name for name in file.spellings if (folder / name).is_file()), None)


def parse(source: Path | bytes, file: MnistFile, *, name: str | None = None) -> idx.Content:
    """Parse one of the files; whether it is MNIST's own, `check_sha256` says.

    Args:
        source: a file or its bytes, gzipped or not.
        file: which one.
        name: what to call it in a message; a path's own name is the path.

    Raises:
        ValueError: the file is damaged.
    """
    read = idx.read_images if file.field.endswith("images") else idx.read_labels
    return read(source, name=name)


def check_sha256(content: idx.Content, file: MnistFile, *, name: str) -> None:
    """Check that a file is MNIST's own.

    Args:
        content: as it was read.
        file: which one it should be.
        name: what to call it in a message.

    Raises:
        ValueError: names the file and both checksums.
    """
    if content.sha256 != file.sha256:
        raise ValueError(
            f"{name}: checksum mismatch, SHA-256 of the decompressed content is {content.sha256[:12]}…,"
            f" MNIST's {file.name} has {file.sha256[:12]}…: damaged or another data set: {idx.REMEDY}"
        )


_REMEDY = "set CNNBOOK_DATA=folder to the folder that holds them (`cnnbook doctor` says where to get them)"


def _listing(folder: Path) -> str:
    """What is in a folder, in a few words."""
    names = sorted(path.name for path in folder.iterdir())
    shown = ", ".join(names[:5]) or "nothing"
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
