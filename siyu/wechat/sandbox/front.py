"""The open API's front door: stable tokens, limits, dispatch, error bodies, control calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.ports.sandbox import (
    Callback,
    Trouble,
    WireAnswer,
    WireRequest,
    World,
    describe_operations,
)
from siyu.ports.sandbox import Operation as Described
from siyu.wechat.envelope import load_aes_key
from siyu.wechat.sandbox import events
from siyu.wechat.sandbox.books import SENDER_IP, App, Books, Fault
from siyu.wechat.sandbox.tokens import PLAIN, STABLE

TOKEN_PATHS = frozenset({"/cgi-bin/token", "/cgi-bin/stable_token"})
CLEAR_PATH = "/cgi-bin/clear_quota"


@dataclass(frozen=True)
class Call:
    """One authorised call of an app."""

    world: World
    books: Books
    app: App
    query: Mapping[str, str]
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""

    def text(self, name: str) -> str:
        """A field of the body as text; Fault 47001 when it is missing."""
        value = self.body.get(name)
        if value is None or isinstance(value, dict | list):
            raise Fault(47001, f"data format error: {name}")
        return str(value)


@dataclass(frozen=True)
class People:
    """The hands of the control operations."""

    world: World
    books: Books
    app: App

    def emit(self, openid: str, **fields: Any) -> None:
        events.emit(self.world, self.app, openid, fields)

    def event(self, openid: str, event: str, **fields: Any) -> None:
        self.emit(openid, MsgType="event", Event=event, **fields)


Handler = Callable[[Call], Any]
Operation = Callable[..., Any]


class WechatSandbox:
    """See `siyu.ports.sandbox.Sandbox`. calls: path → method and handler; open_calls need no
    token. A handler gives the answer's fields, or a whole `WireAnswer`."""

    def __init__(
        self,
        world: World,
        *,
        calls: Mapping[str, tuple[str, Handler]],
        open_calls: Mapping[str, Handler],
        operations: Mapping[str, Operation],
    ) -> None:
        self._world = world
        self._books = Books(world.clock)
        self._calls = {CLEAR_PATH: ("POST", clear_quota), **calls}
        self._open_calls = open_calls
        self._operations = {**operations, **SHARED_OPERATIONS}

    def answer(self, request: WireRequest) -> WireAnswer:
        """HTTP 200 with an errcode, as the platform does; successes leave the code out."""
        try:
            found = self._route(request)
        except Fault as fault:
            return _say(fault)
        except (ValueError, TypeError, KeyError, AttributeError, msgspec.MsgspecError):
            return _say(Fault(47001, "data format error"))
        if found is None:
            return WireAnswer(status=404, body=b"not found", content_type="text/plain")
        return found if isinstance(found, WireAnswer) else WireAnswer(body=_json(found))

    def trouble(self, kind: Trouble, request: WireRequest) -> WireAnswer | None:
        """A rejected token is really gone: the next one is new."""
        if kind is Trouble.TOKEN_REJECTED:
            app = self._app_of_token(request.query.get("access_token", ""))
            if app is None:
                return None
            app.tokens.drop(self._books.now())
            return _say(Fault(40001, "invalid credential, access_token is invalid or not latest"))
        if kind is Trouble.RATE_LIMITED:
            return _say(
                Fault(45011, "api minute-quota reach limit, must slower, retry next minute")
            )
        return _say(Fault(-1, "system error"))

    def is_acknowledged(self, callback: Callback, status: int, body: bytes) -> bool:
        """Any 200; a message in the body is shown to the person who is waiting for it."""
        if status != 200:
            return False
        app = self._app_of_url(callback.url)
        if app is not None:
            self._hear_reply(app, callback, body)
        return True

    def control(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """Acts on `appid`, or on the app configured last."""
        if operation == "configure":
            return self._configure(**arguments)
        run = self._operations.get(operation)
        if run is None:
            raise Refused(
                "sandbox.operation", f"no such operation {operation!r}", field="operation"
            )
        rest = dict(arguments)
        app = self._books.apps.get(rest.pop("appid", self._books.current))
        if app is None:
            raise Refused("sandbox.app", "no such app: configure it first", field="appid")
        try:
            return run(People(self._world, self._books, app), **rest)
        except Fault as fault:
            raise Refused("sandbox.fault", fault.text) from fault
        except (TypeError, KeyError) as error:
            raise Refused("sandbox.arguments", f"{operation}: {error}") from error

    def operations(self) -> list[Described]:
        """See `OffersControls.operations`."""
        return describe_operations(self._operations)

    def witness(self) -> dict[str, int]:
        """The counters of all apps added up."""
        return {"calls": 0, "messages": 0, "duplicates": 0, **self._books.totals()}

    # inside

    def _configure(self, *, appid: str, **values: str) -> dict[str, str]:
        app = self._books.apps.setdefault(appid, App(appid))
        for name, value in values.items():
            if name not in {
                "secret",
                "token",
                "aes_key",
                "callback_url",
                "original_id",
                "kind",
                "body_format",
            }:
                raise Refused("sandbox.arguments", f"configure: unknown {name}", field=name)
            setattr(app, name, value)
        if app.aes_key:
            load_aes_key(app.aes_key)
        app.original_id = app.original_id or f"gh_{appid[-12:]}"
        self._books.current = appid
        return {"appid": appid, "original_id": app.original_id}

    def _route(self, request: WireRequest) -> Any:
        if request.path in TOKEN_PATHS:
            return self._token(request)
        opened = self._open_calls.get(request.path)
        if opened is not None:
            app = self._books.apps.get(request.query.get("appid", ""))
            app = app or self._books.apps.get(self._books.current)
            if app is None:
                raise Fault(40013, "invalid appid")
            app.calls[request.path] += 1
            return opened(Call(self._world, self._books, app, request.query, {}))
        method, handler = self._calls.get(request.path, ("", None))
        if handler is None:
            return None
        app = self._authorise(request.query.get("access_token", ""))
        if request.path != CLEAR_PATH:
            self._limit(app, request.path)
        if request.method != method:
            raise Fault(43001 if method == "GET" else 43002, f"require {method} method")
        body, headers = _body(request), request.headers
        return handler(
            Call(self._world, self._books, app, request.query, body, headers, request.body)
        )

    def _token(self, request: WireRequest) -> dict[str, Any]:
        is_stable = request.path.endswith("stable_token")
        given: Mapping[str, Any] = _body(request) if is_stable else request.query
        app = self._books.apps.get(str(given.get("appid", "")))
        if app is None:
            raise Fault(40013, "invalid appid")
        app.calls["token"] += 1
        if app.knobs.blocked_ip:
            raise Fault(40164, f"invalid ip {app.knobs.blocked_ip}, not in whitelist")
        if app.secret != given.get("secret"):
            raise Fault(40125, "invalid appsecret")
        now, kind = self._books.now(), STABLE if is_stable else PLAIN
        is_forced = is_stable and given.get("force_refresh") is True
        code = app.tokens.forced_too_often(now) if is_forced else 0
        if code:
            raise Fault(code, "reach max api daily quota limit, or must slower")
        if is_forced or not is_stable or app.tokens.is_due(now):
            value = f"{self._books.next_id('token')}_{app.appid}"
            app.tokens.replace(kind, value, now, is_forced=is_forced)
        value = app.tokens.now[kind]
        left = int((app.tokens.ends[value] - now).total_seconds())
        return {"access_token": value, "expires_in": left}

    def _authorise(self, token: str) -> App:
        if not token:
            raise Fault(41001, "access_token missing")
        app = self._app_of_token(token)
        if app is None:
            raise Fault(40001, "invalid credential, access_token is invalid or not latest")
        if not app.tokens.is_living(token, self._books.now()):
            raise Fault(42001, "access_token expired")
        return app

    def _limit(self, app: App, path: str) -> None:
        app.calls[path] += 1
        minute = int(self._books.now().timestamp()) // 60
        began, used = app.rates.get(path, (minute, 0))
        used = used + 1 if began == minute else 1
        app.rates[path] = (minute, used)
        place = (self._books.today(), path)
        app.days[place] += 1
        if used > app.knobs.per_minute:
            app.counts["rate_limited"] += 1
            raise Fault(45011, "api minute-quota reach limit, must slower, retry next minute")
        if app.days[place] > app.knobs.per_day:
            app.counts["rate_limited"] += 1
            raise Fault(45009, "reach max api daily quota limit")

    def _app_of_token(self, token: str) -> App | None:
        apps = self._books.apps.values()
        return next((app for app in apps if token in app.tokens.ends), None)

    def _app_of_url(self, url: str) -> App | None:
        return next((app for app in self._books.apps.values() if app.callback_url == url), None)

    def _hear_reply(self, app: App, callback: Callback, body: bytes) -> None:
        try:
            reply = events.read_reply(app, body, self._books.now())
        except (Refused, KeyError, TypeError):
            app.counts["malformed_replies"] += 1
            return
        if reply is None or reply[0] not in app.people:
            return
        heard: set[str] = app.store.setdefault("heard", set())
        mark = f"{callback.query.get('nonce')}:{callback.query.get('timestamp')}"
        if mark not in heard:
            heard.add(mark)
            self._books.say(app, app.people[reply[0]], "passive", reply[1])


def clear_quota(call: Call) -> dict[str, Any]:
    """POST clear_quota: the day's counts begin anew, so many times a month."""
    if call.text("appid") != call.app.appid:
        raise Fault(40013, "invalid appid")
    month = call.books.today()[:7]
    if call.app.clears[month] >= call.app.knobs.clears_per_month:
        raise Fault(48006, "forbid to clear quota because of reaching the limit")
    call.app.clears[month] += 1
    call.app.days.clear()
    return {"errcode": 0, "errmsg": "ok"}


def _delivered(hands: People, since: int = 0) -> dict[str, Any]:
    found = hands.app.said[since:]
    return {"items": msgspec.to_builtins(found), "next": since + len(found)}


def _knobs(hands: People, **values: Any) -> dict[str, Any]:
    for name, value in values.items():
        if not hasattr(hands.app.knobs, name):
            raise KeyError(name)
        setattr(hands.app.knobs, name, value)
    return {}


def _expire_token(hands: People) -> dict[str, Any]:
    hands.app.tokens.drop(hands.books.now())
    return {}


def _callback_check(hands: People) -> dict[str, str]:
    return events.url_check(hands.world, hands.app)


def _refuse_messages(hands: People, openid: str, *, is_refusing: bool = True) -> dict[str, Any]:
    hands.books.known(hands.app, openid).refuses = is_refusing
    return {}


def _people(hands: People) -> list[dict[str, Any]]:
    return [
        {
            "openid": one.openid,
            "unionid": one.unionid,
            "name": one.name,
            "is_following": one.followed_at is not None,
            "tags": list(one.tags),
        }
        for one in hands.app.people.values()
    ]


SHARED_OPERATIONS: dict[str, Operation] = {
    "delivered": _delivered,
    "knobs": _knobs,
    "expire_token": _expire_token,
    "callback_check": _callback_check,
    "refuse_messages": _refuse_messages,
    "people": _people,
    "calls": lambda hands: dict(hands.app.calls),
}


def _body(request: WireRequest) -> Mapping[str, Any]:
    is_form = request.headers.get("content-type", "").startswith("multipart/")
    if request.method == "GET" or not request.body or is_form:
        return {}
    body = msgspec.json.decode(request.body)
    if not isinstance(body, dict):
        raise Fault(47001, "data format error")
    return body


def _say(fault: Fault) -> WireAnswer:
    text = f"{fault.text} rid: 66f0a1b2-0c3d4e5f-{SENDER_IP.replace('.', '')}"
    return WireAnswer(body=_json({"errcode": fault.code, "errmsg": text}))


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
