"""Douyin itself, small: OAuth, direct messages with their window, signed webhooks.

Control operations (`POST /_sandbox/douyin/<operation>`):
    configure  {client_key, client_secret, open_id, callback_url, nickname?, refresh_token?}
               → {refresh_token, access_token}
    follow     {person, name}                    → {open_id}
    enter_chat {person, name, scene_type?}       → {open_id}
    send_dm    {person, name, text}              → {open_id, server_message_id}
    leave_card {person, name, phone}             → {open_id, server_message_id}
    type_reply {person, text}                    a human answers in the app
    revoke     {}                                the account withdraws its authorisation
    expire_tokens {}                             all access tokens end now
    delivered  {since}                           → {items, next}: what customers received
`person` is the simulator's own name of a human; `open_id` follows from it and the application.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.platforms.douyin.sandbox_books import App, Books, Fault
from siyu.platforms.douyin.webhook import sign
from siyu.ports.sandbox import (
    Argument,
    Callback,
    Operation,
    Sandbox,
    Trouble,
    WireAnswer,
    WireRequest,
    World,
)

ACCESS_SECONDS = 15 * 86_400
REFRESH_SECONDS = 30 * 86_400
CLIENT_SECONDS = 7200
CALLBACK_ATTEMPTS = 4
_TOKEN_PATHS = frozenset(
    {"/oauth/client_token/", "/oauth/refresh_token/", "/oauth/renew_refresh_token/"}
)
_TROUBLE_CODES = {
    Trouble.RATE_LIMITED: 28003017,
    Trouble.TOKEN_REJECTED: 28001008,
    Trouble.BUSY: 28001005,
}


_TOLD: dict[str, tuple[str, tuple[str, ...]]] = {
    "follow": ("A customer follows the account.", ("person", "name")),
    "enter_chat": ("A customer opens the chat.", ("person", "name")),
    "send_dm": ("A customer writes.", ("person", "name", "text")),
    "leave_card": ("A customer leaves a phone number.", ("person", "name", "phone")),
    "type_reply": ("A human answers in the app.", ("person", "text")),
    "revoke": ("The account withdraws its authorisation.", ()),
    "expire_tokens": ("All access tokens end now.", ()),
    "delivered": ("What customers received.", ()),
}
"""Control operations for the control page: what each does, and the texts it needs."""


def make_sandbox(world: World) -> Sandbox:
    """An empty Douyin; applications come by `configure`."""
    return DouyinSandbox(world)


class DouyinSandbox:
    """See `siyu.ports.sandbox.Sandbox`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._books = Books(world.clock)
        self._calls: Counter[str] = Counter()
        self._routes: dict[str, Callable[[WireRequest], dict[str, Any]]] = {
            "/oauth/client_token/": self._client_token,
            "/oauth/refresh_token/": self._refresh_token,
            "/oauth/renew_refresh_token/": self._renew_refresh_token,
            "/oauth/userinfo/": self._user_info,
            "/im/send/msg/": self._send_message,
            "/fans/check/": self._check_fan,
        }
        self._operations: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "configure": self._configure,
            "follow": self._follow,
            "enter_chat": self._enter_chat,
            "send_dm": self._send_dm,
            "leave_card": self._leave_card,
            "type_reply": self._type_reply,
            "revoke": self._revoke,
            "expire_tokens": self._expire_tokens,
            "delivered": self._delivered,
        }

    def answer(self, request: WireRequest) -> WireAnswer:
        self._calls[request.path] += 1
        route = self._routes.get(request.path)
        if route is None:
            return WireAnswer(status=404, body=b"404 page not found", content_type="text/plain")
        try:
            return self._say(route(request))
        except Fault as fault:
            return self._say({}, fault)
        except (ValueError, KeyError, TypeError, msgspec.MsgspecError):
            return self._say({}, Fault(28001007, "参数不合法"))

    def trouble(self, kind: Trouble, request: WireRequest) -> WireAnswer | None:
        if kind is Trouble.TOKEN_REJECTED and request.path in _TOKEN_PATHS:
            return None
        return self._say({}, Fault(_TROUBLE_CODES[kind], kind.value))

    def is_acknowledged(self, callback: Callback, status: int, body: bytes) -> bool:
        del callback, body
        return status == 200

    def control(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        act = self._operations.get(operation)
        if act is None:
            raise Refused("sandbox.operation", f"抖音沙箱没有操作 {operation}", field="operation")
        try:
            return act(arguments)
        except Fault as fault:
            raise Refused("sandbox.fault", fault.text, field="client_key") from fault
        except KeyError as error:
            raise Refused(
                "sandbox.argument", f"缺少参数 {error.args[0]}", field=str(error.args[0])
            ) from error

    def operations(self) -> list[Operation]:
        """See `OffersControls.operations`."""
        return [_described(name, *told) for name, told in _TOLD.items()]

    def witness(self) -> dict[str, int]:
        return {"calls": self._calls.total(), **self._books.totals()}

    # the wire

    def _client_token(self, request: WireRequest) -> dict[str, Any]:
        fields = msgspec.json.decode(request.body, type=dict[str, str])
        app = self._books.app(fields["client_key"])
        if fields["client_secret"] != app.client_secret:
            raise Fault(10003, "client_key 或 client_secret 错误")
        token = self._books.issue(app, "client", CLIENT_SECONDS)
        return {"access_token": token, "expires_in": CLIENT_SECONDS}

    def _refresh_token(self, request: WireRequest) -> dict[str, Any]:
        fields = _form(request)
        app = self._books.app(fields["client_key"])
        if not app.is_authorised or fields["refresh_token"] not in app.refresh_tokens:
            raise Fault(10010, "refresh_token 过期或无效")
        ends = app.refresh_tokens[fields["refresh_token"]]
        left = int((ends - self._world.clock.now()).total_seconds())
        if left <= 0:
            raise Fault(10010, "refresh_token 过期或无效")
        return {
            "access_token": self._books.issue(app, "user", ACCESS_SECONDS),
            "expires_in": ACCESS_SECONDS,
            "refresh_token": fields["refresh_token"],
            "refresh_expires_in": left,
            "open_id": app.open_id,
            "scope": "user_info,im.direct_message",
        }

    def _renew_refresh_token(self, request: WireRequest) -> dict[str, Any]:
        fields = _form(request)
        app = self._books.app(fields["client_key"])
        if fields["refresh_token"] not in app.refresh_tokens:
            raise Fault(10010, "refresh_token 过期或无效")
        if app.renewals >= 5:
            raise Fault(10020, "refresh_token 刷新次数已用完")
        app.renewals += 1
        token = self._books.issue_refresh(app, REFRESH_SECONDS)
        return {"refresh_token": token, "expires_in": REFRESH_SECONDS}

    def _user_info(self, request: WireRequest) -> dict[str, Any]:
        fields = _form(request)
        app = self._books.app_of_token(fields["access_token"], "user")
        if fields["open_id"] != app.open_id:
            raise Fault(28001015, "access_token 与 open_id 不匹配")
        return {"open_id": app.open_id, "nickname": app.nickname, "avatar": "", "union_id": ""}

    def _check_fan(self, request: WireRequest) -> dict[str, Any]:
        app = self._books.app_of_token(request.headers.get("access-token", ""), "user")
        follower = app.people.get(request.query["follower_open_id"])
        at = follower.followed_at if follower else None
        return {"is_follower": at is not None, "follow_time": to_ms(at) // 1000 if at else 0}

    def _send_message(self, request: WireRequest) -> dict[str, Any]:
        app = self._books.app_of_token(request.headers.get("access-token", ""), "user")
        if request.query.get("open_id") != app.open_id:
            raise Fault(28001015, "access_token 与 open_id 不匹配")
        sent = self._books.send(app, msgspec.json.decode(request.body))
        content = {
            "conversation_short_id": sent.conversation_id,
            "server_message_id": sent.msg_id,
            "conversation_type": 1,
            "create_time": sent.at_ms,
            "message_type": "text",
            "text": sent.text,
            "source": app.client_key,
        }
        self._emit(app, "im_send_msg", app.open_id, sent.open_id, content)
        return {"msg_id": sent.msg_id}

    # control

    def _configure(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        app = self._books.configure(arguments)
        given = arguments.get("refresh_token", "")
        return {
            "refresh_token": self._books.issue_refresh(app, REFRESH_SECONDS, given),
            "access_token": self._books.issue(app, "user", ACCESS_SECONDS),
        }

    def _follow(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        app = self._books.app(arguments.get("client_key"))
        person = self._books.person(app, arguments["person"], arguments["name"])
        person.followed_at = now = self._world.clock.now()
        content = {"action_time": to_ms(now), "nick_name": person.name}
        self._emit(app, "new_follow_action", person.open_id, app.open_id, content)
        return {"open_id": person.open_id}

    def _enter_chat(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        app = self._books.app(arguments.get("client_key"))
        person = self._books.person(app, arguments["person"], arguments["name"])
        content = {
            **self._books.conversation(person, "other"),
            "scene_type": arguments.get("scene_type", 4),
        }
        self._emit(app, "im_enter_direct_msg", person.open_id, app.open_id, content)
        return {"open_id": person.open_id}

    def _send_dm(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        return self._receive(arguments, "text", {"text": arguments["text"]})

    def _leave_card(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        lines = [
            {"label": "姓名", "value": arguments["name"]},
            {"label": "手机号", "value": arguments["phone"]},
        ]
        card = {"card_id": "card_1", "card_status": 1, "card_data": lines}
        return self._receive(arguments, "retain_consult_card", card)

    def _receive(
        self, arguments: Mapping[str, Any], kind: str, extra: Mapping[str, Any]
    ) -> dict[str, str]:
        app = self._books.app(arguments.get("client_key"))
        person = self._books.person(app, arguments["person"], arguments["name"])
        content = {**self._books.receive(person, kind), **extra}
        self._emit(app, "im_receive_msg", person.open_id, app.open_id, content)
        return {
            "open_id": person.open_id,
            "server_message_id": str(content["server_message_id"]),
        }

    def _type_reply(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        app = self._books.app(arguments.get("client_key"))
        person = self._books.person(app, arguments["person"], "")
        content = {**self._books.conversation(person, "text"), "text": arguments["text"]}
        content["source"] = ""
        self._emit(app, "im_send_msg", app.open_id, person.open_id, content)
        return {}

    def _revoke(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        app = self._books.app(arguments.get("client_key"))
        app.is_authorised = False
        app.tokens.clear()
        self._emit(app, "unauthorize", app.open_id, "", {"scopes": ["im.direct_message"]})
        return {}

    def _expire_tokens(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        self._books.app(arguments.get("client_key")).tokens.clear()
        return {}

    def _delivered(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        since = int(arguments.get("since", 0))
        sent = self._books.sent[since:]
        return {"items": msgspec.to_builtins(sent), "next": since + len(sent)}

    # words

    def _say(self, fields: Mapping[str, Any], fault: Fault | None = None) -> WireAnswer:
        code, text = (fault.code, fault.text) if fault else (0, "")
        now = to_ms(self._world.clock.now())
        whole = {
            "data": {**fields, "error_code": code, "description": text},
            "extra": {
                "error_code": code,
                "sub_error_code": 0,
                "description": text,
                "logid": f"{now}{self._calls.total():08d}",
                "now": now,
            },
            "message": "error" if code else "success",
        }
        if "msg_id" in fields:
            whole["msg_id"] = fields["msg_id"]
        return WireAnswer(body=msgspec.json.encode(whole))

    def _emit(self, app: App, event: str, sender: str, to: str, content: Mapping[str, Any]) -> None:
        """Post a signed webhook; content mostly as JSON text, now and then as an object."""
        if not app.callback_url:
            return
        is_object = self._world.chance.random() < 0.05
        envelope = {
            "event": event,
            "client_key": app.client_key,
            "from_user_id": sender,
            "to_user_id": to,
            "content": content if is_object else msgspec.json.encode(content).decode(),
            "log_id": self._books.next_id("log"),
        }
        body = msgspec.json.encode(envelope)
        headers = {
            "Content-Type": "application/json",
            "X-Douyin-Signature": sign(app.client_secret, body),
            "Msg-Id": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        }
        self._world.deliver(
            Callback(url=app.callback_url, body=body, headers=headers, attempts=CALLBACK_ATTEMPTS)
        )


def _form(request: WireRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def _described(name: str, about: str, texts: tuple[str, ...]) -> Operation:
    arguments = tuple(Argument(name=text, kind="text", is_required=True) for text in texts)
    return Operation(name=name, about=about, arguments=arguments)
