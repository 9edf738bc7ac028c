"""The official account's sandbox: the real wire protocol, its own books, people who follow,
scan, write and click.

Wire: token, stable_token, clear_quota, user/get, user/info(/batchget), tags/*, qrcode/create, menu/*,
message/custom|template|subscribe|mass (send, preview), media/upload, draft/batchget, template
lists, sns/oauth2; callbacks plain or in safe
mode, three deliveries; passive replies are read and shown to whom they are for. Nothing is
emitted for changes made through the API.

Control operations (all take an optional `appid`; the default is the app configured last):

- configure {appid, secret, token, aes_key?, callback_url?, original_id?, kind?, body_format?}
- follow {unionid, name?, scene?, follow_scene?} → {openid};  unfollow {openid}
- scan {openid, scene};  write {openid, text} → {msg_id};  click {openid, key}
- view {openid, url};  locate {openid, latitude, longitude}
- answer_popup {openid, template, is_accepted};  withdraw_permit {openid, template}
- revoke {openid};  authorize {unionid, name?, scope?} → {code}
- add_template {template, title, content};  add_notice {template, title, content, type?}
- add_draft {title, digest?} → {media_id}
- use_client {openid, client}
- delivered {since?} → {items: [{n, openid, kind, text, at_ms}], next}
- knobs {per_minute?, per_day?, clears_per_month?, is_union_bound?, blocked_ip?};  expire_token {};  callback_check {}
- refuse_messages {openid, is_refusing?};  people {};  calls {}

Witness counters: calls, people, followers, events, messages, *_messages by kind, duplicates
(the same mass message taken twice), malformed_replies, codes, over_quota, rate_limited.
"""

from __future__ import annotations

from siyu.platforms.wechat_oa.sandbox.controls import OPERATIONS
from siyu.platforms.wechat_oa.sandbox.mass import OPERATIONS as MASS
from siyu.platforms.wechat_oa.sandbox.menus import OPERATIONS as MENUS
from siyu.platforms.wechat_oa.sandbox.wire import CALLS, OPEN_CALLS
from siyu.ports.sandbox import Sandbox, World
from siyu.wechat.sandbox.front import WechatSandbox

__all__ = ["make_sandbox"]


def make_sandbox(world: World) -> Sandbox:
    """The official account platform in a given world."""
    return WechatSandbox(
        world, calls=CALLS, open_calls=OPEN_CALLS, operations={**OPERATIONS, **MASS, **MENUS}
    )
