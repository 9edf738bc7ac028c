"""The self-check of a Douyin account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from siyu.kernel.errors import PlatformError
from siyu.platforms.douyin.client import DouyinClient
from siyu.ports.capabilities import Check
from siyu.ports.checks import passing_line

Result = TypeVar("Result")


class DouyinCheck:
    """Tries the application's token and the enterprise account's authorisation."""

    def __init__(self, client: DouyinClient) -> None:
        self._client = client

    def fetch_account(self) -> dict[str, Any]:
        """What Douyin says of the enterprise account; raises the PlatformError family."""
        return self._client.get_user_info()

    def run(self) -> list[Check]:
        """The authorisation first; the application's own token only when that works."""
        user = _try(
            "user_token",
            self.fetch_account,
            lambda info: f"企业号已授权 {info.get('nickname', '')}".strip(),
            "请让企业号重新扫码授权, 并填写新的 refresh_token",
        )
        if not user.is_ok:
            return [user]
        client = _try(
            "client_token",
            self._client.fetch_client_token,
            lambda _: "Client Key 与 Client Secret 有效",
            "请在抖音开放平台控制台核对 Client Key 和 Client Secret",
        )
        return [user, client]


def _try(
    name: str, call: Callable[[], Result], detail: Callable[[Result], str], advice: str
) -> Check:
    try:
        return Check(name, True, detail(call()))
    except PlatformError as error:
        return passing_line(error) or Check(name, False, error.reason, advice)
