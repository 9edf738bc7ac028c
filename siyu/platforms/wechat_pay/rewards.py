"""Transfers to customers' balance (商家转账, the version in which the customer confirms)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.errors import PlatformRefused, RetryLater, UnknownOutcome
from siyu.kernel.identity import Identity
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.platforms.wechat_pay.errors import ABSENT
from siyu.platforms.wechat_pay.mapping import OPENID, STATES, namespace_of
from siyu.platforms.wechat_pay.wire import TransferBill
from siyu.ports.payments import Payout, PayoutResult, PayoutState

MAX_REMARK = 32
MIN_FEN = 10
"""transfer_remark and the least amount: pay.weixin.qq.com 商家转账 发起转账, 2025."""
NAMED_FEN = 200_000
"""From here on the platform wants the receiver's real name, which we do not keep (same page)."""
SCENE = "1000"


class Transfers:
    """See `RewardPayer`."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def find_recipient(self, identities: Sequence[Identity]) -> Identity | None:
        """The openid of the account's own app; one of another app receives nothing."""
        appid = self._client.account.fields["appid"]
        namespace = namespace_of(self._client.account, appid)
        wanted = {(namespace, appid), (OPENID, appid)}
        return next((one for one in identities if (one.namespace, one.scope) in wanted), None)

    def pay(self, payout: Payout) -> PayoutResult:
        """Hand a transfer over; repeated with the same number and content it is the same one."""
        if payout.amount_fen < MIN_FEN:
            raise PlatformRefused("reward.amount", "转账最少 0.1 元", field="amount_fen")
        if payout.amount_fen >= NAMED_FEN:
            raise PlatformRefused(
                "reward.amount", "满 2,000 元须填收款人姓名, 这里不支持", field="amount_fen"
            )
        if len(payout.remark) > MAX_REMARK:
            raise PlatformRefused("reward.remark", f"备注最多 {MAX_REMARK} 字", field="remark")
        answer = self._client.create_transfer(self._body(payout))
        told = {"transfer_amount": payout.amount_fen, "openid": payout.recipient, **answer}
        made = _result(told, is_safe=False)
        if made.bill_no != payout.bill_no:
            raise UnknownOutcome("reward.answer", "微信支付的应答不是这张单的")
        return made

    def find_payout(self, bill_no: str) -> PayoutResult | None:
        """Ask by our number."""
        try:
            return _result(self._client.get_transfer(bill_no), is_safe=True)
        except PlatformRefused as refusal:
            if refusal.platform_code in ABSENT:
                return None
            raise

    def cancel_payout(self, bill_no: str) -> None:
        """Cancel; the result is asked for afterwards."""
        self._client.cancel_transfer(bill_no)

    def _body(self, payout: Payout) -> dict[str, Any]:
        fields = self._client.account.fields
        body = {
            "appid": fields["appid"],
            "out_bill_no": payout.bill_no,
            "transfer_scene_id": fields.get("transfer_scene_id") or SCENE,
            "openid": payout.recipient,
            "transfer_amount": payout.amount_fen,
            "transfer_remark": payout.remark,
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": payout.activity},
                {"info_type": "奖励说明", "info_content": payout.reason},
            ],
        }
        if fields.get("notify_url"):
            body["notify_url"] = fields["notify_url"]
        return body


def _result(answer: Mapping[str, Any], *, is_safe: bool) -> PayoutResult:
    try:
        bill = msgspec.convert(answer, TransferBill)
    except msgspec.ValidationError as error:
        kind = RetryLater if is_safe else UnknownOutcome
        raise kind("reward.answer", "微信支付的应答无法读取") from error
    return PayoutResult(
        bill_no=bill.out_bill_no,
        remote_id=bill.transfer_bill_no,
        state=STATES.get(bill.state, PayoutState.PROCESSING),
        amount_fen=bill.transfer_amount,
        recipient=bill.openid,
        reason=bill.fail_reason,
        package=bill.package_info,
        at=_time(bill.update_time or bill.create_time),
    )


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
