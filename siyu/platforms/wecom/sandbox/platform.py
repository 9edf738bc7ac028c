"""The platform's front door: tokens, rate limits, dispatch, error bodies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.crypto import load_aes_key
from siyu.platforms.wecom.sandbox import (
    codes,
    community,
    desk,
    gatherings,
    links,
    media,
    moments,
    office,
    people,
    reach,
    visitors,
)
from siyu.platforms.wecom.sandbox.books import SENDER_IP, TOKEN_LIFE, App, Corp, Fault
from siyu.platforms.wecom.sandbox.controls import OPERATIONS, People, counts
from siyu.platforms.wecom.sandbox.elsewhere import OPERATIONS as ELSEWHERE
from siyu.platforms.wecom.sandbox.labels import OPERATIONS as LABELLING
from siyu.platforms.wecom.sandbox.people import Call
from siyu.platforms.wecom.sandbox.staff import (
    STAFF_CALLS,
    STAFF_CONTROLS,
    STAFF_PAGES,
    answer_client,
    client_counts,
    settle,
)
from siyu.ports.sandbox import (
    Callback,
    Operation,
    Trouble,
    WireAnswer,
    WireRequest,
    World,
    describe_operations,
)

ROOT = "/cgi-bin/"
CUSTOMERS = "externalcontact/"
CALLS = {
    **{
        f"{CUSTOMERS}{name}": call
        for name, call in {**people.CALLS, **reach.CALLS, **codes.CALLS}.items()
    },
    **links.CALLS,
    **media.CALLS,
    **office.CALLS,
    **community.CALLS,
    **desk.CALLS,
    **STAFF_CALLS,
    **moments.CALLS,
}
"""Path below /cgi-bin/ → method and handler."""
CONTROLS = {
    **OPERATIONS,
    **office.OPERATIONS,
    **LABELLING,
    **ELSEWHERE,
    **links.OPERATIONS,
    **gatherings.OPERATIONS,
    **visitors.OPERATIONS,
    **STAFF_CONTROLS,
    **moments.OPERATIONS,
}
COUNTS = (
    counts,
    gatherings.community_counts,
    client_counts,
    visitors.desk_counts,
    moments.moment_counts,
)


class WecomSandbox:
    """WeCom itself, small; see the package's docstring."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._corps: dict[str, Corp] = {}
        self._tokens: dict[str, Corp] = {}
        self._current = ""

    # the wire

    def answer(self, request: WireRequest) -> WireAnswer:
        """See `Sandbox.answer`: HTTP 200 with an errcode, as the platform does."""
        if request.path.startswith(codes.PICTURES):
            return codes.answer_picture(request.path)
        if request.path.startswith(STAFF_PAGES):
            return answer_client(request, self._corps, self._world.clock.now())
        try:
            body = self._route(request)
        except Fault as fault:
            body = _fault(fault, self._world.clock.now())
        if body is None:
            return WireAnswer(status=404, body=b"not found", content_type="text/plain")
        whole = {"errcode": 0, "errmsg": "ok", **body}
        return WireAnswer(body=msgspec.json.encode(whole))

    def trouble(self, kind: Trouble, request: WireRequest) -> WireAnswer | None:
        """See `Sandbox.trouble`. A rejected token is really gone: the next one is new."""
        is_token = request.path == "/cgi-bin/gettoken"
        if kind is Trouble.TOKEN_REJECTED:
            corp = self._tokens.get(request.query.get("access_token", ""))
            if is_token or corp is None:
                return None
            self._drop_token(corp)
            fault = Fault(40014, "invalid access_token")
        elif kind is Trouble.RATE_LIMITED:
            fault = Fault(45009, "api freq out of limit")
        else:
            fault = Fault(-1, "system busy")
        return WireAnswer(body=msgspec.json.encode(_fault(fault, self._world.clock.now())))

    def is_acknowledged(self, callback: Callback, status: int, body: bytes) -> bool:  # noqa: ARG002
        """See `Sandbox.is_acknowledged`: any 200 counts."""
        return status == 200

    # the people

    def control(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """See `Sandbox.control`; acts on `corp_id`, or on the corp configured last."""
        if operation == "configure":
            return self._configure(**arguments)
        run = CONTROLS.get(operation)
        if run is None:
            raise Refused("sandbox.operation", f"no such operation {operation!r}")
        rest = dict(arguments)
        corp = self._corps.get(rest.pop("corp_id", self._current))
        if corp is None:
            raise Refused("sandbox.corp", "no such corp: configure it first", field="corp_id")
        try:
            return run(People(self._world, corp), **rest)
        except (TypeError, KeyError) as error:
            raise Refused("sandbox.arguments", f"{operation}: {error}") from error

    def operations(self) -> list[Operation]:
        """See `OffersControls.operations`."""
        return describe_operations(CONTROLS)

    def witness(self) -> dict[str, int]:
        """See `Sandbox.witness`: the counters of all corps added up."""
        total: dict[str, int] = {}
        for corp in self._corps.values():
            for count in COUNTS:
                for name, value in count(corp).items():
                    total[name] = total.get(name, 0) + value
        return total

    def _configure(self, *, corp_id: str, is_default: bool = True, **app: str) -> Any:
        load_aes_key(app.get("aes_key", ""))
        try:
            value = App(**app)
        except TypeError as error:
            raise Refused("sandbox.arguments", f"configure: {error}") from error
        corp = self._corps.setdefault(corp_id, Corp(corp_id, value))
        corp.app = value
        if is_default or not self._current:
            self._current = corp_id
        return {"corp_id": corp_id}

    # inside

    def _route(self, request: WireRequest) -> dict[str, Any] | None:
        if request.path == "/cgi-bin/gettoken":
            return self._gettoken(request.query)
        found = CALLS.get(request.path.removeprefix(ROOT))
        if found is None or not request.path.startswith(ROOT):
            return None
        method, handler = found
        now = self._world.clock.now()
        corp = self._authorise(request.query, now)
        settle(corp, now, self._world)
        self._limit(corp, request.path, now)
        _permit(corp, request.path.removeprefix(ROOT))
        if request.method != method:
            raise Fault(43001 if method == "GET" else 43002, f"require {method} method")
        body = _json(request)
        return handler(Call(corp, request.query, body, now, request.headers, request.body))

    def _gettoken(self, query: Mapping[str, str]) -> dict[str, Any]:
        if not query.get("corpid"):
            raise Fault(41002, "corpid missing")
        if not query.get("corpsecret"):
            raise Fault(41004, "corpsecret missing")
        corp = self._corps.get(query["corpid"])
        if corp is None:
            raise Fault(40013, "invalid corpid")
        corp.calls["gettoken"] += 1
        if corp.app.secret != query["corpsecret"]:
            raise Fault(40001, "invalid credential")
        now = self._world.clock.now()
        if corp.token_ends_at is None or corp.token_ends_at <= now:
            self._drop_token(corp)
            corp.access_token = corp.next_id("tok") + corp.next_id("")
            corp.token_ends_at = now + TOKEN_LIFE
            corp.counts["tokens"] += 1
            self._tokens[corp.access_token] = corp
        left = int((corp.token_ends_at - now).total_seconds())
        return {"access_token": corp.access_token, "expires_in": left}

    def _drop_token(self, corp: Corp) -> None:
        if corp.access_token:
            self._tokens.pop(corp.access_token, None)
            corp.expired_tokens.add(corp.access_token)
        corp.access_token, corp.token_ends_at = "", None

    def _authorise(self, query: Mapping[str, str], now: datetime) -> Corp:
        token = query.get("access_token", "")
        if not token:
            raise Fault(41001, "access_token missing")
        corp = self._tokens.get(token)
        if corp is None:
            is_old = any(token in corp.expired_tokens for corp in self._corps.values())
            raise (
                Fault(42001, "access_token expired")
                if is_old
                else Fault(40014, "invalid access_token")
            )
        if corp.token_ends_at is None or corp.token_ends_at <= now:
            raise Fault(42001, "access_token expired")
        if corp.knobs.blocked_ip:
            raise Fault(60020, f"not allow to access from your ip {corp.knobs.blocked_ip}")
        if corp.knobs.refuse:
            raise Fault(corp.knobs.refuse, "refused as the knob says")
        return corp

    def _limit(self, corp: Corp, path: str, now: datetime) -> None:
        name = path.removeprefix(ROOT).removeprefix(CUSTOMERS)
        corp.calls[name] += 1
        minute = int(now.timestamp()) // 60
        began, used = corp.rates.get(name, (minute, 0))
        used = used + 1 if began == minute else 1
        corp.rates[name] = (minute, used)
        if used > corp.knobs.per_minute:
            corp.counts["rate_limited"] += 1
            raise Fault(45009, "api freq out of limit")


def _permit(corp: Corp, path: str) -> None:
    """What an administrator allowed the app."""
    if path.startswith(CUSTOMERS) and not corp.knobs.is_permitted:
        raise Fault(48002, "api forbidden")
    if path.startswith(("department/", "user/")) and not corp.knobs.is_directory_open:
        raise Fault(60011, "no privilege to access/modify contact/party/agent")


def _json(request: WireRequest) -> Mapping[str, Any]:
    is_form = request.headers.get("content-type", "").startswith("multipart/")
    if request.method == "GET" or not request.body or is_form:
        return {}
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Fault(47001, "data format error") from error
    if not isinstance(body, dict):
        raise Fault(47001, "data format error")
    return body


def _fault(fault: Fault, now: datetime) -> dict[str, Any]:
    """The platform's error body: its text carries a hint, the caller's address and a link."""
    hint = int(now.timestamp() * 1000)
    text = (
        f"{fault.text}, hint: [{hint}_1], from ip: {SENDER_IP}, "
        f"more info at https://open.work.weixin.qq.com/devtool/query?e={fault.code}"
    )
    return {"errcode": fault.code, "errmsg": text}
