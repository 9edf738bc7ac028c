"""The brand takes WeChat Pay: three guides with cards, a reward or two a day."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from siyu.commerce.queries import count_orders_of
from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.accounts import create_account
from siyu.payments.cards import register_guide
from siyu.payments.queries import list_recent_payers
from siyu.payments.rewards import approve_reward, request_reward
from siyu.payments.types import NewReward
from siyu.ports.payments import CardGuide
from siyu.site.demo.parts.part import BrandPart

MCHID, APPID, STORE = "1900007001", "wxcamelliamini0001", "1001"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
OPERATOR = Actor("shen", Role.OPERATOR)
REWARDS_A_DAY = 2


class PayBrand(BrandPart):
    """Connects the merchant, registers guides, asks for and approves rewards."""

    name = "pay"

    def set_up(self, now: datetime) -> dict[str, Any]:
        """Tells the simulator the store and the states of the guides' codes."""
        self._account = self._connect(now)
        guides = {userid: f"pay_{userid}" for userid in self.setting.staff[:3]}
        for number, (userid, state) in enumerate(guides.items()):
            guide = CardGuide(
                store_id=STORE,
                userid=userid,
                name=f"导购 {userid}",
                mobile=f"1390000000{number}",
                qr_code=f"https://wework.qpic.example/{userid}",
                corp_id=self.setting.wecom.partition(":")[2],
            )
            register_guide(SYSTEM, self._account, guide, state=state, now=now)
        return {"store_id": STORE, "guides": guides}

    def day(self, day: int, now: datetime) -> None:
        """Thank the newest customers of the till; asked by one, approved by another."""
        for customer_id, order_no in list_recent_payers(self._account, limit=REWARDS_A_DAY):
            wanted = NewReward(
                account=self._account,
                customer_id=customer_id,
                amount_fen=188,
                activity="到店礼",
                reason=f"到店消费 {order_no}",
                remark="谢谢光临山茶记",
                request_key=f"till-{order_no}",
            )
            reward = request_reward(OPERATOR, wanted, now=now)
            if reward.state == "requested" and day % 4 != 3:
                approve_reward(SYSTEM, reward.id, now=now)

    def lost(self, seen: Mapping[str, int]) -> int:
        """Payments that did not become orders."""
        return max(0, seen.get("paid", 0) - count_orders_of(self._account))

    def duplicates(self, seen: Mapping[str, int]) -> int:
        """Payments that became more than one order, and rewards paid twice."""
        twice = max(0, count_orders_of(self._account) - seen.get("paid", 0))
        return twice + seen.get("duplicate_transfers", 0)

    def _connect(self, now: datetime) -> str:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        callback = f"{self.setting.public_url}/callbacks/wechat_pay/{MCHID}"
        open_fields = {"mchid": MCHID, "appid": APPID, "serial_no": SERIAL}
        secret = secrets.token_hex(16)
        configured = {"api_v3_key": secret, "merchant_key": public.decode()}
        self.setting.control(
            "wechat_pay/configure", {**open_fields, **configured, "callback_url": callback}
        )
        sealed = {"api_v3_key": secret, "private_key": private.decode()}
        return create_account(
            SYSTEM,
            "wechat_pay",
            {**open_fields, **sealed, "notify_url": callback},
            name="山茶记微信支付",
            base_url=f"{self.setting.sandbox_url}/wechat_pay",
            now=now,
        )
