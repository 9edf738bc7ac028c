"""WeCom's sandbox behind a real socket, with a trigger that kills the caller in the middle."""

from __future__ import annotations

import base64
import json
import os
import signal
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from siyu.kernel.clock import SharedClock
from siyu.ports.sandbox import WireRequest
from siyu.sandbox.world import SandboxWorld

MASS_SEND = "/cgi-bin/externalcontact/add_msg_template"
SENDS = (MASS_SEND, "/cgi-bin/externalcontact/send_welcome_msg")
ACCOUNT = {
    "corp_id": "wwkill",
    "agent_id": "1000002",
    "secret": "s" * 43,
    "token": "tokentoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


class Witness:
    """The platform's own books. `arm(n, phase)`: kill the caller at its n-th send from now,
    `before` the platform does it or `after`, in both cases before it answers."""

    def __init__(self, home: Path, seed: int) -> None:
        self.clock = SharedClock(home / "clock")
        self.world = SandboxWorld(self.clock, seed=seed, platforms=["wecom"])
        self.lock = threading.Lock()
        self.on_kill: Callable[[], None] = lambda: None
        self._left = 0
        self._phase = ""
        self._paths: tuple[str, ...] = SENDS
        self.world.control("wecom", "configure", {**ACCOUNT, "callback_url": "http://127.0.0.1:9/"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def arm(self, count: int, phase: str, paths: tuple[str, ...] = SENDS) -> None:
        with self.lock:
            self._left, self._phase, self._paths = count, phase, paths

    def befriend(self, customers: int, staff: int) -> list[dict[str, Any]]:
        """Customers become friends of the staff in turn; the callbacks of that."""
        people = [{"userid": f"staff{n}", "name": f"员工{n}"} for n in range(staff)]
        self.world.control("wecom", "add_staff", {"staff": people})
        for number in range(customers):
            self.world.control(
                "wecom",
                "add_friend",
                {
                    "userid": f"staff{number % staff}",
                    "unionid": f"union{number}",
                    "name": f"客户{number}",
                },
            )
        calls = [callback for _, callback in self.world.outbox]
        self.world.outbox.clear()
        return [
            {
                "body": base64.b64encode(call.body).decode(),
                "query": dict(call.query),
                "headers": dict(call.headers),
            }
            for call in calls
        ]

    def confirm(self) -> None:
        """All staff tap "send" on everything that waits for them."""
        with self.lock:
            self.world.control("wecom", "confirm_sends", {})

    def counts(self) -> dict[str, int]:
        with self.lock:
            return self.world.witness()["wecom"]

    def delivered(self) -> list[dict[str, Any]]:
        """Every message a customer received."""
        with self.lock:
            items: list[dict[str, Any]] = self.world.control("wecom", "delivered", {})["items"]
        return items

    def _serve(self, request: WireRequest) -> bytes | None:
        """The answer, or None when the caller was killed before it came."""
        with self.lock:
            fires = ""
            if request.path in self._paths and self._left:
                self._left -= 1
                fires = self._phase if self._left == 0 else ""
            if fires == "before":
                self.on_kill()
                return None
            answer = self.world.answer("wecom", request)
            if fires == "after":
                self.on_kill()
                return None
            return answer.body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

            def log_message(self, *_: Any) -> None:
                pass

            def _answer(self, body: bytes) -> None:
                parts = urlsplit(self.path)
                request = WireRequest(
                    method=self.command,
                    path=parts.path.removeprefix("/wecom"),
                    query=dict(parse_qsl(parts.query)),
                    headers={key.lower(): value for key, value in self.headers.items()},
                    body=body,
                )
                answer = witness._serve(request)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        return Handler


def kill(pid: int) -> None:
    """SIGKILL; a process that is already gone is fine."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
