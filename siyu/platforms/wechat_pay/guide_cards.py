"""支付即服务: guides registered with WeChat Pay, assigned to orders before they are paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.kernel.errors import RetryLater, UnknownOutcome
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.ports.payments import CardGuide, RemoteGuide

PAGE = 10
"""limit of GET /v3/smartguide/guides (wechatpayv3 2.0.4, pay.weixin.qq.com 4012062997)."""
MAX_PAGES = 500


class SmartGuides:
    """See `GuideCards`."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def register_guide(self, guide: CardGuide) -> str:
        """Make the guide known; the id to assign him by."""
        answer = self._client.create_guide(_body(guide))
        guide_id = str(answer.get("guide_id") or "")
        if not guide_id:
            raise UnknownOutcome("guide.answer", "微信支付没有返回导购编号, 不知道是否已登记")
        return guide_id

    def update_guide(self, guide_id: str, guide: CardGuide) -> None:
        """Change name, mobile, code and picture."""
        changed = ("name", "mobile", "qr_code", "avatar")
        body = {name: value for name, value in _body(guide).items() if name in changed}
        self._client.update_guide(guide_id, body)

    def list_guides(self, store_id: str) -> list[RemoteGuide]:
        """All pages; ends when a page brings nothing new."""
        found: dict[str, RemoteGuide] = {}
        for page in range(MAX_PAGES):
            answer = self._client.list_guides(store_id, page * PAGE, PAGE)
            rows = _rows(answer)
            fresh = {str(row.get("guide_id", "")): _guide(row) for row in rows}
            if not fresh.keys() - found.keys():
                break
            found |= fresh
            if len(rows) < PAGE:
                break
        return list(found.values())

    def assign_guide(self, guide_id: str, order_no: str) -> None:
        """See `GuideCards`; PlatformRefused when the order is paid already."""
        self._client.assign_guide(guide_id, order_no)


def _body(guide: CardGuide) -> dict[str, Any]:
    whole = {
        "corpid": guide.corp_id,
        "store_id": _number(guide.store_id),
        "userid": guide.userid,
        "name": guide.name,
        "mobile": guide.mobile,
        "qr_code": guide.qr_code,
        "avatar": guide.avatar,
    }
    return {name: value for name, value in whole.items() if value}


def _rows(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = answer.get("data") or []
    if not isinstance(rows, list):
        raise RetryLater("guide.answer", "微信支付的应答无法读取")
    return [row for row in rows if isinstance(row, dict)]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _guide(row: dict[str, Any]) -> RemoteGuide:
    return RemoteGuide(
        str(row.get("guide_id", "")), str(row.get("store_id", "")), str(row.get("userid", ""))
    )
