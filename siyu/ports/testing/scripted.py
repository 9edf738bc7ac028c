"""A wire that answers from a script and remembers what was asked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import msgspec

from siyu.ports.http import HttpAnswer


@dataclass(frozen=True)
class SentRequest:
    """One call the code under test made; `params` includes those written in the URL."""

    method: str
    url: str
    path: str
    params: Mapping[str, str]
    json: Any
    form: Mapping[str, str]
    headers: Mapping[str, str]
    timeout: float
    is_safe: bool
    content: bytes = b""

    @property
    def key(self) -> str:
        """`POST /path`, as scripts name it."""
        return f"{self.method} {self.path}"


Answer: TypeAlias = (
    HttpAnswer
    | BaseException
    | Mapping[str, Any]
    | list[Any]
    | bytes
    | str
    | Callable[[SentRequest], Any]
)


class UnscriptedCall(AssertionError):
    """The code under test made a call that the test did not expect."""


@dataclass
class _Script:
    answers: deque[Answer]
    is_forever: bool
    used: int = 0

    def take(self, key: str) -> Answer:
        if not self.answers:
            raise UnscriptedCall(f"{key} was called again; its script had {self.used} answers")
        self.used += 1
        if self.is_forever and len(self.answers) == 1:
            return self.answers[0]
        return self.answers.popleft()


@dataclass
class ScriptedDoor:
    """An `HttpDoor` for tests.

    wire.script("GET /cgi-bin/gettoken", [{"errcode": 0, …}, {…}])

    An answer is JSON (a mapping or list, sent with status 200), text or bytes (status 200), an
    `HttpAnswer`, an exception to raise, or a function of the `SentRequest` giving one of these.
    Each answer is used once; with `forever` the last one is used for all later calls. A call
    without an answer raises `UnscriptedCall`.
    """

    calls: list[SentRequest] = field(default_factory=list)
    _scripts: dict[str, _Script] = field(default_factory=dict)

    def script(self, call: str, answers: Iterable[Answer], *, forever: bool = False) -> None:
        """Set the answers of `METHOD /path`; replaces an earlier script of the same call."""
        self._scripts[call] = _Script(deque(answers), forever)

    def count(self, call: str) -> int:
        """How often `METHOD /path` was called."""
        return sum(sent.key == call for sent in self.calls)

    def sent(self, call: str) -> list[SentRequest]:
        """The calls of `METHOD /path`, in order."""
        return [sent for sent in self.calls if sent.key == call]

    def left(self) -> dict[str, int]:
        """Answers not used yet, by call; empty when the script was played to its end."""
        left: dict[str, int] = defaultdict(int)
        for call, script in self._scripts.items():
            if script.answers and not (script.is_forever and script.used):
                left[call] = len(script.answers)
        return dict(left)

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
        """Answer from the script; see `HttpDoor.request`."""
        parts = urlsplit(url)
        sent = SentRequest(
            method=method.upper(),
            url=url,
            path=parts.path,
            params={**dict(parse_qsl(parts.query)), **(params or {})},
            json=_plain(json),
            form={} if isinstance(form, bytes) else dict(form or {}),
            content=form if isinstance(form, bytes) else b"",
            headers=dict(headers or {}),
            timeout=timeout,
            is_safe=is_safe,
        )
        self.calls.append(sent)
        script = self._scripts.get(sent.key)
        if script is None:
            known = ", ".join(sorted(self._scripts)) or "nothing"
            raise UnscriptedCall(f"unexpected call {sent.key}; scripted: {known}")
        return _answer(script.take(sent.key), sent)


def _plain(value: Any) -> Any:
    """A JSON body as the other side would read it."""
    return None if value is None else msgspec.json.decode(msgspec.json.encode(value))


def _answer(answer: Answer, sent: SentRequest) -> HttpAnswer:
    if callable(answer):
        answer = answer(sent)
    if isinstance(answer, BaseException):
        raise answer
    if isinstance(answer, HttpAnswer):
        return answer
    if isinstance(answer, str):
        answer = answer.encode()
    if isinstance(answer, bytes):
        return HttpAnswer(200, {"content-type": "text/plain"}, answer)
    body = msgspec.json.encode(answer)
    return HttpAnswer(200, {"content-type": "application/json; charset=UTF-8"}, body)
