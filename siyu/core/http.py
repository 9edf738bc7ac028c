"""The one outgoing HTTP door: nothing in Siyu reaches the network by another way."""

from __future__ import annotations

import logging
import random
import socket
import ssl
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx
import msgspec
import structlog

from siyu import __version__
from siyu.core.addresses import Resolve, check_url, choose_address, resolve_name
from siyu.core.masking import mask
from siyu.kernel.errors import PlatformError, Refused, RetryLater, UnknownOutcome
from siyu.ports.http import HttpAnswer

MAX_BODY = 1024 * 1024
MAX_REDIRECTS = 3
ATTEMPTS = 3
BACK_OFF_SECONDS = 0.2
CONNECT_SECONDS = 3.0
KEEP_ALIVE_SECONDS = 4.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SURELY_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

log = structlog.get_logger("siyu.http")


class Unusable(Exception):
    """An answer came that cannot be read."""


class _PinnedBackend(httpcore.SyncBackend):
    """Resolves a name once, checks every address it has, connects to that very address."""

    def __init__(self, allowed: frozenset[str], resolve: Resolve) -> None:
        super().__init__()
        self._allowed = allowed
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            address = choose_address(host, port, allowed=self._allowed, resolve=self._resolve)
        except (socket.gaierror, UnicodeError) as error:
            raise httpcore.ConnectError(f"cannot resolve {host}") from error
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


class _Line(httpx.HTTPTransport):
    """One connection, kept open between calls."""

    def __init__(self, backend: httpcore.NetworkBackend, ssl_context: ssl.SSLContext) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=backend,
        )
        self.used_at = 0.0


class _Lines(httpx.BaseTransport):
    """A call has a line to its host for itself; the one used last is taken first.

    A pool shared by many threads looks at every idle connection under its lock, twice a call.
    """

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend
        self._ssl_context = httpx.create_ssl_context(trust_env=False)
        self._idle: dict[tuple[str, str, int | None], deque[_Line]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def line(self, url: httpx.URL) -> Iterator[_Line]:
        """A line for one call and the reading of its answer."""
        place = (url.scheme, url.host, url.port)
        with self._lock:
            idle = self._idle.get(place)
            line = idle.pop() if idle else None
        line = line or _Line(self._backend, self._ssl_context)
        try:
            yield line
        finally:
            line.used_at = time.monotonic()
            with self._lock:
                self._idle.setdefault(place, deque()).append(line)
                old = self._take_old(line.used_at - KEEP_ALIVE_SECONDS)
            for other in old:
                other.close()

    def close(self) -> None:
        """Close the idle lines."""
        with self._lock:
            old = self._take_old(time.monotonic())
        for line in old:
            line.close()

    def _take_old(self, before: float) -> list[_Line]:
        """Lines not used since then, taken off the list."""
        old = []
        for place, idle in list(self._idle.items()):
            while idle and idle[0].used_at <= before:
                old.append(idle.popleft())
            if not idle:
                del self._idle[place]
        return old


class Door:
    """The `HttpDoor` of a process. Thread-safe; connections are pooled.

    allow_private: `host:port` pairs that may be reached although they are not public.
    """

    def __init__(
        self,
        allow_private: Iterable[str] = (),
        *,
        resolve: Resolve = resolve_name,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._allowed = frozenset(entry.strip().lower() for entry in allow_private)
        self._sleep = sleep
        for name in ("httpx", "httpcore"):  # they log whole URLs, tokens included
            logging.getLogger(name).setLevel(logging.WARNING)
        self._lines = _Lines(_PinnedBackend(self._allowed, resolve))
        self._builder = httpx.Client(
            transport=self._lines,
            headers={"User-Agent": f"siyu/{__version__}", "Accept-Encoding": "gzip"},
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._builder.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        is_safe: bool = False,
    ) -> HttpAnswer:
        """See `HttpDoor.request`; also Refused for URLs and addresses we do not go to."""
        target = check_url(url, self._allowed)
        request = self._builder.build_request(
            method.upper(),
            target.copy_merge_params(dict(params)) if params else target,
            content=form if isinstance(form, bytes) else _encoded(json),
            data=None if form is None or isinstance(form, bytes) else dict(form),
            headers=_headers(headers, is_json=json is not None),
            timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        )
        attempts = ATTEMPTS if is_safe else 1
        for attempt in range(1, attempts + 1):
            try:
                return self._follow(request, timeout)
            except (httpx.TransportError, Unusable) as error:
                self._log_failure(request, error, attempt)
                if attempt == attempts:
                    raise _classify(error, target.host, is_safe=is_safe) from error
                self._sleep(BACK_OFF_SECONDS * 4 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311
        raise AssertionError("unreachable")

    def _follow(self, request: httpx.Request, timeout: float) -> HttpAnswer:
        """Send, and follow redirects of reads; each new address passes the same checks."""
        deadline = time.monotonic() + timeout
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._send(request, deadline)
            place = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not place or request.method != "GET":
                return answer
            request = self._redirected(request, place)
        raise Refused("http.redirects", f"重定向超过 {MAX_REDIRECTS} 次", field="url")

    def _redirected(self, request: httpx.Request, place: str) -> httpx.Request:
        try:
            target = check_url(str(request.url.join(place)), self._allowed)
        except httpx.InvalidURL as error:
            raise Refused("http.url", "重定向的网址无效", field="url") from error
        if request.url.scheme == "https" and target.scheme != "https":
            raise Refused("http.downgrade", "拒绝从 https 重定向到 http", field="url")
        return self._builder.build_request("GET", target, extensions=request.extensions)

    def _send(self, request: httpx.Request, deadline: float) -> HttpAnswer:
        started = time.monotonic()
        with self._lines.line(request.url) as line:
            response = line.handle_request(request)
            try:
                body = _read(response, deadline)
            finally:
                response.close()
        took = round((time.monotonic() - started) * 1000)
        log.debug(
            "http.call",
            method=request.method,
            url=mask(str(request.url)),
            status=response.status_code,
            took_ms=took,
        )
        return HttpAnswer(response.status_code, dict(response.headers), body)

    def _log_failure(self, request: httpx.Request, error: Exception, attempt: int) -> None:
        log.warning(
            "http.failed",
            method=request.method,
            url=mask(str(request.url)),
            error=mask(f"{type(error).__name__}: {error}"),
            attempt=attempt,
        )


def _encoded(json: Any) -> bytes | None:
    return None if json is None else msgspec.json.encode(json)


def _headers(headers: Mapping[str, str] | None, *, is_json: bool) -> dict[str, str]:
    ours = dict(headers or {})
    for name, value in ours.items():
        if any(char in name + value for char in "\r\n\x00"):
            raise Refused("http.header", "请求头含有换行", field="headers")
    if is_json:
        ours.setdefault("Content-Type", "application/json; charset=utf-8")
    return ours


def _read(response: httpx.Response, deadline: float) -> bytes:
    """The whole body, unpacked, at most MAX_BODY before and after unpacking."""
    raw = bytearray()
    for chunk in response.iter_raw():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise Unusable("body over 1 MiB")
        if time.monotonic() > deadline:
            raise Unusable("body too slow")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"identity", ""} or not raw:
        return bytes(raw)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise Unusable(f"content encoding {encoding}")
    return unpack(bytes(raw))


def unpack(packed: bytes) -> bytes:
    """What gzip or zlib packed; Unusable when broken or over MAX_BODY, without unpacking it all."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        body = unpacker.decompress(packed, MAX_BODY + 1)
    except zlib.error as error:
        raise Unusable("broken compression") from error
    if len(body) > MAX_BODY:
        raise Unusable("body over 1 MiB after unpacking")
    if not unpacker.eof:
        raise Unusable("compressed body cut short")
    return body


def _classify(error: Exception, host: str, *, is_safe: bool) -> PlatformError:
    if isinstance(error, _SURELY_NOT_SENT):
        return RetryLater("http.connect", f"连接不上 {host}")
    reason = f"{host} 的回答不可用" if isinstance(error, Unusable) else f"与 {host} 的通信中断"
    if is_safe:
        return RetryLater("http.broken", reason)
    return UnknownOutcome("http.unknown", f"{reason}, 不知道对方是否已执行")
