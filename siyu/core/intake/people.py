"""Who an event is about: normalised identities, with a note for every id that was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity, Namespaces

_ALIASES = {
    "phone_e164": "phone",
    "mobile": "phone",
    "phone_number": "phone",
    "unionid": "wx_unionid",
    "wechat_unionid": "wx_unionid",
}
MAX_IDENTITIES = 20
MAX_CACHED = 50_000


class People:
    """Collects identities; each normalised value is remembered, most come again and again."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._namespaces = namespaces
        self._cache: dict[tuple[str, str, str], Identity | Refused] = {}

    def find(self, namespace: str, value: str, scope: str) -> Identity | None:
        """The identity, or None when the value can be nobody's."""
        found = self._look_up(namespace, value, scope)
        return found if isinstance(found, Identity) else None

    def add(
        self, found: list[Identity], notes: list[str], namespace: str, value: Any, scope: str = ""
    ) -> None:
        """Append the identity of a value, or a note why there is none."""
        if value is None or value == "":
            return
        if type(value) is not str:
            if type(value) is not int:
                notes.append(f"{namespace}: identity.type")
                return
            value = str(value)
        identity = self._look_up(namespace, value, scope)
        if isinstance(identity, Refused):
            notes.append(f"{namespace}: {identity.code}")
        elif identity not in found and len(found) < MAX_IDENTITIES:
            found.append(identity)

    def add_external(self, found: list[Identity], notes: list[str], items: Any) -> None:
        """`context.externalIds`: `type` is a namespace or `namespace:scope`."""
        if not isinstance(items, list):
            notes.append("externalIds: identity.type")
            return
        for item in items:
            if not isinstance(item, dict) or not isinstance(item.get("type"), str):
                notes.append("externalIds: identity.type")
            elif item.get("collection", "users") == "users":
                namespace, _, scope = item["type"].partition(":")
                self.add(found, notes, _ALIASES.get(namespace, namespace), item.get("id"), scope)

    def add_contacts(self, found: list[Identity], notes: list[str], traits: dict[str, Any]) -> None:
        """Phone and email of traits; a bad one stays a trait and is noted."""
        for key in ("phone", "mobile"):
            if key in traits:
                self.add(found, notes, "phone", traits[key])
                break
        if "email" in traits:
            self.add(found, notes, "email", traits["email"])

    def _look_up(self, namespace: str, value: str, scope: str) -> Identity | Refused:
        key = (namespace, value, scope)
        known = self._cache.get(key)
        if known is None:
            try:
                known = self._namespaces.identity(namespace, value, scope)
            except Refused as error:
                known = error
            if len(self._cache) >= MAX_CACHED:
                self._cache.clear()
            self._cache[key] = known
        return known


def note_text(notes: Iterable[str]) -> str:
    """Notes as one short text."""
    return "; ".join(notes)[:500]
