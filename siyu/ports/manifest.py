"""Reads `manifest.toml` of a platform folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module, resources
from pkgutil import iter_modules
from typing import cast

import msgspec

from siyu import platforms
from siyu.kernel.identity import NamespaceRule
from siyu.ports.capabilities import Connect
from siyu.ports.pacing import Rate


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a person types in when connecting an account. choices: what it may be, () = any."""

    name: str
    zh: str
    en: str
    is_secret: bool = False
    is_required: bool = True
    help_zh: str = ""
    help_en: str = ""
    choices: tuple[str, ...] = ()


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """Another fact that opens a channel's window, with a length and a count of its own."""

    fact: str
    seconds: float
    limit: int = 0


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach people.

    needs_staff: a member of staff must confirm each send. window_hours: open only so long after
    the customer's last message (0 = always). window_limit: messages per window (0 = no limit).
    trigger: the fact that opens the window. is_marketing: may carry journeys and broadcasts.
    triggers: more facts that open it, each for its own time; the latest one counts.
    is_echoed: what we send comes back as a `message_sent` fact.
    address: the namespace a message is addressed to. batch: recipients per call.
    needs_card: the text fills in a template (`siyu.ports.templates`). needs_permit: the person
    must have allowed each send of that template.
    is_for_groups: speaks to whole groups (addressed by their id), not to one person.
    attachments: the kinds it can carry. is_single: a message is a text, or attachments of one
    kind, never both. has_trial: one person may be shown it first (`siyu.ports.trials`).
    """

    name: str
    zh: str
    en: str
    address: str
    needs_staff: bool = False
    window_hours: float = 0
    window_seconds: float = 0
    window_limit: int = 0
    trigger: str = ""
    triggers: tuple[Trigger, ...] = ()
    needs_card: bool = False
    needs_permit: bool = False
    is_marketing: bool = True
    max_chars: int = 1000
    batch: int = 1
    cost_fen: int = 0
    is_echoed: bool = True
    is_for_groups: bool = False
    attachments: tuple[str, ...] = ("link", "image", "mini_program", "video", "file")
    is_single: bool = False
    has_trial: bool = False


class Ceiling(msgspec.Struct, frozen=True, kw_only=True):
    """A number the platform sets, as dated data (`group_members_by_scan`)."""

    name: str
    value: int
    valid_from: str
    source: str


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """A platform's limit as dated data. per: `customer` or `account`; window: `day`, `week` (from
    Monday), `month`, or what opens it.

    limit = 0 means "days of the month" (WeCom's customer mass send). where, unless: it counts for
    accounts whose fields say so, and not for those whose fields say that.
    """

    channel: str
    per: str
    window: str
    limit: int
    valid_from: str
    source: str
    where: Mapping[str, str] = {}
    unless: Mapping[str, str] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform is and offers."""

    name: str
    zh: str
    en: str
    base_url: str
    remote_id_field: str
    offers: tuple[str, ...]
    docs: str
    color: str = "#888888"
    fields: tuple[Field, ...] = ()
    namespaces: tuple[NamespaceRule, ...] = ()
    channels: tuple[Channel, ...] = ()
    quotas: tuple[Quota, ...] = ()
    rates: tuple[Rate, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()

    def ceiling(self, name: str, day: str) -> int:
        """The number in force on a day (ISO date); 0 when the platform names none."""
        rows = [one for one in self.ceilings if one.name == name and one.valid_from <= day]
        return max(rows, key=lambda one: one.valid_from).value if rows else 0


def list_platforms() -> list[str]:
    """Names of the platform folders, sorted."""
    return sorted(module.name for module in iter_modules(platforms.__path__) if module.ispkg)


@lru_cache
def load_manifest(name: str) -> Manifest:
    """The manifest of one platform; msgspec.ValidationError when it is malformed."""
    text = resources.files(f"siyu.platforms.{name}").joinpath("manifest.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Manifest)


def load_connect(name: str) -> Connect:
    """The `connect` function of one platform."""
    return cast("Connect", import_module(f"siyu.platforms.{name}").connect)
