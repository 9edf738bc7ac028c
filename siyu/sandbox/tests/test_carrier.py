"""Callbacks over real sockets: connections are kept, and opened anew when the server closed them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from siyu.sandbox.carrier import ThreadTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsuccess"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nsuccess"


@contextmanager
def server(*answers: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Answers the requests of each connection in turn, then closes it. → port, what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for each in answers:
            peer, _ = listener.accept()
            with peer:
                for answer in each:
                    asked.append(peer.recv(65536))
                    peer.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def post(port: int, times: int) -> list[httpx.Response]:
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
                extensions={"timeout": {"read": 5.0}},
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
    assert "你好".encode() in b"".join(asked)
    assert len(asked) == 3


def test_nobody_there_is_a_transport_error():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpx.TransportError):
        post(port, 1)
