"""Routes of accounts and platforms."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.core import accounts
from siyu.core.access import require
from siyu.core.account_checks import run_checks
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.ports.capabilities import Check
from siyu.ports.manifest import Manifest

router = Router(tags=["accounts"])


class AccountOut(Schema):
    key: str
    platform: str
    remote_id: str
    name: str
    base_url: str
    is_active: bool
    fields: dict[str, str]
    last_callback_at: datetime | None
    last_sync_at: datetime | None
    callback_url: str


class AccountList(Schema):
    items: list[AccountOut]


class AccountIn(Schema):
    platform: str
    name: str = ""
    base_url: str = ""
    fields: dict[str, str]


class AccountPatch(Schema):
    name: str | None = None
    base_url: str | None = None
    is_active: bool | None = None
    fields: dict[str, str] | None = None


class CheckOut(Schema):
    name: str
    is_ok: bool
    detail: str
    advice: str


class CheckList(Schema):
    checks: list[CheckOut]


class FieldOut(Schema):
    name: str
    zh: str
    en: str
    is_secret: bool
    is_required: bool
    help_zh: str
    help_en: str


class ChannelOut(Schema):
    name: str
    zh: str
    en: str
    needs_staff: bool
    is_marketing: bool


class NamespaceOut(Schema):
    name: str
    zh: str
    en: str
    strength: str


class PlatformOut(Schema):
    name: str
    zh: str
    en: str
    color: str
    base_url: str
    docs: str
    offers: list[str]
    fields: list[FieldOut]
    channels: list[ChannelOut]
    namespaces: list[NamespaceOut]


class PlatformList(Schema):
    items: list[PlatformOut]
    namespaces: list[NamespaceOut]


@router.get("/accounts", response=AccountList, operation_id="list_accounts")
def list_accounts(request: HttpRequest) -> AccountList:
    return AccountList(items=[_out(view) for view in accounts.list_accounts(actor_of(request))])


@router.post("/accounts", response={201: AccountOut}, operation_id="create_account")
def create_account(request: HttpRequest, body: AccountIn) -> Status[AccountOut]:
    actor = actor_of(request)
    key = accounts.create_account(
        actor,
        body.platform,
        body.fields,
        name=body.name,
        base_url=body.base_url,
        now=runtime().clock.now(),
    )
    return Status(201, _find(request, key))


@router.patch("/accounts/{key}", response=AccountOut, operation_id="update_account")
def update_account(request: HttpRequest, key: str, body: AccountPatch) -> AccountOut:
    accounts.update_account(
        actor_of(request),
        key,
        values=body.fields,
        name=body.name,
        base_url=body.base_url,
        is_active=body.is_active,
        now=runtime().clock.now(),
    )
    return _find(request, key)


@router.post("/accounts/{key}/check", response=CheckList, operation_id="check_account")
def check_account(request: HttpRequest, key: str) -> CheckList:
    require(actor_of(request), "account:read")
    return CheckList(checks=[_check(check) for check in run_checks(key)])


@router.get("/platforms", response=PlatformList, operation_id="list_platforms")
def list_platforms(request: HttpRequest) -> PlatformList:
    actor_of(request)
    platforms = [_platform(manifest) for manifest in accounts.manifests().values()]
    rules = [
        NamespaceOut(name=rule.name, zh=rule.zh, en=rule.en, strength=rule.strength)
        for rule in runtime().namespaces
    ]
    return PlatformList(items=platforms, namespaces=rules)


def _find(request: HttpRequest, key: str) -> AccountOut:
    views = accounts.list_accounts(actor_of(request))
    return next(_out(view) for view in views if view.key == key)


def _out(view: accounts.AccountView) -> AccountOut:
    url = f"{settings.ENVIRONMENT.public_url}/callbacks/{view.platform}/{view.remote_id}"
    return AccountOut(
        key=view.key,
        platform=view.platform,
        remote_id=view.remote_id,
        name=view.name,
        base_url=view.base_url,
        is_active=view.is_active,
        fields=view.fields,
        last_callback_at=view.last_callback_at,
        last_sync_at=view.last_sync_at,
        callback_url=url,
    )


def _check(check: Check) -> CheckOut:
    return CheckOut(name=check.name, is_ok=check.is_ok, detail=check.detail, advice=check.advice)


def _platform(manifest: Manifest) -> PlatformOut:
    return PlatformOut(
        name=manifest.name,
        zh=manifest.zh,
        en=manifest.en,
        color=manifest.color,
        base_url=manifest.base_url,
        docs=manifest.docs,
        offers=list(manifest.offers),
        fields=[
            FieldOut(
                name=field.name,
                zh=field.zh,
                en=field.en,
                is_secret=field.is_secret,
                is_required=field.is_required,
                help_zh=field.help_zh,
                help_en=field.help_en,
            )
            for field in manifest.fields
        ],
        channels=[
            ChannelOut(
                name=channel.name,
                zh=channel.zh,
                en=channel.en,
                needs_staff=channel.needs_staff,
                is_marketing=channel.is_marketing,
            )
            for channel in manifest.channels
        ],
        namespaces=[
            NamespaceOut(name=rule.name, zh=rule.zh, en=rule.en, strength=rule.strength)
            for rule in manifest.namespaces
        ],
    )
