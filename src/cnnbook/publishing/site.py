"""A site of all versions: each in its own folder for good, the newest under `latest/` as well.

What stands on a site:

    versions.json             which versions there are
    latest/                   the newest, the same files as in its own folder
    v1.0/  v1.1/              as released; never touched again
    cnnbook-v1.1.zip          and the like
    index.html                leads to latest/
    .nojekyll                 keeps a host of plain pages from leaving out folders such as _static/

It can be served from anywhere as it is.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from cnnbook.publishing.built import read_built
from cnnbook.publishing.release import Notify, Release, place_once
from cnnbook.publishing.versions import rank, version_folders

SCHEMA = "cnnbook-versions-1"
LATEST = "latest"
VERSIONS = "versions.json"

_FRONT_DOOR = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=latest/index.html">
<title>Latest version</title>
<p><a href="latest/index.html">Latest version</a></p>
</html>
"""


def add_to_site(release: Release, site: Path, notify: Notify) -> None:
    """Put a release on a site, beside the versions that are there.

    Args:
        release: no trial.
        site: the folder; made if need be.
        notify: told each step in a line.

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
    text = json.dumps(site_index(site, newest), indent=1, ensure_ascii=False)
    (site / VERSIONS).write_text(text + "\n", encoding="utf-8")
    (site / ".nojekyll").touch()
    if not (site / "index.html").exists():
        (site / "index.html").write_text(_FRONT_DOOR, encoding="utf-8")


def newest_version(versions: list[str]) -> str:
    """The version that readers should see: the highest, and no release candidate if there is another."""
    return max(versions, key=lambda version: (rank(version)[1], rank(version)))


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


def _copy(source: Path, place: Path, *, replaces: bool) -> bool:
    """Copy a folder to its place, whole or not at all; whether it was not there, or not the same."""
    draft = place.with_name(f".{place.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        shutil.copytree(source, draft)
        return place_once(draft, place, replaces=replaces)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
