"""WeCom's sandbox: the real wire protocol, its own books, people who scan, leave and confirm.

Wire: gettoken, getcallbackip, department/list, user/list and under /cgi-bin/externalcontact/ the calls on staff, customers,
tags, contact ways, welcome and mass messages; callbacks with real AES and SHA-1, three
deliveries. Nothing is emitted for changes the app makes through the API.

Control operations (all take an optional `corp_id`; the default is the corp configured last):

- configure {corp_id, secret, token, aes_key, agent_id?, callback_url?, is_default?} → {corp_id}
- add_staff {staff: [{userid, name, department?, position?}]} → {staff}
- add_department {id, name, parentid?, order?}; update_staff {userid, name?, department?,
  position?, status?} (5 = left); rename_staff {userid, new_userid} → {}; told by callbacks
- populate {customers, staff, departments?, mark?}: many at once, without callbacks
- scan {state | config_id, unionid, name, gender?, avatar?} → {external_userid, userid, is_new}
- add_friend {userid, unionid, name, state?, remark_mobiles?, gender?} → the same
- delete_friend {external_userid, userid, by: "customer" | "staff"} → {}
- set_remark_mobile {external_userid, userid, mobile} → {}
- chat {external_userid, userid} → {}
- contact_ways {} → [{config_id, state, user, party, remark, skip_verify, is_exclusive, updates}]
- make_way {userids, remark?, state?} → {config_id}; delete_way {config_id}: by other tools
- open_link {url, unionid, name, gender?} → as scan; speak {external_userid, userid};
  buy_links {units}; break_link {link_id}: acquisition links and what they cost
- pending_sends {} → [{msgid, userid, recipients}]
- confirm_sends {userid?, msgid?} → {confirmed, delivered: [{external_userid, userid, msgid, text, …}]}
- delivered {since?} → {items: [{n, external_userid, userid, kind, msgid, text, at}], next}
- knobs {month_quota?, per_minute?, has_empty_pages?, is_developer_bound?, blocked_ip?, visible?}
- expire_token {} → {}
- callback_check {} → {url, msg_signature, timestamp, nonce, echostr, expects}
- calls {} → {path: count};  state {} → the books in numbers

Witness counters: calls, staff, people, relations, codes, messages, welcomes, mass_sends, tasks,
pending, duplicates (same text twice to one customer in one friendship), duplicate_tasks (handed
over twice, confirmed or not), not_friend, over_quota, callbacks, tokens, rate_limited.
"""

from __future__ import annotations

from siyu.platforms.wecom.sandbox.platform import WecomSandbox
from siyu.ports.sandbox import Sandbox, World

__all__ = ["make_sandbox"]


def make_sandbox(world: World) -> Sandbox:
    """WeCom in a given world."""
    return WecomSandbox(world)
