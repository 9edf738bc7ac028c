"""A brand with an official account and a mini program in the sandbox, wired to the real intake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.intake import worker
from siyu.core.tests.intake_client import IntakeClient, Reply
from siyu.platforms.wechat_mini.sandbox import make_sandbox as make_mini
from siyu.platforms.wechat_oa.sandbox import make_sandbox as make_official
from siyu.ports.http import HttpAnswer
from siyu.ports.sandbox import Callback, Sandbox
from siyu.ports.testing.worlds import QuietWorld, SandboxDoor

OFFICIAL, MINI = "wx0a1b2c3d4e5f6789", "wx9f8e7d6c5b4a3210"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
GOODS = {"sku_id": "SC-001", "title": "明前龙井 50g", "sku_cnt": 2, "sale_price": 16800}


class Doors:
    """An `HttpDoor` that leads into the sandbox whose address a call names."""

    def __init__(self, *doors: SandboxDoor) -> None:
        self._doors = doors

    def request(self, method: str, url: str, **more: Any) -> HttpAnswer:
        door = next(door for door in self._doors if url.startswith(door.base_url))
        return door.request(method, url, **more)


@dataclass
class Brand:
    """The two platforms and our intake between them."""

    world: QuietWorld
    official: Sandbox
    mini: Sandbox
    client: IntakeClient

    def deliver(self, *, repeat: int = 1) -> list[Reply]:
        """Carry every waiting callback to the intake and its reply back; then work it off."""
        replies = self.deliver_only(repeat=repeat)
        while worker.drain():
            pass
        return replies

    def deliver_only(self, *, repeat: int = 1) -> list[Reply]:
        """Carry every waiting callback to the intake and its reply back."""
        waiting, self.world.sent = self.world.sent, []
        return [self._carry(callback) for callback in waiting for _ in range(repeat)]

    def _carry(self, callback: Callback) -> Reply:
        path = callback.url.removeprefix("https://brand.example")
        reply = self.client.post(f"{path}?{urlencode(callback.query)}", callback.body)
        sandbox = self.official if "wechat_oa" in path else self.mini
        assert sandbox.is_acknowledged(callback, reply.status, reply.body)
        return reply


def open_brand(run_time: Any, clock: Any, client: IntakeClient) -> Brand:
    """Both accounts connected on both sides."""
    world = QuietWorld(clock)
    official, mini = make_official(world), make_mini(world)
    run_time.http = Doors(
        SandboxDoor(official, "https://oa.sandbox"), SandboxDoor(mini, "https://mini.sandbox")
    )
    secrets = {"secret": "app-secret", "token": "callbacktoken", "aes_key": AES_KEY}
    for platform, appid, sandbox in (
        ("wechat_oa", OFFICIAL, official),
        ("wechat_mini", MINI, mini),
    ):
        sandbox.control(
            "configure",
            {
                "appid": appid,
                **secrets,
                "original_id": f"gh_{platform}",
                "body_format": "json" if sandbox is mini else "xml",
                "callback_url": f"https://brand.example/callbacks/{platform}/{appid}",
            },
        )
        url = "https://oa.sandbox" if sandbox is official else "https://mini.sandbox"
        fields = {"appid": appid, **secrets}
        create_account(SYSTEM, platform, fields, name=platform, base_url=url, now=clock.now())
    return Brand(world, official, mini, client)
