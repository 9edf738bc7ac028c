"""Routes of the sandbox's control page; they answer 404 where no account lives in a sandbox."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from ninja import Router, Schema

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, get_account_config, manifests
from siyu.core.audit import record_audit
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.kernel.errors import NotFound, PlatformError, Refused
from siyu.ports.capabilities import AccountConfig

router = Router(tags=["sandbox"])


class ControlArgumentOut(Schema):
    """kind: `text`, `number`, `flag`, `list` or `json`."""

    name: str
    kind: str
    is_required: bool
    default: Any = None


class ControlOperationOut(Schema):
    name: str
    about: str
    arguments: list[ControlArgumentOut]


class SandboxPlatformOut(Schema):
    """One platform of the sandbox and our accounts in it."""

    name: str
    zh: str
    en: str
    accounts: list[str]
    operations: list[ControlOperationOut]
    witness: dict[str, int]


class SandboxCallOut(Schema):
    at: str
    platform: str
    method: str
    path: str
    status: int
    note: str


class SandboxOut(Schema):
    platforms: list[SandboxPlatformOut]
    bad_days: dict[str, float | str]
    callbacks: dict[str, int]
    calls: list[SandboxCallOut]


class ControlIn(Schema):
    platform: str
    operation: str
    arguments: dict[str, Any] = {}


class ControlResultOut(Schema):
    result: Any


class BadDaysIn(Schema):
    changes: dict[str, float | str]


class SandboxPresenceOut(Schema):
    is_present: bool


@router.get("/sandbox/presence", response=SandboxPresenceOut, operation_id="get_sandbox_presence")
def get_sandbox_presence(request: HttpRequest) -> dict[str, bool]:
    """Whether an account of ours lives in a sandbox, so that its page is worth showing."""
    require(actor_of(request), "sandbox:control")
    try:
        _sandbox()
    except NotFound:
        return {"is_present": False}
    return {"is_present": True}


@router.get("/sandbox", response=SandboxOut, operation_id="get_sandbox")
def get_sandbox(request: HttpRequest) -> dict[str, object]:
    """The sandbox's platforms, switches, witness and last calls."""
    actor = actor_of(request)
    require(actor, "sandbox:control")
    url, accounts = _sandbox()
    operations, witness = _ask(url, "operations"), _ask(url, "witness")
    platforms = [
        {
            "name": name,
            "zh": manifests()[name].zh,
            "en": manifests()[name].en,
            "accounts": accounts.get(name, []),
            "operations": operations.get(name, []),
            "witness": witness.get(name, {}),
        }
        for name in sorted(set(accounts))
    ]
    return {
        "platforms": platforms,
        "bad_days": _ask(url, "bad_days"),
        "callbacks": _ask(url, "callbacks"),
        "calls": _ask(url, "calls"),
    }


@router.post("/sandbox/control", response=ControlResultOut, operation_id="control_sandbox")
def control_sandbox(request: HttpRequest, body: ControlIn) -> dict[str, Any]:
    """Make something happen in a platform of the sandbox."""
    actor = actor_of(request)
    url, accounts = _allowed(actor)
    if body.platform not in accounts:
        raise NotFound("sandbox.platform", "沙箱里没有这个平台的账号")
    if body.operation == "configure" or not body.operation.isidentifier():
        raise Refused("sandbox.operation", "没有这个操作", field="operation")
    result = _ask(url, f"{body.platform}/{body.operation}", body.arguments)
    _audit(actor, f"{body.platform}/{body.operation}")
    return {"result": result}


@router.post("/sandbox/bad-days", response=ControlResultOut, operation_id="set_bad_days")
def set_bad_days(request: HttpRequest, body: BadDaysIn) -> dict[str, Any]:
    """Break the network, or mend it."""
    actor = actor_of(request)
    url, _ = _allowed(actor)
    result = _ask(url, "bad_days", body.changes)
    _audit(actor, "bad_days")
    return {"result": result}


def _allowed(actor: Actor) -> tuple[str, dict[str, list[str]]]:
    require(actor, "sandbox:control")
    return _sandbox()


def _audit(actor: Actor, target: str) -> None:
    record_audit(actor, "control_sandbox", target, now=runtime().clock.now())


def _sandbox() -> tuple[str, dict[str, list[str]]]:
    """The sandbox's URL and our accounts in it by platform; NotFound when there is none."""
    url, accounts = "", dict[str, list[str]]()
    for account in map(get_account_config, active_accounts()):
        place = _place(account)
        if place and url in {"", place}:
            url = place
            accounts.setdefault(account.platform, []).append(account.key)
    if not url:
        raise NotFound("sandbox.none", "没有账号接在沙箱上")
    return url, accounts


def _place(account: AccountConfig) -> str:
    """Where the account's sandbox listens: the platform's prefix on a host of our own choosing."""
    if account.base_url == manifests()[account.platform].base_url:
        return ""
    parts = urlsplit(account.base_url)
    is_ours = parts.path.rstrip("/") == f"/{account.platform}"
    return f"{parts.scheme}://{parts.netloc}" if is_ours else ""


def _ask(url: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One call of the sandbox's control API; its refusals are passed on."""
    method = "GET" if body is None else "POST"
    try:
        answer = runtime().http.request(
            method, f"{url}/_sandbox/{path}", json=body, is_safe=body is None
        )
    except PlatformError as error:
        raise NotFound("sandbox.away", "沙箱没有回答, 请确认它在运行") from error
    if answer.status == 422:
        said = answer.json()
        reason = str(said.get("reason", ""))[:300]
        raise Refused(str(said.get("error", "sandbox.refused")), reason, field=said.get("field"))
    if answer.status != 200:
        raise NotFound("sandbox.away", "这里没有沙箱")
    return answer.json()
