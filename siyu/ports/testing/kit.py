"""What the conformance suite must be told about a platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from siyu.kernel.errors import PlatformError
from siyu.ports.capabilities import AccountConfig, CallbackRequest, Connector
from siyu.ports.facts import Fact
from siyu.ports.sandbox import Sandbox
from siyu.ports.testing.scripted import SentRequest


@dataclass(frozen=True, kw_only=True)
class Kit:
    """One platform's part of the suite; `tests/kit.py` of its folder holds it as `KIT`.

    account: with every field filled. token_call: the call that fetches the token which `read`
    uses; token_answer(n): its answer, with a different token for each n.
    read: a harmless read; read_call, read_answer: what it calls and hears.
    error(code): the platform's error body. expired: the code of an ended token.
    codes: code → the error family it must become (the expired code is tested apart).
    send: send a text to one person; send_call, send_answer, text_of: the call, its answer, and
    the text in the call.
    event(…): a plain event as the platform means it, with `extra` fields added or `missing` left
    out; unknown_event: one nobody knows. sign: a plain event → the callback. tampered: callbacks
    that must be refused.
    personal: strings of the events that must not reach `properties`.
    has_tokens: False when calls are signed one by one; token_call then fetches the keys.
    pages: a paged read driven to its end, and answers whose cursor repeats; None when not paged.
    set_up(sandbox, account): make the sandbox know the account; stir: make it send callbacks.
    """

    account: AccountConfig
    token_call: str
    token_answer: Callable[[int], Any]
    read: Callable[[Connector], Any]
    read_call: str
    read_answer: Any
    error: Callable[[Any], Any]
    expired: int | str
    codes: Mapping[Any, type[PlatformError]]
    send: Callable[[Connector, str], Any]
    send_call: str
    send_answer: Any
    text_of: Callable[[SentRequest], str]
    max_chars: int
    event: Callable[[Mapping[str, str], str], bytes]
    missing: tuple[str, ...]
    unknown_event: bytes
    sign: Callable[[bytes, datetime], CallbackRequest]
    tampered: Callable[[CallbackRequest], list[CallbackRequest]]
    set_up: Callable[[Sandbox], None]
    stir: Callable[[Sandbox], None]
    personal: tuple[str, ...] = ()
    pages: Callable[[Connector], list[Fact]] | None = None
    page_call: str = ""
    page_answers: tuple[Any, ...] = ()
    has_tokens: bool = True


UNSAID = object()


@dataclass(frozen=True)
class Call:
    """One remote call of a capability.

    name: `<field of Connector>.<method>`, or `<channel>.<method>` of a sender; args, named: the
    method's arguments. path: `POST /path`. answer: a good answer, an empty one where the method
    lists something; gives: what the method makes of it, where that matters. others: what it calls
    besides, and the answers. odd: a readable answer of a wrong shape; made out of `answer` when
    that is JSON.
    is_safe: a read, or a write that may be repeated; any other leaves an unknown outcome behind
    when its answer cannot be read. tries: how often it is made then.
    has_token: False when no token of the account goes along.
    """

    name: str
    path: str
    args: tuple[Any, ...]
    answer: Any
    gives: Any = UNSAID
    _: KW_ONLY
    named: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    odd: Any = None
    is_safe: bool = True
    tries: int = 1
    has_token: bool = True

    def make(self, connector: Connector) -> Any:
        """Do it; what the method returns, pages of an iterator read to their end."""
        where, _, method = self.name.rpartition(".")
        owner = connector.senders.get(where) or getattr(connector, where)
        found = getattr(owner, method)(*self.args, **self.named)
        return list(found) if isinstance(found, Iterator) else found


@dataclass(frozen=True)
class CallList:
    """All calls of a platform. quiet: methods that ask nobody, or never fail when they do."""

    calls: tuple[Call, ...]
    quiet: frozenset[str]


def load_kit(name: str) -> Kit:
    """The kit of a platform folder."""
    return cast("Kit", import_module(f"siyu.platforms.{name}.tests.kit").KIT)


def load_calls(name: str) -> CallList:
    """The calls of a platform folder: `CALLS` of its `tests/calls.py`."""
    return cast("CallList", import_module(f"siyu.platforms.{name}.tests.calls").CALLS)
