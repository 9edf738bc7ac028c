from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from siyu.core.http import MAX_BODY, Door, Unusable, unpack
from siyu.kernel.errors import Refused, RetryLater, UnknownOutcome

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Wire:
    """A TCP server on loopback that runs one answer function for each connection."""

    port: int
    seen: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}/path"


@contextmanager
def serve(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[Wire]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    wire = Wire(listener.getsockname()[1])

    def run() -> None:
        for answer in answers:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                wire.seen.append(read_request(peer))
                with suppress(OSError):
                    answer(peer) if callable(answer) else peer.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(11)


@contextmanager
def serve_together(*answers: Callable[[socket.socket], None]) -> Iterator[Wire]:
    """Like `serve`, the connections side by side."""
    listener = socket.create_server(("127.0.0.1", 0))
    wire = Wire(listener.getsockname()[1])

    def run(answer: Callable[[socket.socket], None]) -> None:
        peer, _ = listener.accept()
        with peer:
            wire.seen.append(read_request(peer))
            answer(peer)

    threads = [threading.Thread(target=run, args=(answer,), daemon=True) for answer in answers]
    for thread in threads:
        thread.start()
    yield wire
    for thread in threads:
        thread.join(11)
    listener.close()


def read_request(peer: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += peer.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def door(wire: Wire, **options) -> Iterator[Door]:
    value = Door([wire.place], sleep=lambda _: None, **options)
    try:
        yield value
    finally:
        value.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def keep_open(peer: socket.socket) -> None:
    """Answer one request after the other on the same connection."""
    peer.sendall(OK)
    with suppress(OSError):
        while peer.recv(65536):
            peer.sendall(OK)


def test_calls_one_after_the_other_share_a_connection():
    with serve(keep_open) as wire, door(wire) as http:
        assert [http.request("GET", wire.url).body for _ in range(3)] == [b"ok"] * 3
    assert len(wire.seen) == 1


def test_calls_at_the_same_time_have_a_connection_each():
    both = threading.Barrier(2, timeout=10)

    def meet(peer: socket.socket) -> None:
        both.wait()
        peer.sendall(OK)

    with serve_together(meet, meet) as wire, door(wire) as http:
        with ThreadPoolExecutor(2) as threads:
            calls = [threads.submit(http.request, "GET", wire.url) for _ in range(2)]
        assert [call.result().status for call in calls] == [200, 200]


def test_json_is_sent_as_real_utf8_and_any_status_is_an_answer():
    with serve(answer(b'{"a":1}', status="503 Busy")) as wire, door(wire) as http:
        got = http.request("POST", wire.url, params={"q": "一"}, json={"text": "你好🎉"})
    assert got.status == 503
    assert got.json() == {"a": 1}
    assert "你好🎉".encode() in wire.seen[0]
    assert b"POST /path?q=%E4%B8%80 " in wire.seen[0]


def test_a_refused_connection_surely_did_not_reach_the_platform():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    http = Door([f"127.0.0.1:{port}"], sleep=lambda _: None)
    with pytest.raises(RetryLater):
        http.request("POST", f"http://127.0.0.1:{port}/", json={})


def test_an_unknown_name_surely_did_not_reach_the_platform():
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(RetryLater):
        Door(resolve=nobody).request("POST", "https://nobody.example/", json={})


def test_a_reset_after_sending_is_an_unknown_outcome_and_not_repeated():
    with serve(reset, OK) as wire, door(wire) as http, pytest.raises(UnknownOutcome):
        http.request("POST", wire.url, json={})
    assert len(wire.seen) == 1


def test_a_timeout_after_sending_is_an_unknown_outcome():
    with (
        serve(lambda peer: time.sleep(0.5)) as wire,
        door(wire) as http,
        pytest.raises(UnknownOutcome),
    ):
        http.request("POST", wire.url, json={}, timeout=0.1)


def test_headers_without_the_body_are_an_unknown_outcome():
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"
    with serve(short) as wire, door(wire) as http, pytest.raises(UnknownOutcome):
        http.request("POST", wire.url, json={})


def test_a_safe_request_is_repeated_and_succeeds():
    with serve(reset, reset, OK) as wire, door(wire) as http:
        assert http.request("GET", wire.url, is_safe=True).body == b"ok"
    assert len(wire.seen) == 3


def test_a_safe_request_gives_up_with_retry_later():
    with serve(reset, reset, reset) as wire, door(wire) as http, pytest.raises(RetryLater):
        http.request("GET", wire.url, is_safe=True)


@pytest.mark.parametrize(
    "body",
    [
        answer(b"x" * (MAX_BODY + 1)),
        answer(gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"),
        answer(b"not gzip", "Content-Encoding: gzip"),
        answer(gzip.compress(b"cut")[:-6], "Content-Encoding: gzip"),
        answer(b"?", "Content-Encoding: br"),
    ],
    ids=["10MB", "gzip-bomb", "broken-gzip", "cut-gzip", "brotli"],
)
def test_an_unusable_answer_is_unknown_for_writes_and_retried_for_reads(body):
    with serve(body) as wire, door(wire) as http, pytest.raises(UnknownOutcome):
        http.request("POST", wire.url, json={})
    with serve(body, body, body) as wire, door(wire) as http, pytest.raises(RetryLater):
        http.request("GET", wire.url, is_safe=True)


def test_a_bomb_is_not_unpacked_in_memory():
    bomb = gzip.compress(b"\0" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(Unusable):
        unpack(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_BODY


def test_gzip_is_unpacked():
    packed = answer(gzip.compress(b'{"k":"v"}'), "Content-Encoding: gzip")
    with serve(packed) as wire, door(wire) as http:
        assert http.request("GET", wire.url).json() == {"k": "v"}


def test_a_slowly_dripping_body_is_cut():
    def drip(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(8):
            time.sleep(0.05)
            peer.sendall(b"x")

    started = time.monotonic()
    with serve(drip) as wire, door(wire) as http, pytest.raises(UnknownOutcome):
        http.request("POST", wire.url, json={}, timeout=0.15)
    assert time.monotonic() - started < 10


def test_redirects_of_reads_are_followed_three_times():
    def to(place: str) -> bytes:
        return answer(b"", f"Location: {place}", status="302 Found")

    with serve(to("/a"), to("/b"), to("/c"), answer(b"end")) as wire, door(wire) as http:
        assert http.request("GET", wire.url).body == b"end"
    with serve(*[to("/x")] * 4) as wire, door(wire) as http, pytest.raises(Refused) as caught:
        http.request("GET", wire.url)
    assert caught.value.code == "http.redirects"


def test_a_redirect_of_a_write_is_an_answer():
    moved = answer(b"", "Location: /elsewhere", status="302 Found")
    with serve(moved) as wire, door(wire) as http:
        assert http.request("POST", wire.url, json={}).status == 302


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:1/", "http://169.254.169.254/", "file:///etc/passwd", "http://[::1"]
)
def test_a_redirect_passes_the_same_checks(place):
    moved = answer(b"", f"Location: {place}", status="302 Found")
    with serve(moved) as wire, door(wire) as http, pytest.raises(Refused):
        http.request("GET", wire.url)


def test_header_injection_is_refused():
    with pytest.raises(Refused):
        Door().request("GET", "https://example.com/", headers={"X": "a\r\nHost: b"})


def test_proxies_of_the_environment_are_ignored(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serve(OK) as wire, door(wire) as http:
        assert http.request("GET", wire.url).body == b"ok"


def test_the_name_is_resolved_once_and_the_address_pinned():
    asked: list[str] = []
    with serve(answer(b"pinned")) as wire:

        def rebind(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        http = Door([f"shop.example:{wire.port}"], resolve=rebind)
        assert http.request("GET", f"http://shop.example:{wire.port}/").body == b"pinned"
        assert asked == ["shop.example"]
        assert f"Host: shop.example:{wire.port}".encode() in wire.seen[0]


def test_secrets_never_reach_a_log_line():
    with serve(reset, OK) as wire, door(wire) as http, capture_logs() as logs:
        url = f"{wire.url}?corpsecret=TOPSECRET&x=1"
        http.request("GET", url, params={"access_token": "TOPSECRET"}, is_safe=True)
    assert len(logs) == 2
    assert "TOPSECRET" not in str(logs)
    assert "x=1" in str(logs)
