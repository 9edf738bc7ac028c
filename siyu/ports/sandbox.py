"""What a platform's sandbox is made of: `platforms/<name>/sandbox.py` holds `make_sandbox(world)`.

The sandbox is the platform itself, small: it speaks the real wire protocol, keeps its own
books as an independent witness, and is driven by control calls ("a customer scans this code").
It has no IO of its own; `siyu.sandbox` puts all of them behind one HTTP server, delivers their
callbacks, and spoils both on bad days.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any, Protocol, cast, runtime_checkable

import msgspec

from siyu.kernel.clock import Clock


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A call to the platform. `path` is what follows the platform's prefix; header names are
    lower-case. `target` is path and query as they stood on the wire, for platforms that sign
    them ("" when there was no query)."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes = b""
    target: str = ""


class WireAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The platform's answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = {}


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the platform to a brand's server.

    url: without the query. attempts: deliveries tried until one is acknowledged.
    """

    url: str
    body: bytes
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    attempts: int = 4
    timeout: float = 5.0


class Trouble(StrEnum):
    """A failure the platform itself would answer with, in its own body."""

    RATE_LIMITED = "rate_limited"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 - the name of a failure
    BUSY = "busy"


class World(Protocol):
    """What a sandbox is given: the time, chance, and a postman."""

    @property
    def clock(self) -> Clock: ...

    @property
    def chance(self) -> random.Random: ...

    def deliver(self, callback: Callback) -> None:
        """Send soon, in order; retried until acknowledged or out of attempts."""
        ...


class Sandbox(Protocol):
    """One platform. All methods are quick and never called at the same time."""

    def answer(self, request: WireRequest) -> WireAnswer:
        """Answer a call on the real wire; failures in the platform's own shape."""
        ...

    def trouble(self, kind: Trouble, request: WireRequest) -> WireAnswer | None:
        """The platform's own words for a failure; None when this call cannot fail so."""
        ...

    def is_acknowledged(self, callback: Callback, status: int, body: bytes) -> bool:
        """Whether the brand's answer to a callback counts as received."""
        ...

    def control(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Make something happen in the platform; a JSON value. Refused when it cannot."""
        ...

    def witness(self) -> dict[str, int]:
        """Counters of what really happened: `calls`, `messages`, `duplicates`, …"""
        ...


class Argument(msgspec.Struct, frozen=True, kw_only=True):
    """One argument of a control operation. kind: `text`, `number`, `flag`, `list`, `json`."""

    name: str
    kind: str
    is_required: bool
    default: Any = None


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One control operation as a page can offer it."""

    name: str
    about: str
    arguments: tuple[Argument, ...]


_KINDS = {"str": "text", "int": "number", "float": "number", "bool": "flag"}


def describe_operations(operations: Mapping[str, Callable[..., Any]]) -> list[Operation]:
    """What the operations take, read from their signatures and docstrings. The first parameter
    of each is what it acts on, and no argument."""
    return [_describe(name, run) for name, run in operations.items()]


def _describe(name: str, run: Callable[..., Any]) -> Operation:
    about = (inspect.getdoc(run) or "").partition("\n\n")[0].replace("\n", " ")
    known = list(inspect.signature(run).parameters.values())[1:]
    arguments = tuple(
        Argument(
            name=parameter.name,
            kind=_kind(str(parameter.annotation)),
            is_required=parameter.default is parameter.empty,
            default=None if parameter.default is parameter.empty else parameter.default,
        )
        for parameter in known
        if parameter.kind is not parameter.VAR_KEYWORD
    )
    return Operation(name=name, about=about, arguments=arguments)


def _kind(annotation: str) -> str:
    plain = annotation.removesuffix(" | None")
    return _KINDS.get(plain, "list" if plain.startswith(("list[str", "Sequence[str")) else "json")


@runtime_checkable
class OffersControls(Protocol):
    """A sandbox that lists its control operations, for the control page."""

    def operations(self) -> list[Operation]:
        """All but `configure`; see `describe_operations`."""
        ...


class MakeSandbox(Protocol):
    def __call__(self, world: World) -> Sandbox: ...


def load_sandbox(name: str) -> MakeSandbox:
    """The `make_sandbox` of one platform folder."""
    return cast("MakeSandbox", import_module(f"siyu.platforms.{name}.sandbox").make_sandbox)
