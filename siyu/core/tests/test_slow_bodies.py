"""Bodies against a real server: too slow, too large without saying so, cut off."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.core.tests.place import Place, make_place

pytestmark = pytest.mark.slow
EVENT = {"type": "track", "userId": "u1", "event": "Tea Viewed"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home: Path = tmp_path_factory.mktemp("home")
    with make_place(home) as found:
        found.start("web")
        yield found


def connect(place: Place) -> socket.socket:
    return socket.create_connection(("127.0.0.1", place.port), timeout=30)


def head(place: Place, *more: str) -> bytes:
    key = base64.b64encode(f"{place.key}:".encode()).decode()
    lines = ["POST /v1/track HTTP/1.1", "Host: siyu", f"Authorization: Basic {key}", *more, "", ""]
    return "\r\n".join(lines).encode()


def read_answer(wire: socket.socket) -> tuple[int, dict[str, object]]:
    """Status and JSON of the one answer; the server may close after it."""
    data = b""
    while b"\r\n\r\n" not in data or not data.endswith(b"}"):
        part = wire.recv(65_536)
        if not part:
            break
        data += part
    top, _, body = data.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(body)


def ask_honestly(place: Place) -> int:
    """The server still answers an honest request."""
    body = json.dumps(EVENT).encode()
    with connect(place) as wire:
        wire.sendall(head(place, f"Content-Length: {len(body)}") + body)
        return read_answer(wire)[0]


def test_a_body_that_does_not_arrive_is_cut_after_ten_seconds(place: Place):
    with connect(place) as wire:
        wire.sendall(head(place, "Content-Length: 100") + b'{"type":')
        began = time.monotonic()
        status, told = read_answer(wire)
        took = time.monotonic() - began
    assert (status, told["code"]) == (408, "request.slow")
    assert 9 <= took < 15
    assert ask_honestly(place) == 200


def test_a_body_that_drips_is_cut_although_it_never_stops(place: Place):
    with connect(place) as wire:
        wire.sendall(head(place, "Content-Length: 1000"))
        wire.settimeout(0.5)
        began = time.monotonic()
        data = b""
        while not data and time.monotonic() - began < 20:
            try:
                wire.sendall(b" ")
                data = wire.recv(65_536)
            except TimeoutError:
                continue
        took = time.monotonic() - began
    assert data.startswith(b"HTTP/1.1 408")
    assert 9 <= took < 15


@pytest.mark.parametrize("path", ["/v1/track", "/sa", "/callbacks/wecom/ww1"])
def test_a_chunked_body_beyond_the_limit_is_413_before_it_ends(place: Place, path):
    start = head(place, "Transfer-Encoding: chunked").replace(b"/v1/track", path.encode(), 1)
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    with connect(place) as wire:
        wire.sendall(start)
        try:
            for _ in range(400):
                wire.sendall(chunk)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            status, told = read_answer(wire)
        except (ConnectionResetError, IndexError):
            status, told = 0, {}
    if path.startswith("/callbacks"):
        assert status in {0, 404, 413}
    else:
        assert status in {0, 413}
        assert told.get("code") in {None, "request.too_large"}
    assert ask_honestly(place) == 200


def test_a_chunked_body_a_little_too_large_is_told_so(place: Place):
    with connect(place) as wire:
        wire.sendall(head(place, "Transfer-Encoding: chunked"))
        for _ in range(8):
            wire.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        status, told = read_answer(wire)
    assert (status, told["code"]) == (413, "request.too_large")


def test_a_declared_size_beyond_the_limit_is_refused_at_once(place: Place):
    with connect(place) as wire:
        wire.sendall(head(place, "Content-Length: 999999999"))
        began = time.monotonic()
        status, told = read_answer(wire)
    assert (status, told["code"]) == (413, "request.too_large")
    assert time.monotonic() - began < 8


def test_a_client_that_hangs_up_leaves_nothing_behind(place: Place):
    body = json.dumps({**EVENT, "messageId": "cut-1"}).encode()
    with connect(place) as wire:
        wire.sendall(head(place, f"Content-Length: {len(body)}") + body[:-5])
    assert ask_honestly(place) == 200
    with connect(place) as wire:
        wire.sendall(head(place, f"Content-Length: {len(body)}") + body)
        status, told = read_answer(wire)
    assert (status, told.get("duplicates", 0)) == (200, 0)
