"""A token store in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from siyu.kernel.clock import Clock
from siyu.ports.capabilities import Token

EARLY = timedelta(minutes=5)


class MemoryTokenStore:
    """A `TokenStore` of one process: same rules as the stored one, nothing kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[tuple[str, str], Token] = {}
        self._lock = threading.RLock()

    def get(
        self, account: str, name: str, fetch: Callable[[], Token], *, bad: str | None = None
    ) -> str:
        """The valid token; fetched when absent, within 5 min of its end, or equal to `bad`."""
        with self._lock:
            token = self._tokens.get((account, name))
            if token is None or token.value == bad or self._is_ending(token):
                token = self._tokens[account, name] = fetch()
            return token.value

    def _is_ending(self, token: Token) -> bool:
        return token.expires_at - EARLY <= self._clock.now()
