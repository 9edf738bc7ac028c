"""Our accounts on the platforms, their secrets sealed, and the connectors made from them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from time import monotonic
from urllib.parse import urlsplit

import msgspec
from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.models import PlatformAccount
from siyu.core.runtime import Runtime, runtime
from siyu.core.secrets import seal, unseal
from siyu.core.tokens import DbTokenStore
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.ports.capabilities import AccountConfig, Connector
from siyu.ports.manifest import Manifest, list_platforms, load_connect, load_manifest

FRESH_SECONDS = 1.0
_REMOTE_ID = re.compile(r"^[A-Za-z0-9_\-]{1,96}$")


@lru_cache
def manifests() -> Mapping[str, Manifest]:
    """Manifests of all platform folders by name."""
    return {name: load_manifest(name) for name in list_platforms()}


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account without its secrets; `fields` holds the open fields only."""

    key: str
    platform: str
    remote_id: str
    name: str
    base_url: str
    is_active: bool
    fields: dict[str, str]
    last_callback_at: datetime | None
    last_sync_at: datetime | None


def list_accounts(actor: Actor) -> list[AccountView]:
    """All accounts, oldest first."""
    require(actor, "account:read")
    return [_view(row) for row in PlatformAccount.objects.order_by("id")]


def active_accounts() -> list[str]:
    """Keys of the accounts that are switched on."""
    return list(
        PlatformAccount.objects.filter(is_active=True).order_by("id").values_list("key", flat=True)
    )


def account_names() -> dict[str, str]:
    """Key → what people call the account."""
    return dict(PlatformAccount.objects.exclude(name="").values_list("key", "name"))


def create_account(
    actor: Actor,
    platform: str,
    values: Mapping[str, str],
    *,
    name: str,
    base_url: str = "",
    now: datetime,
) -> str:
    """Connect an account; returns its key. Refused when a field is missing or malformed."""
    require(actor, "account:write")
    manifest = _manifest(platform)
    remote_id = values.get(manifest.remote_id_field, "").strip()
    if not _REMOTE_ID.match(remote_id):
        raise Refused(
            "account.remote_id", "账号标识只能含字母、数字、_ 和 -", field=manifest.remote_id_field
        )
    fields, secrets = _split(manifest, values, required=True)
    key = f"{platform}:{remote_id}"
    with transaction.atomic():
        if PlatformAccount.objects.filter(key=key).exists():
            raise Conflict("account.exists", f"账号 {key} 已经接入", field=manifest.remote_id_field)
        PlatformAccount.objects.create(
            key=key,
            platform=platform,
            remote_id=remote_id,
            name=name or remote_id,
            base_url=_check_url(base_url or manifest.base_url),
            fields=fields,
            secrets=_seal(key, secrets),
            created_at=now,
        )
        record_audit(actor, "create_account", key, now=now, detail={"name": name})
    return key


def update_account(
    actor: Actor,
    key: str,
    *,
    values: Mapping[str, str] | None = None,
    name: str | None = None,
    base_url: str | None = None,
    is_active: bool | None = None,
    now: datetime,
) -> None:
    """Change what is given; secrets left out stay as they are."""
    require(actor, "account:write")
    with transaction.atomic():
        row = _row(key)
        if values:
            fields, secrets = _split(_manifest(row.platform), values, required=False)
            row.fields = {**row.fields, **fields}
            row.secrets = _seal(key, {**_open(row), **secrets})
        if name:
            row.name = name
        if base_url:
            row.base_url = _check_url(base_url)
        if is_active is not None:
            row.is_active = is_active
        row.save()
        _connectors.pop(key, None)
        changed = sorted(values or ())
        record_audit(actor, "update_account", key, now=now, detail={"fields": changed})


def get_account_config(key: str) -> AccountConfig:
    """The account with its secrets opened, for connectors only."""
    return _config(_row(key))


def connector(key: str) -> Connector:
    """The connector of an account; a change made elsewhere is seen within `FRESH_SECONDS`."""
    return _connected(key).connector


def connector_of(platform: str, remote_id: str) -> Connector:
    """The connector a callback URL names; NotFound when it is unknown or switched off."""
    key = f"{platform}:{remote_id}"
    found = _connected(key)
    if not found.is_active:
        raise NotFound("account.unknown", f"没有这个账号: {key}")
    return found.connector


def _connected(key: str) -> _Connected:
    cached = _connectors.get(key)
    if (
        cached is not None
        and cached.run is runtime()
        and cached.checked > monotonic() - FRESH_SECONDS
    ):
        return cached
    row = _row(key)
    content = (row.base_url, row.name, row.fields, bytes(row.secrets))
    if cached is None or cached.run is not runtime() or cached.content != content:
        run = runtime()
        connect = load_connect(row.platform)
        made = connect(_config(row), run.http, run.clock, DbTokenStore(run.clock, run.home))
        cached = _Connected(made, content, run)
    cached.checked, cached.is_active = monotonic(), row.is_active
    _connectors[key] = cached
    return cached


def note_callback(key: str, at: datetime) -> None:
    """Remember when the platform last called us."""
    PlatformAccount.objects.filter(key=key).update(last_callback_at=at)


def note_sync(key: str, at: datetime, cursor: Mapping[str, str]) -> None:
    """Remember how far a sync came; an empty cursor means it is complete."""
    changes: dict[str, object] = {"sync_cursor": dict(cursor)}
    if not cursor:
        changes["last_sync_at"] = at
    PlatformAccount.objects.filter(key=key).update(**changes)


def sync_cursor(key: str) -> dict[str, str]:
    """Where an unfinished sync stopped; empty when there is none."""
    cursor: dict[str, str] = _row(key).sync_cursor
    return cursor


@dataclass
class _Connected:
    """A connector, what it was made from, and when that was last compared."""

    connector: Connector
    content: tuple[object, ...]
    run: Runtime
    checked: float = 0.0
    is_active: bool = True


_connectors: dict[str, _Connected] = {}


def _row(key: str) -> PlatformAccount:
    row = PlatformAccount.objects.filter(key=key).first()
    if row is None:
        raise NotFound("account.unknown", f"没有这个账号: {key}")
    return row


def _manifest(platform: str) -> Manifest:
    manifest = manifests().get(platform)
    if manifest is None:
        known: Sequence[str] = list(manifests())
        raise Refused(
            "account.platform", f"未知平台 {platform!r}, 可选: {', '.join(known)}", field="platform"
        )
    return manifest


def _split(
    manifest: Manifest, values: Mapping[str, str], *, required: bool
) -> tuple[dict[str, str], dict[str, str]]:
    unknown = set(values) - {field.name for field in manifest.fields}
    if unknown:
        raise Refused("account.field", f"未知字段 {min(unknown)}", field=min(unknown))
    fields: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for field in manifest.fields:
        value = values.get(field.name, "").strip()
        if not value:
            if required and field.is_required:
                raise Refused("account.missing", f"请填写 {field.zh}", field=field.name)
            continue
        if field.choices and value not in field.choices:
            said = f"{field.zh}须为 {' 或 '.join(field.choices)}"
            raise Refused("account.choice", said, field=field.name)
        (secrets if field.is_secret else fields)[field.name] = value
    return fields, secrets


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("account.base_url", "接口地址须以 http(s):// 开头", field="base_url")
    return url.rstrip("/")


def _seal(key: str, secrets: Mapping[str, str]) -> bytes:
    return seal(msgspec.json.encode(dict(secrets)), f"account:{key}")


def _open(row: PlatformAccount) -> dict[str, str]:
    plain = unseal(bytes(row.secrets), f"account:{row.key}")
    return msgspec.json.decode(plain, type=dict[str, str])


def _config(row: PlatformAccount) -> AccountConfig:
    return AccountConfig(
        key=row.key,
        platform=row.platform,
        remote_id=row.remote_id,
        name=row.name,
        base_url=row.base_url,
        fields={**row.fields, **_open(row)},
    )


def _view(row: PlatformAccount) -> AccountView:
    return AccountView(
        key=row.key,
        platform=row.platform,
        remote_id=row.remote_id,
        name=row.name,
        base_url=row.base_url,
        is_active=row.is_active,
        fields=dict(row.fields),
        last_callback_at=row.last_callback_at,
        last_sync_at=row.last_sync_at,
    )
