"""Hostile files: each is read in a child process, which is stopped; nothing in them reaches the terminal."""

import multiprocessing
import os
import signal
import struct
import zlib
from collections.abc import Iterator

import pytest

from cnnbook.publishing.formats import PICTURE_FORMATS
from cnnbook.publishing.sandbox import Content, SandboxedReader, read_content
from cnnbook.publishing.verify import verify


def read_for_ever(content: bytes) -> Content:
    """As HDF5 does on some files."""
    while content:
        pass
    return read_content(content)


def interrupt_and_read_for_ever(content: bytes) -> Content:
    """As if somebody pressed Ctrl-C in the meantime, which reaches both processes."""
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getppid(), signal.SIGINT)
    return read_for_ever(content)


def fill_the_memory(content: bytes) -> Content:
    """More than any machine has."""
    return Content(sha256=(content * 2**48).hex(), fields={})


def die(content: bytes) -> Content:
    """As after a fault in a library."""
    os._exit(len(content))


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Heeded even where the shell that started the tests ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def path(tmp_path):
    """An ordinary file."""
    (tmp_path / "any.svg").write_text("<svg/>")
    return tmp_path / "any.svg"


def test_a_file_that_is_read_for_ever_is_given_up_and_named(path):
    with SandboxedReader(seconds=0.2, read=read_for_ever) as reader:
        with pytest.raises(TimeoutError, match=r"any\.svg: not read within 0\.2 s, and given up"):
            reader.read(path)
        assert multiprocessing.active_children() == []


def test_one_flipped_bit_on_which_hdf5_goes_round_for_ever_is_given_up(published, tmp_path):
    content = bytearray(published.path(".nc").read_bytes())
    content[2073] ^= 0b1000
    (tmp_path / "flipped.nc").write_bytes(content)
    with SandboxedReader(seconds=2) as reader:
        with pytest.raises(TimeoutError, match=r"flipped\.nc: not read within 2 s"):
            verify(tmp_path / "flipped.nc", reader=reader)
        assert verify(published.path(".nc"), reader=reader).state == "unchanged"


def test_ctrl_c_ends_the_reading(path, ctrl_c):
    with SandboxedReader(read=interrupt_and_read_for_ever) as reader:
        with pytest.raises(KeyboardInterrupt):
            reader.read(path)
        assert multiprocessing.active_children() == []


@pytest.mark.parametrize("read", [fill_the_memory, die])
def test_a_file_that_ends_its_reader_is_an_error_that_names_it(path, read):
    with (
        SandboxedReader(read=read) as reader,
        pytest.raises(OSError, match=r"any\.svg: reading it took more than 2,048 MiB of memory, or crashed"),
    ):
        reader.read(path)


def test_the_memory_of_the_reader_has_a_limit(tmp_path):
    path = tmp_path / "large.svg"
    path.write_bytes(b"<svg/>" + b" " * 60 * 2**20)
    with (
        SandboxedReader(memory=50 * 2**20) as reader,
        pytest.raises(OSError, match=r"large\.svg: reading it took more than 50 MiB"),
    ):
        reader.read(path)


COMMENTS = b"<!---->" * 1_000
SPACES = b" " * 1_000_000

HOSTILE = {
    "comments": COMMENTS + b"x",
    "comments and a root": COMMENTS + b"<svg>",
    "a comment without end": b"<!--" + SPACES,
    "spaces": b"<svg " + SPACES,
    "metadata without end": b"<svg " + b"  <metadata " * 100_000,
    "fields without end": b"<svg><metadata>" + b"<cnnbook:a>" * 100_000 + b"</metadata>",
    "keywords without end": b"%PDF-1.4" + b"/Keywords (cnnbook:" * 50_000,
    "a keyword of backslashes": b"%PDF-1.4/Keywords (cnnbook:" + b"\\" * 1_000_001,
    "a subject without end": b"%PDF-1.4/Keywords (cnnbook:id=fig-a)/Subject (fig-a in: "
    + b", version a." * 50_000
    + b")",
    "chunks": b"\x89PNG\r\n\x1a\n" + bytes(12) * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_text_that_makes_a_pattern_try_everything_is_read_all_the_same(name):
    assert not read_content(HOSTILE[name]).intact


def test_what_a_terminal_would_obey_is_shown_as_escapes(published, tmp_path):
    title = "\x1b[2J\x1b]0;owned\x07 \x9b31m\u202etxt.exe"
    content = published.path(".png").read_bytes()
    data = b"cnnbook:title\0" + title.encode("latin-1", errors="ignore")
    chunk = struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", zlib.crc32(b"tEXt" + data))
    (tmp_path / "title.png").write_bytes(content[:-12] + chunk + content[-12:])
    answer = verify(tmp_path / "title.png").answer
    assert r"“\x1b[2J\x1b]0;owned\x07 \x9b31mtxt.exe”" in answer
    assert answer.isprintable()


def test_what_turns_text_around_is_shown_as_an_escape(published, tmp_path):
    text = published.path(".svg").read_text(encoding="utf-8").replace("5 stations", "5 \u202esnoitats")
    (tmp_path / "title.svg").write_text(text, encoding="utf-8")
    assert r"Rain by day – 5 \u202esnoitats" in verify(tmp_path / "title.svg").answer


def test_a_readers_answers_are_those_of_this_process(published):
    with SandboxedReader() as reader:
        for suffix in (".svg", "-dark.png", ".pdf", ".nc", ".csv"):
            content = published.path(suffix).read_bytes()
            assert reader.read(published.path(suffix)) == read_content(content)
    assert {form.name for form in PICTURE_FORMATS.values()} == {"svg", "png", "pdf"}
