"""A release: the built book as one folder that needs nothing else, and as a ZIP, both with checksums.

    v1.0/                     the pages, figures/, figures.json, and
      CITATION.cff LICENSE    as in the repository
      ro-crate-metadata.json  what it holds and what made it
      SHA256SUMS              of all of that
    cnnbook-v1.0.zip          the same, packed
    cnnbook-v1.0.zip.sha256

A version is released once: what is released under its name never changes. A trial of uncommitted work is
called v1.0+changes, and each takes the place of the one before.

A site has each version in its own folder for good, and the newest under `latest/` as well. It can be served
from anywhere as it is:

    versions.json             which versions there are
    latest/                   the newest, the same files as in its own folder
    v1.0/  v1.1/              as released; never touched again
    cnnbook-v1.1.zip          and the like
    index.html                leads to latest/
    .nojekyll                 keeps a host of plain pages from leaving out folders such as _static/
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cnnbook.digests import file_digest
from cnnbook.files import atomic_write
from cnnbook.publishing.book import BookMetadata
from cnnbook.publishing.built import (
    UNCOMMITTED,
    BuiltBook,
    Checkout,
    check_current,
    read_built,
    version_folders,
    version_key,
    with_commit,
)
from cnnbook.publishing.folders import (
    CHECKSUMS_FILE,
    checksums_text,
    draft_folder,
    files_below,
    folder_checksums,
    move_unless_same,
    write_zip,
)
from cnnbook.publishing.record import FigureRecord
from cnnbook.publishing.record_files import write_json
from cnnbook.publishing.rocrate import METADATA, crate

RELEASE_FILES = ("CITATION.cff", "LICENSE")
"""Files of the repository that go with a release."""

EXCLUDED = "reports/"
"""Where a build that failed left the errors of its cells, with paths of the machine."""

SCHEMA = "cnnbook-versions-1"
LATEST = "latest"
VERSIONS = "versions.json"

_REDIRECT_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=latest/index.html">
<title>Latest version</title>
<p><a href="latest/index.html">Latest version</a></p>
</html>
"""

Notify = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release on the disk.

    Attributes:
        name: "v1.0", or "v1.0+changes" for a trial.
        folder: the pages and what goes with them.
        archive: the ZIP; its checksum lies beside it.
    """

    name: str
    folder: Path
    archive: Path

    @property
    def is_trial(self) -> bool:
        """Whether it may still change."""
        return self.name.endswith(UNCOMMITTED)

    @property
    def checksum(self) -> Path:
        """The file with the ZIP's checksum."""
        return self.archive.with_name(f"{self.archive.name}.sha256")


def release_name(version: str, checkout: Checkout | None, *, allow_dirty: bool) -> str:
    """What a release of a version is called.

    Args:
        version: of the book.
        checkout: the state of its repository; None where git cannot tell.
        allow_dirty: whether a trial will do.

    Raises:
        ValueError: no version; or files differ from the commit, or no commit is known, and no trial will do.
    """
    version_key(version)
    if checkout and not checkout.changed:
        return f"v{version}"
    if not allow_dirty:
        raise ValueError(
            f"{_reason_not_released(checkout)}; or --allow-dirty makes a trial, v{version}{UNCOMMITTED}"
        )
    return f"v{version}{UNCOMMITTED}"


def write_release(
    built: BuiltBook,
    book: BookMetadata,
    checkout: Checkout | None,
    *,
    root: Path,
    out: Path,
    allow_dirty: bool = False,
    labels: Mapping[str, str] = MappingProxyType({}),
    notify: Notify,
) -> Release:
    """Write a release, or leave it as it is when it is there already and the same.

    Args:
        built: the built book.
        book: its description.
        checkout: the state of the repository; None where git cannot tell.
        root: the book's folder, for the files.
        out: the folder for releases.
        allow_dirty: make a trial of what is not committed.
        labels: what to call the inputs of figures: see `rocrate.crate`.
        notify: called with a line at each step.

    Raises:
        ValueError: not committed, not built from this commit, or released before with another content.
        FileNotFoundError: one of the files is missing.
        OSError: nothing can be written to `out`.
    """
    name = release_name(book.version, checkout, allow_dirty=allow_dirty)
    check_current(built, version=book.version, checkout=checkout)
    release = Release(name=name, folder=out / name, archive=out / f"cnnbook-{name}.zip")
    with draft_folder(release.folder) as draft:
        notify(f"{name}: copying {built.folder}")
        _copy_files(draft, built, root)
        as_built = replace(with_commit(book, checkout), edition=built.edition, site_url=built.site_url)
        _describe(draft, as_built, built.records, labels)
        is_new = move_unless_same(draft, release.folder, replaces=release.is_trial)
    count = f"{len(files_below(release.folder)):,} files"
    notify(f"{name}: {count if is_new else 'released already, and nothing differs'}")
    _pack(release, book.release_day, notify)
    return release


def _reason_not_released(checkout: Checkout | None) -> str:
    """Why the state of the repository is no state to release."""
    if checkout is None:
        return "no commit is known, git cannot tell; release from a clone"
    first, others = "".join(checkout.changed[:1]), len(checkout.changed) - 1
    return f"not committed: {first}{f' and {others} more' if others else ''}; commit, build and release again"


def _copy_files(draft: Path, built: BuiltBook, root: Path) -> None:
    """Copy the built book and the files that go with it into a new folder."""
    for name in RELEASE_FILES:
        if not (root / name).is_file():
            raise FileNotFoundError(f"{root / name}: not found; a release needs it (git has it)")
    for name in files_below(built.folder):
        if name.startswith(EXCLUDED):
            continue
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built.folder / name, draft / name)
    for name in RELEASE_FILES:
        shutil.copyfile(root / name, draft / name)


def _describe(
    draft: Path, book: BookMetadata, records: Sequence[FigureRecord], labels: Mapping[str, str]
) -> None:
    """Write the RO-Crate's metadata and all checksums into a release."""
    for name in (METADATA, CHECKSUMS_FILE):
        (draft / name).unlink(missing_ok=True)
    files = [
        {"name": name, "bytes": (draft / name).stat().st_size, "sha256": digest}
        for name, digest in folder_checksums(draft).items()
    ]
    write_json(draft / METADATA, crate(book, records, files, labels))
    (draft / CHECKSUMS_FILE).write_text(checksums_text(folder_checksums(draft)), encoding="utf-8")


def _pack(release: Release, day: str, notify: Notify) -> None:
    """Write the ZIP and its checksum."""
    notify(f"{release.name}: packing {release.archive.name}")
    with atomic_write(release.archive) as draft:
        write_zip(release.folder, draft, top=release.archive.stem, day=day)
    digest = file_digest(release.archive)
    release.checksum.write_text(f"{digest}  {release.archive.name}\n", encoding="utf-8")


def add_to_site(release: Release, site: Path, notify: Notify) -> None:
    """Put a release on a site, beside the versions that are there.

    Args:
        release: no trial.
        site: the folder; made if need be.
        notify: called with a line at each step.

    Raises:
        ValueError: a trial, or the site has another release of the same version.
        OSError: nothing can be written there.
    """
    if release.is_trial:
        raise ValueError(f"{release.name}: a trial does not go on a site; commit, build and release again")
    site.mkdir(parents=True, exist_ok=True)
    is_new = _copy(release.folder, site / release.name, replaces=False)
    notify(f"{site / release.name}: {'added' if is_new else 'there already, and nothing differs'}")
    for file in (release.archive, release.checksum):
        if (site / file.name).resolve() != file.resolve():
            shutil.copyfile(file, site / file.name)
    newest = newest_version(list(version_folders(site)))
    _copy(site / f"v{newest}", site / LATEST, replaces=True)
    notify(f"{site / LATEST}: version {newest}")
    write_json(site / VERSIONS, site_index(site, newest))
    (site / ".nojekyll").touch()
    if not (site / "index.html").exists():
        (site / "index.html").write_text(_REDIRECT_PAGE, encoding="utf-8")


def newest_version(versions: list[str]) -> str:
    """The version that readers should see: the highest, and no release candidate if there is another."""
    return max(versions, key=lambda version: (version_key(version)[1], version_key(version)))


def site_index(site: Path, newest: str) -> dict[str, Any]:
    """The content of `versions.json`: the versions of a site, newest first."""
    entries = []
    for version, folder in version_folders(site).items():
        built = read_built(folder)
        archive = f"cnnbook-v{version}.zip"
        entries.append(
            {
                "version": version,
                "address": f"v{version}/",
                "commit": built.commit,
                "figures": len(built.records),
                "archive": archive if (site / archive).is_file() else None,
            }
        )
    return {"schema": SCHEMA, "latest": newest, "versions": entries}


def _copy(source: Path, target: Path, *, replaces: bool) -> bool:
    """Copy a folder to its place, whole or not at all; whether it was not there, or not the same."""
    with draft_folder(target) as draft:
        shutil.copytree(source, draft)
        return move_unless_same(draft, target, replaces=replaces)
