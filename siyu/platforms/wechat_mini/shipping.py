"""Shipping reports 发货信息: without them the platform holds back the money of paid orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.ports.orders import Parcel, Shipment
from siyu.wechat.errors import BOOK

KINDS = {"express": 1, "city": 2, "virtual": 3, "pick_up": 4}
BY_TRANSACTION = 2
UNIFIED, SPLIT = 1, 2
MAX_PARCELS, MAX_ITEM = 10, 120


class MiniShipping:
    """The `Shipping` of a mini program with WeChat Pay."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def upload_shipment(self, shipment: Shipment, at: datetime) -> None:
        """See `Shipping.upload_shipment`; repeating it changes nothing."""
        _check(shipment)
        is_split = len(shipment.parcels) > 1 or not shipment.is_complete
        body: dict[str, Any] = {
            "order_key": {
                "order_number_type": BY_TRANSACTION,
                "transaction_id": shipment.transaction_id,
            },
            "logistics_type": KINDS[shipment.kind],
            "delivery_mode": SPLIT if is_split else UNIFIED,
            "shipping_list": [_parcel(parcel) for parcel in shipment.parcels],
            "upload_time": at.astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
            "payer": {"openid": shipment.payer},
        }
        if is_split:
            body["is_all_delivered"] = shipment.is_complete
        try:
            self._client.upload_shipping(body)
        except PlatformRefused as error:
            if not BOOK.is_ignorable(error):
                raise


def _check(shipment: Shipment) -> None:
    if shipment.kind not in KINDS:
        raise Refused("shipping.kind", "发货方式无效", field="kind")
    if not 1 <= len(shipment.parcels) <= MAX_PARCELS:
        raise Refused("shipping.parcels", f"包裹须为 1 到 {MAX_PARCELS} 个", field="parcels")
    for parcel in shipment.parcels:
        if not 1 <= len(parcel.item) <= MAX_ITEM:
            raise Refused("shipping.item", f"商品描述须为 1 到 {MAX_ITEM} 个字", field="item")
        if shipment.kind == "express" and not (parcel.express and parcel.number):
            raise Refused("shipping.number", "快递须填快递公司和单号", field="number")


def _parcel(parcel: Parcel) -> dict[str, Any]:
    body: dict[str, Any] = {"item_desc": parcel.item}
    if parcel.number:
        body |= {"tracking_no": parcel.number, "express_company": parcel.express}
    if parcel.receiver_contact:
        body["contact"] = {"receiver_contact": parcel.receiver_contact}
    return body
