"""A small brand in the sandboxes of WeCom and Douyin, without a network."""

from __future__ import annotations

from siyu.kernel.clock import FakeClock
from siyu.platforms.douyin import connect as connect_douyin
from siyu.platforms.wecom import connect as connect_wecom
from siyu.ports.capabilities import AccountConfig, Connector
from siyu.ports.codes import CodeSpec
from siyu.ports.testing import MemoryTokenStore
from siyu.sandbox.door import SandboxDoor, base_url
from siyu.sandbox.simulator import CodeSource
from siyu.sandbox.world import SandboxWorld

WECOM = {
    "corp_id": "ww1234567890abcdef",
    "agent_id": "1000002",
    "secret": "wecom-secret",
    "token": "callbacktoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
DOUYIN = {"client_key": "ck_demo", "client_secret": "secret_demo", "open_id": "_000brand"}
CHANNELS = ("store_poster", "parcel_card", "douyin", "channels")


class Brand:
    """The world, and connectors to the brand's two accounts in it."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.world = SandboxWorld(clock)
        self.world.control("wecom", "configure", {**WECOM, "callback_url": "https://b.example/w"})
        staff = [{"userid": "mei", "name": "梅"}, {"userid": "lan", "name": "兰"}]
        self.world.control("wecom", "add_staff", {"staff": staff})
        given = self.world.control(
            "douyin", "configure", {**DOUYIN, "callback_url": "https://b.example/d"}
        )
        door, tokens = SandboxDoor(self.world), MemoryTokenStore(clock)
        self.douyin: Connector = connect_douyin(
            account("douyin", {**DOUYIN, "refresh_token": given["refresh_token"]}),
            door,
            clock,
            tokens,
        )
        self.wecom: Connector = connect_wecom(account("wecom", WECOM), door, clock, tokens)

    def make_codes(self) -> tuple[CodeSource, ...]:
        """One live code for each channel."""
        issuer = self.wecom.codes
        assert issuer is not None
        for channel in CHANNELS:
            issuer.create_code(CodeSpec(name=channel, state=f"s_{channel}", staff=("mei", "lan")))
        return tuple(CodeSource(channel, f"s_{channel}") for channel in CHANNELS)


def account(platform: str, fields: dict[str, str]) -> AccountConfig:
    remote_id = fields["corp_id" if platform == "wecom" else "client_key"]
    return AccountConfig(
        key=f"{platform}:{remote_id}",
        platform=platform,
        remote_id=remote_id,
        name="山茶记",
        base_url=base_url(platform),
        fields=fields,
    )
