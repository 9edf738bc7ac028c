"""The self-check of an official account: what works, and what a person must do where not."""

from __future__ import annotations

from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.capabilities import Check
from siyu.wechat.checking import check_app


class OfficialCheck:
    """Tries the credentials, the address, the rights, the callback's secrets and the clock."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def run(self) -> list[Check]:
        """One line per thing tried; later ones are left out when an earlier one fails."""
        return check_app(self._client, "/cgi-bin/tags/get", "可以调用用户管理接口")
