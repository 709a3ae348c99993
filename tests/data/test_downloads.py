import gzip
import logging
import re
import socket
import subprocess
import sys
import threading

import numpy as np
import pytest

from cnnbook import files
from cnnbook.data import load, mirrors
from cnnbook.data.mirrors import Download


@pytest.fixture
def closed():
    """An address on this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


@pytest.fixture
def lines():
    return []


@pytest.fixture
def get(tmp_path, tiny, lines, patient):
    """Load the tiny set with a cache in a temporary folder."""

    def get(*addresses, choice="full", timeouts=patient):
        return load(
            choice,
            cache=tmp_path / "cache",
            notify=lines.append,
            download=Download(addresses, tiny.files, timeouts),
        )

    return get


def names(tmp_path):
    """The files in the cache, without the lock's."""
    return sorted(path.name for path in (tmp_path / "cache").iterdir() if path.name != ".lock")


def test_mnist_is_downloaded_once_and_then_found(get, serve, tiny, tmp_path, lines):
    mirror = serve(tiny.pages())
    digits = get(mirror.address)
    np.testing.assert_array_equal(digits.test_images, tiny.arrays["test_images"])
    assert digits.name == "mnist"
    assert len(mirror.asked) == 4
    assert names(tmp_path) == sorted(f"{file.name}.gz" for file in tiny.files)
    assert lines[-1] == f"MNIST is downloaded into {tmp_path / 'cache'} and verified"
    lines.clear()
    assert get(mirror.address) == digits
    assert len(mirror.asked) == 4
    assert lines == []


def test_the_second_mirror_serves_when_the_first_has_nothing(get, serve, tiny, lines):
    first, second = serve({}), serve(tiny.pages())
    assert get(first.address, second.address).train_labels.tolist() == [5, 0, 4, 1, 9, 2]
    assert len(first.asked) == 1
    assert len(second.asked) == 4
    assert any("answered 404 Not Found; train-images-idx3-ubyte is from 127.0.0.1" in line for line in lines)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"<html>Please log in</html>", r"train-images-idx3-ubyte\.gz: a web page and not data"),
        (gzip.compress(b"idx"), "3 bytes in all, the header of IDX images alone takes 16"),
        (bytes(200_000), r"sent more than the 7\d,\d{3} bytes expected"),
        ("cut", "train-images-idx3-ubyte|no connection|broken|incomplete"),
    ],
    ids=["web page", "too short", "too long", "cut"],
)
def test_a_mirror_that_serves_badly_is_passed_over(get, serve, tiny, tmp_path, page, reason):
    bad = serve({path: page for path in tiny.pages()})
    with pytest.raises(ConnectionError, match=rf"1 mirror tried: 127\.0\.0\.1:\d+: .*({reason})"):
        get(bad.address)
    assert names(tmp_path) == []
    assert get(bad.address, serve(tiny.pages()).address).name == "mnist"


def test_a_mirror_that_does_not_answer_is_passed_over(get, serve, tiny, tmp_path, hurry):
    silent = serve(dict.fromkeys(tiny.pages(), "hang"))
    waited = r"127\.0\.0\.1:\d+: no answer in [\d.]+ s"
    with pytest.raises(ConnectionError, match=rf"2 mirrors tried: {waited}; {waited}"):
        get(silent.address, silent.address, timeouts=hurry)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("page", "reason", "little"),
    [
        ("hang", r"no answer in [\d.]+ s", {"answer": 5.0}),
        ("stall", "stopped after 8,192 bytes", {"pause": 5.0}),
    ],
)
def test_a_mirror_that_falls_silent_is_given_up_and_the_next_one_serves(
    get, serve, tiny, tmp_path, lines, patient, page, reason, little
):
    tiny.write(tmp_path / "cache")
    (tmp_path / "cache" / "t10k-labels-idx1-ubyte.gz").unlink()  # so that it is waited for once
    silent, good = serve(dict.fromkeys(tiny.pages(), page)), serve(tiny.pages())
    assert get(silent.address, good.address, timeouts=patient._replace(**little)).name == "mnist"
    assert len(silent.asked) == len(good.asked) == 1
    assert any(re.search(rf"{reason}; t10k-labels-idx1-ubyte is from 127\.0\.0\.1", line) for line in lines)


LOADING = """
import sys
from cnnbook.data import mirrors

def thread(**_):
    sys.exit(f"when the mirror's time begins, requests is loaded: {'requests' in sys.modules}")

assert "requests" not in sys.modules
mirrors.Thread = thread
mirrors.download("http://127.0.0.1:1/", most=1, timeouts=mirrors.Timeouts(), notify=print)
"""


def test_a_mirror_is_not_charged_for_loading_what_a_download_needs():
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=False)
    assert done.stderr == "when the mirror's time begins, requests is loaded: True\n"


def test_a_mirror_of_another_data_set_is_passed_over(get, serve, tiny, tmp_path, idx_bytes):
    other = gzip.compress(idx_bytes(np.ones((6, 28, 28))))
    bad = serve(tiny.pages() | {"/train-images-idx3-ubyte.gz": other})
    with pytest.raises(ConnectionError, match="checksum mismatch"):
        get(bad.address)
    assert names(tmp_path) == []


def test_unreachable_mirrors_are_one_line_and_then_the_sample(get, closed, lines, capfd):
    digits = get(closed, closed, choice="auto")
    assert digits.is_sample
    assert len(lines) == 1
    assert lines[0].startswith("MNIST could not be downloaded (2 mirrors tried: 127.0.0.1:")
    assert lines[0].endswith("no connection); going on with the 5,000 sample digits")
    assert capfd.readouterr() == ("", "")


def test_a_name_that_is_looked_up_for_ever_is_not_waited_for(get, lines, monkeypatch, hurry):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(120) or [])
    digits = get("http://mirror.invalid/", "http://other.invalid/", choice="auto", timeouts=hurry)
    over.set()
    assert digits.is_sample
    assert len(lines) == 1
    assert lines[0].count(": no answer in ") == 2


def test_the_patience_for_all_mirrors_is_seconds():
    assert len(mirrors.MIRRORS) >= 2
    assert len(mirrors.MIRRORS) * mirrors.Timeouts().answer <= 7.5


def test_full_without_a_mirror_is_an_error_with_the_remedy(get, closed):
    message = r"MNIST could not be downloaded \(1 mirror tried.*CNNBOOK_DATA=folder .*cnnbook doctor"
    with pytest.raises(ConnectionError, match=message):
        get(closed)


def test_an_interrupted_download_leaves_no_file(get, serve, tiny, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        get(serve(tiny.pages()).address)
    assert names(tmp_path) == []


def test_what_arrived_before_a_failure_is_kept(get, serve, tiny, tmp_path, closed):
    some = {path: page for path, page in tiny.pages().items() if "train" in path}
    with pytest.raises(ConnectionError, match="answered 404"):
        get(serve(some).address)
    assert names(tmp_path) == ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    rest = serve(tiny.pages())
    assert get(closed, rest.address).name == "mnist"
    assert sorted(rest.asked) == ["/t10k-images-idx3-ubyte.gz", "/t10k-labels-idx1-ubyte.gz"]


def test_a_file_sent_unpacked_is_stored_under_its_plain_name(get, serve, tiny, tmp_path):
    plain = {f"/{file.name}.gz": tiny.contents[file.field] for file in tiny.files}
    assert get(serve(plain).address).name == "mnist"
    assert names(tmp_path) == sorted(file.name for file in tiny.files)


def test_a_damaged_file_in_the_cache_is_set_aside_and_downloaded_again(get, serve, tiny, tmp_path, lines):
    name = "t10k-labels-idx1-ubyte.gz"
    tiny.write(tmp_path / "cache", test_labels=b"<html>oops</html>")
    mirror = serve(tiny.pages())
    assert get(mirror.address).test_labels.tolist() == [7, 2, 1, 0]
    assert mirror.asked == [f"/{name}"]
    assert (tmp_path / "cache" / f"{name}.damaged").read_bytes() == b"<html>oops</html>"
    assert f"{name}: a web page" in lines[0]
    assert lines[0].endswith(f"; set aside as {name}.damaged, to be downloaded again")


def test_a_cache_that_cannot_be_made_is_a_reason_for_the_sample(get, closed, tmp_path, lines):
    (tmp_path / "cache").write_text("a file")
    assert get(closed, choice="auto").is_sample
    assert len(lines) == 1
    assert lines[0].startswith("MNIST could not be downloaded (")
    assert "cache" in lines[0]
    with pytest.raises(OSError, match=r"cache.*the choice 'full' wants MNIST"):
        get(closed)


def test_two_that_want_mnist_at_once_download_it_once(get, serve, tiny):
    mirror = serve(tiny.pages())
    found = []
    threads = [threading.Thread(target=lambda: found.append(get(mirror.address))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(mirror.asked) == 4


def test_pooch_says_nothing(get, serve, tiny, caplog, capfd):
    with caplog.at_level(logging.INFO):
        get(serve(tiny.pages()).address)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if record.name == "pooch"]
