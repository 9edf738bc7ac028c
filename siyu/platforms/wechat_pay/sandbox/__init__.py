"""WeChat Pay's sandbox: the real v3 wire, its own CA, its own books.

Wire: certificates; native and jsapi orders, query, close; refunds; trade bills; transfer bills;
smart guides. Requests must be signed by the merchant within 5 minutes; every answer is signed
with the platform's key; callbacks carry sealed resources. Any client will do: point it here.

Control operations (all take an optional `mchid`; the default is the merchant configured last):

- configure {mchid, appid, serial_no, merchant_key (public PEM), api_v3_key, callback_url?,
  is_public_key?} → {mchid, public_key_id, public_key, serial_no}
- openid {person, appid?} → {openid}
- pay {out_trade_no, person | openid, amount_fen?} → {transaction_id, openid, guide?}: a customer
  pays an order of the merchant; amount_fen makes one first, as a cashier would
- refund {out_trade_no, amount_fen?} → {refund_id}: by hand on the merchant platform
- waiting_transfers {} → [{out_bill_no, openid, amount}]
- confirm_transfers {out_bill_no?} → {confirmed};  expire_transfers {} → {failed}
- rotate_certificate {is_announced?} → {serial_no}: sign with a new key from now on
- notify_again {out_trade_no} → {};  probe {} → {}: a callback with a wrong signature
- fund {amount_fen} → {balance_fen};  knobs {per_minute?, has_bills?, day_limit_fen?}
- orders {} → [{out_trade_no, state, amount, refunded}];  calls {} → {path: count}

Witness counters: calls, merchants, orders, paid, paid_fen, refunds, refunded_fen, guides,
assigned, cards_shown, transfers, transfers_paid, transferred_fen, duplicate_transfers (equal
receiver, amount and reason), callbacks, bad_signatures, balance_fen.
"""

from __future__ import annotations

from siyu.platforms.wechat_pay.sandbox.platform import WechatPaySandbox
from siyu.ports.sandbox import Sandbox, World

__all__ = ["make_sandbox"]


def make_sandbox(world: World) -> Sandbox:
    """WeChat Pay in a given world."""
    return WechatPaySandbox(world)
