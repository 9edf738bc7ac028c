"""The self-check of a mini program: what works, and what a person must do where not."""

from __future__ import annotations

from siyu.platforms.wechat_mini.client import MiniClient
from siyu.ports.capabilities import Check
from siyu.wechat.checking import check_app


class MiniCheck:
    """Tries the credentials, the address, the rights, the callback's secrets and the clock."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def run(self) -> list[Check]:
        """One line per thing tried; later ones are left out when an earlier one fails."""
        return check_app(self._client, "/wxaapi/newtmpl/gettemplate", "可以调用订阅消息接口")
