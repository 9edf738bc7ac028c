"""How often each call of each platform was made, and with which codes it was refused."""

from __future__ import annotations

import re
from collections import Counter

_IDS = re.compile(r"(?:[^/]*?\d){4}[^/]*|[^/]{33,}")
_CODE = re.compile(rb'"err(?:or_)?code":\s*(-?\d+)')
HEAD = 120


class Tally:
    """Counters by platform and path; ids inside a path are left out, so that it stays small."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._refused: Counter[tuple[str, str, str]] = Counter()

    def count(self, platform: str, path: str, status: int, body: bytes = b"") -> None:
        """One answered call. A refusal is a status from 400 or an error code at the head of the
        body."""
        name = _IDS.sub("{}", path)
        self._calls[platform, name] += 1
        found = _CODE.search(body, 0, HEAD)
        code = found[1].decode() if found else "0"
        if code != "0" or status >= 400:
            self._refused[platform, name, code if code != "0" else str(status)] += 1

    def show(self) -> dict[str, dict[str, dict[str, int]]]:
        """Platform → path → `calls` and the count of each code."""
        shown: dict[str, dict[str, dict[str, int]]] = {}
        for (platform, name), calls in sorted(self._calls.items()):
            shown.setdefault(platform, {})[name] = {"calls": calls}
        for (platform, name, code), count in sorted(self._refused.items()):
            shown[platform][name][code] = count
        return shown
