"""Codes with a scene 带参数二维码: permanent (at most 100,000 an account) or up to 30 days."""

from __future__ import annotations

from datetime import timedelta

from siyu.kernel.errors import Refused
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.follow_codes import RemoteFollowCode

MAX_SCENE = 64
MAX_SECONDS = 2_592_000


class SceneCodes:
    """The `FollowCodeIssuer` of an official account."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def create_follow_code(self, scene: str, *, seconds: int) -> RemoteFollowCode:
        """See `FollowCodeIssuer.create_follow_code`."""
        if not 1 <= len(scene) <= MAX_SCENE:
            raise Refused("wechat.scene", f"场景值须为 1 到 {MAX_SCENE} 个字符", field="scene")
        if not 0 <= seconds <= MAX_SECONDS:
            raise Refused("wechat.expiry", "临时二维码最长 30 天", field="seconds")
        what = {"action_info": {"scene": {"scene_str": scene}}}
        if not seconds:
            made = self._client.create_code({"action_name": "QR_LIMIT_STR_SCENE", **what})
            return RemoteFollowCode(made.ticket, made.url)
        body = {"action_name": "QR_STR_SCENE", "expire_seconds": seconds, **what}
        made = self._client.create_code(body)
        ends = self._client.now() + timedelta(seconds=made.expire_seconds or seconds)
        return RemoteFollowCode(made.ticket, made.url, ends)
