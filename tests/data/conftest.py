"""A tiny MNIST of six and four images, and mirrors on this machine that serve it, well or badly."""

import gzip
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from cnnbook.data.mirrors import Download, Timeouts
from cnnbook.data.mnist import FILES, MnistFile


def idx_bytes(values: np.ndarray, *, shape: tuple[int, ...] | None = None) -> bytes:
    """An IDX file of bytes; with `shape`, its header says that instead of the truth."""
    shape = values.shape if shape is None else shape
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    return header + values.astype(np.uint8).tobytes()


class Tiny(NamedTuple):
    """A data set as MNIST's, with its own checksums."""

    arrays: dict[str, np.ndarray]
    contents: dict[str, bytes]
    files: tuple[MnistFile, ...]

    def write(self, folder: Path, **changed: bytes) -> Path:
        """Write the four files, gzipped; a field given is written as given instead."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self.files:
            stored = gzip.compress(self.contents[file.field])
            (folder / f"{file.name}.gz").write_bytes(changed.get(file.field, stored))
        return folder

    @property
    def download(self) -> Download:
        """Its files, and no mirror that has them."""
        return Download(mirrors=(), files=self.files)

    def pages(self) -> dict[str, bytes]:
        """What a mirror serves."""
        return {f"/{file.name}.gz": gzip.compress(self.contents[file.field]) for file in self.files}


@pytest.fixture(scope="session", name="idx_bytes")
def idx_bytes_fixture() -> Callable[..., bytes]:
    """Makes IDX files."""
    return idx_bytes


@pytest.fixture
def tiny() -> Tiny:
    """A data set of six training and four test images."""
    arrays = {
        "train_images": (np.arange(6 * 784) % 251).astype(np.uint8).reshape(6, 28, 28),
        "train_labels": np.array([5, 0, 4, 1, 9, 2], np.uint8),
        "test_images": (np.arange(4 * 784) % 241).astype(np.uint8).reshape(4, 28, 28),
        "test_labels": np.array([7, 2, 1, 0], np.uint8),
    }
    contents = {field: idx_bytes(values) for field, values in arrays.items()}
    files = tuple(
        file._replace(sha256=hashlib.sha256(contents[file.field]).hexdigest(), size=len(contents[file.field]))
        for file in FILES
    )
    return Tiny(arrays, contents, files)


@pytest.fixture
def patient() -> Timeouts:
    """More timeouts than any machine needs to be served by itself."""
    return Timeouts(answer=60.0, pause=60.0, total=120.0)


@pytest.fixture
def hurry(patient: Timeouts) -> Timeouts:
    """Little timeouts: for mirrors that never answer."""
    return patient._replace(answer=0.4)


class Mirror(NamedTuple):
    """A server on this machine: its address, and what it was asked for."""

    address: str
    asked: list[str]


Serve = Callable[..., Mirror]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start servers; each serves pages, 404 for the rest, and ends with the test.

    A page is bytes, or "hang" (no answer), "cut" (half of what it announced, then the end), or "stall" (half
    of it, then nothing).
    """
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    over = threading.Event()
    servers: list[tuple[http.server.HTTPServer, threading.Thread]] = []

    def start(pages: Mapping[str, bytes | str]) -> Mirror:
        asked: list[str] = []
        handler = type("Handler", (_Handler,), {"pages": pages, "asked": asked, "over": over})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        servers.append((server, thread))
        return Mirror(f"http://127.0.0.1:{server.server_port}/", asked)

    yield start
    over.set()
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    pages: Mapping[str, Any]
    asked: list[str]
    over: threading.Event

    def do_GET(self) -> None:
        self.asked.append(self.path)
        page = self.pages.get(self.path)
        if page is None:
            self.send_error(404)
        elif page == "hang":
            self.over.wait(120)
        else:
            content = page if isinstance(page, bytes) else bytes(10_000)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) * (1 if isinstance(page, bytes) else 2)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
            if page == "stall":
                self.over.wait(120)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
