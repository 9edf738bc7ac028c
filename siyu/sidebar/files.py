"""Files of the library that a member of staff sends into a chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound
from siyu.materials import actions as materials
from siyu.materials import queries as library
from siyu.sidebar.faces import find_customer
from siyu.sidebar.session import Member

FOUND = 100


@dataclass(frozen=True)
class ChatFile:
    """A file as the page lists it. size in bytes."""

    id: int
    kind: str
    name: str
    size: int


def list_files(member: Member, *, q: str, now: datetime) -> list[ChatFile]:
    """The newest files whose name has all words of `q`."""
    words = q.lower().split()[:5]
    found = [
        ChatFile(one.id, one.kind, one.name, one.size)
        for one in library.list_materials(member.actor, now=now)
        if all(word in one.name.lower() for word in words)
    ]
    return found[:FOUND]


def get_media(member: Member, material_id: int, *, now: datetime) -> str:
    """What the platform calls a file; "" while it is being uploaded there for the first time."""
    if library.get_material(member.actor, material_id, now=now).is_archived:
        raise NotFound("material.unknown", "没有这个素材")
    with transaction.atomic():
        materials.want_media(member.account, [material_id], now=now)
    return library.living_media(member.account, [material_id], now=now).get(material_id, "")


def note_file(member: Member, remote_id: str, material_id: int, *, now: datetime) -> None:
    """A file went into the chat with a customer of his."""
    customer = find_customer(member, remote_id)
    library.get_material(member.actor, material_id, now=now)
    with transaction.atomic():
        detail = {"material": material_id}
        record_audit(member.actor, "send_material", f"customer:{customer}", now=now, detail=detail)
