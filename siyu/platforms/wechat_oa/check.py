"""The self-check of an official account: what works, and what a person must do where not."""

from __future__ import annotations

from siyu.kernel.errors import PlatformError
from siyu.platforms.wechat_oa.client import FANS_PER_CALL, OfficialClient
from siyu.ports.capabilities import Check
from siyu.wechat.checking import check_app, failed_line

_BIND = (
    "在微信开放平台 (open.weixin.qq.com)「管理中心」绑定这个公众号, 再同步一次粉丝;"
    " 不绑定就认不出同一个人的小程序和企业微信"
)


class OfficialCheck:
    """Tries credentials, address, rights, UnionID, the callback's secrets and the clock."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def run(self) -> list[Check]:
        """One line per thing tried; later ones are left out when an earlier one fails."""
        lines = check_app(self._client, "/cgi-bin/tags/get", "可以调用用户管理接口")
        may_read = any(line.name == "permission" and line.is_ok for line in lines)
        return [*lines, self._check_unionids()] if may_read else lines

    def _check_unionids(self) -> Check:
        """Whether fans come with the id that joins them with other accounts."""
        try:
            openids = self._client.list_fans("").data.openid[:FANS_PER_CALL]
            fans = self._client.get_fans(openids).user_info_list if openids else []
        except PlatformError as error:
            return failed_line(error)
        present = [fan for fan in fans if fan.subscribe]
        if not present:
            return Check("unionid", True, "还没有粉丝, 有了再看")
        count = sum(bool(fan.unionid) for fan in present)
        detail = f"抽看 {len(present)} 位粉丝, {count} 位有 UnionID"
        return Check("unionid", count > 0, detail, "" if count else _BIND)
