"""The mini program's and the store's sandbox: the real wire protocol and its own books.

Wire: stable_token, sns/jscode2session, getuserphonenumber, message/custom|subscribe, template
list, generate_urllink, generatescheme, genwxashortlink, sec/order/upload_shipping_info,
channels/ec/order/get and list; callbacks in JSON or XML, plain or in safe mode.

Control operations (all take an optional `appid`; the default is the app configured last):

- configure {appid, secret, token, aes_key?, callback_url?, original_id?, body_format?}
- log_in {unionid, name?} → {openid, code};  share_phone {openid, phone} → {code}
- enter_chat {openid};  write {openid, text} → {msg_id}
- answer_popup {openid, template, is_accepted};  withdraw_permit {openid, template}
- add_notice {template, title, content, type?}
- order {openid, items: [{sku_id, title, sku_cnt, sale_price}], order_id?} → {order_id}
- pay {order_id} → {transaction_id};  ship {order_id};  confirm {order_id};  cancel {order_id}
- return_goods {order_id, count?};  join_club {openid, grade?}
- delivered, knobs, expire_token, callback_check, refuse_messages, people, calls

Witness counters: calls, people, events, messages, *_messages by kind, logins, links, orders,
paid_fen, shipped, rate_limited.
"""

from __future__ import annotations

from siyu.platforms.wechat_mini.sandbox.controls import OPERATIONS
from siyu.platforms.wechat_mini.sandbox.wire import CALLS, OPEN_CALLS
from siyu.ports.sandbox import Sandbox, World
from siyu.wechat.sandbox.front import WechatSandbox

__all__ = ["make_sandbox"]


def make_sandbox(world: World) -> Sandbox:
    """The mini program platform in a given world."""
    return WechatSandbox(world, calls=CALLS, open_calls=OPEN_CALLS, operations=OPERATIONS)
