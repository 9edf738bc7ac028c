"""Service desks 微信客服: accounts, servicers, what is said there, who answers, our own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import PlatformRefused, Refused, UnknownOutcome
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.kf_calls import ACCOUNTS_PER_PAGE, KfCalls
from siyu.platforms.wecom.kf_mapping import STATES, desk_of, message_facts, profile_fact
from siyu.platforms.wecom.transport import Transport
from siyu.ports.capabilities import Content, Delivery, DeliveryState, Outgoing, Receipt
from siyu.ports.desk import DeskPage, DeskSession, DeskState, RemoteDesk, Servicer
from siyu.ports.facts import Fact

MAX_NAME, MAX_SCENE, MAX_TEXT = 16, 32, 2048
MAX_STAFF, MAX_PROFILES = 100, 100
_CODES = {state: code for code, state in STATES.items()}
_KEY = re.compile(r"[^0-9a-zA-Z_-]")


class Desks:
    """The `ServiceDesk` of a corp."""

    def __init__(self, transport: Transport) -> None:
        self._calls = KfCalls(transport)

    def list_desks(self) -> list[RemoteDesk]:
        """See `ServiceDesk.list_desks`."""
        found: list[RemoteDesk] = []
        while True:
            page = self._calls.list_accounts(len(found)).account_list
            found += [
                RemoteDesk(
                    remote_id=one.open_kfid,
                    name=one.name,
                    avatar=one.avatar,
                    is_managed=one.manage_privilege,
                )
                for one in page
            ]
            if len(page) < ACCOUNTS_PER_PAGE:
                return found

    def create_desk(self, name: str, avatar_media_id: str) -> str:
        """See `ServiceDesk.create_desk`; names have at most 16 characters."""
        _check(name, MAX_NAME, "name")
        return self._calls.add_account(name, avatar_media_id).open_kfid

    def rename_desk(self, desk: str, name: str) -> None:
        """See `ServiceDesk.rename_desk`."""
        _check(name, MAX_NAME, "name")
        self._calls.update_account(desk, name)

    def delete_desk(self, desk: str) -> None:
        """See `ServiceDesk.delete_desk`; what is gone already is fine."""
        try:
            self._calls.del_account(desk)
        except PlatformRefused as error:
            if BOOK.rule_of(int(error.platform_code)).name != "desk":
                raise

    def list_servicers(self, desk: str) -> list[Servicer]:
        """See `ServiceDesk.list_servicers`; departments are left out."""
        found = self._calls.list_servicers(desk).servicer_list
        return [
            Servicer(staff=one.userid, is_receiving=not one.status) for one in found if one.userid
        ]

    def add_servicers(self, desk: str, staff: Sequence[str]) -> dict[str, str]:
        """See `ServiceDesk.add_servicers`."""
        return self._change("add", desk, staff)

    def remove_servicers(self, desk: str, staff: Sequence[str]) -> dict[str, str]:
        """See `ServiceDesk.remove_servicers`."""
        return self._change("del", desk, staff)

    def make_link(self, desk: str, scene: str) -> str:
        """See `ServiceDesk.make_link`; a scene has at most 32 bytes."""
        if len(scene.encode()) > MAX_SCENE:
            raise Refused("wecom.scene", f"场景值最多 {MAX_SCENE} 字节", field="scene")
        return self._calls.add_contact_way(desk, scene).url

    def fetch_page(self, desk: str, cursor: str, token: str) -> DeskPage:
        """See `ServiceDesk.fetch_page`."""
        seen_at = to_ms(self._calls.transport.now())
        page = self._calls.sync_msg(desk, cursor, token)
        account = self._calls.transport.account
        found = [
            fact for message in page.msg_list for fact in message_facts(message, account, seen_at)
        ]
        has_more = bool(page.has_more) and page.next_cursor != cursor
        return DeskPage(facts=tuple(found), cursor=page.next_cursor or cursor, has_more=has_more)

    def fetch_session(self, desk: str, customer: str) -> DeskSession:
        """See `ServiceDesk.fetch_session`."""
        found = self._calls.get_state(desk, customer)
        state = STATES.get(found.service_state, DeskState.NEW)
        return DeskSession(state=state, staff=found.servicer_userid)

    def hand_over(self, desk: str, customer: str, state: DeskState, staff: str = "") -> None:
        """See `ServiceDesk.hand_over`."""
        body: dict[str, Any] = {
            "open_kfid": desk,
            "external_userid": customer,
            "service_state": _CODES[state],
        }
        self._calls.trans_state({**body, "servicer_userid": staff} if staff else body)

    def fetch_profiles(self, customers: Sequence[str]) -> list[Fact]:
        """See `ServiceDesk.fetch_profiles`; at most 100."""
        if len(customers) > MAX_PROFILES:
            raise Refused("wecom.customers", f"一次最多 {MAX_PROFILES} 位客户")
        seen_at = to_ms(self._calls.transport.now())
        found = self._calls.batchget_customers(customers).customer_list
        return [profile_fact(one, self._calls.transport.account, seen_at) for one in found]

    def _change(self, verb: str, desk: str, staff: Sequence[str]) -> dict[str, str]:
        if not 1 <= len(staff) <= MAX_STAFF:
            raise Refused("wecom.staff", f"一次 1 到 {MAX_STAFF} 名员工", field="staff")
        results = self._calls.change_servicers(verb, desk, staff).result_list
        return {one.userid: BOOK.rule_of(one.errcode).sentence for one in results if one.errcode}


class KfSender:
    """Answers at the desk where the customer last spoke: 5 messages within 48 hours."""

    def __init__(self, transport: Transport) -> None:
        self._calls = KfCalls(transport)

    def send(self, message: Outgoing) -> Receipt:
        """Deliver at once. `context["conversation_id"]` names the desk.

        The key of the message goes along, so that the platform itself refuses it a second time.
        """
        desk, customer = desk_of(message.context.get("conversation_id", ""))
        if not desk or message.recipients != (customer,):
            raise PlatformRefused(
                "wecom.desk", "不知道客户在哪个客服账号咨询", field="conversation_id"
            )
        body = {"touser": customer, "open_kfid": desk, **_body(message)}
        return _receipt(self._calls.send_msg(body).msgid, message, self._calls)

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:  # noqa: ARG002
        """Always []: what fails later comes as a `SEND_FINISHED` fact."""
        return []

    def find_sent(self, message: Outgoing, since: Any) -> Receipt | None:  # noqa: ARG002
        """Always UnknownOutcome: messages sent by the app do not come back."""
        raise UnknownOutcome("wecom.kf_unknown", "微信客服不返回由接口发出的消息, 无法核对")


class KfGreeter(KfSender):
    """Greets who enters a session, with the code of the event: valid 20 seconds, usable once."""

    def send(self, message: Outgoing) -> Receipt:
        """Deliver at once. `context["welcome_code"]` is required."""
        code = message.context.get("welcome_code", "")
        if not code:
            raise PlatformRefused("wecom.welcome_code", "没有欢迎语凭证", field="welcome_code")
        sent = self._calls.send_msg_on_event({"code": code, **_body(message)})
        return _receipt(sent.msgid, message, self._calls)


def _body(message: Outgoing) -> dict[str, Any]:
    return {"msgid": _KEY.sub("", message.idempotency_key)[:32], **_content(message.content)}


def _content(content: Content) -> dict[str, Any]:
    """Text, or one link; the platform takes one thing a message."""
    if content.text and content.attachments:
        raise PlatformRefused(
            "wecom.kf_content", "客服消息一次只能发文字或一个附件", field="attachments"
        )
    if content.text:
        if len(content.text.encode()) > MAX_TEXT:
            raise PlatformRefused("wecom.text", f"文本超过 {MAX_TEXT} 字节", field="text")
        return {"msgtype": "text", "text": {"content": content.text}}
    if len(content.attachments) == 1 and content.attachments[0].get("kind") in _KINDS:
        one = content.attachments[0]
        kind = one["kind"]
        return {"msgtype": kind, kind: {"media_id": one.get("media_id", "")}}
    raise PlatformRefused("wecom.text", "内容为空, 或客服消息不支持这种附件", field="text")


_KINDS = ("image", "video", "file")


def _receipt(msgid: str, message: Outgoing, calls: KfCalls) -> Receipt:
    now = calls.transport.now()
    fates = [Delivery(who, DeliveryState.DELIVERED, at=now) for who in message.recipients]
    return Receipt(msgid, tuple(fates))


def _check(text: str, most: int, field: str) -> None:
    if not 1 <= len(text.strip()) <= most:
        raise Refused("wecom.name", f"名称须为 1 到 {most} 个字", field=field)
