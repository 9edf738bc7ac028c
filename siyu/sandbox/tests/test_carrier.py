"""Callbacks over real sockets: connections are kept, and opened anew when the server closed them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import httpx
import pytest

from siyu.sandbox.carrier import ThreadTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"
SILENCE = b""
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nsuccess"


def read_request(peer: socket.socket) -> bytes:
    """Head and body of the next request, in however many pieces they come."""
    with peer.makefile("rb") as stream:
        head = b"".join(iter(stream.readline, b"\r\n"))
        length = next(
            int(line.split(b":")[1])
            for line in head.splitlines()
            if line.lower().startswith(b"content-length:")
        )
        return head + b"\r\n" + stream.read(length)


@contextmanager
def server(*answers: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Answers the requests of each connection in turn, then closes it. → port, what was asked.

    It keeps a silent connection open until the other side closes it.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for each in answers:
            peer, _ = listener.accept()
            with peer:
                for answer in each:
                    asked.append(read_request(peer))
                    peer.sendall(answer)
                    if answer == SILENCE:
                        peer.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def post(port: int, times: int, read: Sequence[float] = (5.0,) * 3) -> list[httpx.Response]:
    """`read`: seconds of patience with each answer."""

    async def run() -> list[httpx.Response]:
        transport = ThreadTransport()
        url = f"http://127.0.0.1:{port}/callbacks/wecom/ww1"
        found = []
        for number in range(times):
            request = httpx.Request(
                "POST",
                url,
                params={"nonce": f"{number}"},
                content="你好".encode(),
                extensions={"timeout": {"read": read[number]}},
            )
            answer = await transport.handle_async_request(request)
            await answer.aread()
            found.append(answer)
            await asyncio.sleep(0.05)
        await transport.aclose()
        return found

    return asyncio.run(run())


def test_a_connection_that_the_server_closed_is_opened_anew():
    with server([OK], [LAST], [OK]) as (port, asked):
        answers = post(port, 3)
    assert [answer.text for answer in answers] == ["success"] * 3
    assert asked[0].startswith(b"POST /callbacks/wecom/ww1?nonce=0 HTTP/1.1\r\n")
    assert [each.partition(b"\r\n\r\n")[2].decode() for each in asked] == ["你好"] * 3


def test_each_message_waits_its_own_time():
    began = time.monotonic()
    with server([OK, SILENCE]) as (port, _), pytest.raises(httpx.TransportError):
        post(port, 2, read=[60.0, 0.05])
    assert time.monotonic() - began < 50


def test_nobody_there_is_a_transport_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpx.TransportError):
        post(port, 1)
