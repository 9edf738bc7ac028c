"""One thin method for each remote call; token handling and error codes live here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, Reauth, RetryLater, UnknownOutcome
from siyu.platforms.wecom import wire
from siyu.platforms.wecom.errors import Recovery, make_error, rule_of
from siyu.ports.capabilities import AccountConfig, Token, TokenStore
from siyu.ports.http import HttpAnswer, HttpDoor

Shape = TypeVar("Shape")
EXTERNAL = "/cgi-bin/externalcontact"
PAGE = 1000
SENT_PAGE = 100


class Client:
    """WeCom's server API for one corp and app. Raises the PlatformError family."""

    def __init__(
        self, account: AccountConfig, http: HttpDoor, clock: Clock, tokens: TokenStore
    ) -> None:
        self.account = account
        self._http = http
        self._clock = clock
        self._tokens = tokens

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock.now()

    # staff and customers

    def get_follow_user_list(self) -> wire.FollowUserList:
        """Staff with the customer-contact function whom the app may see."""
        return self._read("GET", f"{EXTERNAL}/get_follow_user_list", wire.FollowUserList)

    def get_contact(self, external_userid: str, cursor: str) -> wire.ContactDetail:
        """One customer with up to 500 of its relations."""
        return self._read(
            "GET",
            f"{EXTERNAL}/get",
            wire.ContactDetail,
            params={"external_userid": external_userid, "cursor": cursor},
        )

    def batch_get_by_user(self, staff: Sequence[str], cursor: str) -> wire.ContactPage:
        """Up to 100 relations of up to 100 staff."""
        body = {"userid_list": list(staff), "cursor": cursor, "limit": 100}
        return self._read("POST", f"{EXTERNAL}/batch/get_by_user", wire.ContactPage, json=body)

    # contact ways

    def add_contact_way(self, body: Mapping[str, Any]) -> wire.ContactWay:
        return self._write(f"{EXTERNAL}/add_contact_way", body, wire.ContactWay)

    def update_contact_way(self, body: Mapping[str, Any]) -> None:
        self._write(f"{EXTERNAL}/update_contact_way", body, wire.Head, is_safe=True)

    def del_contact_way(self, config_id: str) -> None:
        body = {"config_id": config_id}
        self._write(f"{EXTERNAL}/del_contact_way", body, wire.Head, is_safe=True)

    # tags

    def get_corp_tag_list(self) -> wire.TagList:
        return self._read("POST", f"{EXTERNAL}/get_corp_tag_list", wire.TagList, json={})

    def add_corp_tag(self, group_name: str, names: Sequence[str]) -> wire.AddedTags:
        body = {"group_name": group_name, "tag": [{"name": name} for name in names]}
        return self._write(f"{EXTERNAL}/add_corp_tag", body, wire.AddedTags)

    def mark_tag(self, body: Mapping[str, Any]) -> None:
        self._write(f"{EXTERNAL}/mark_tag", body, wire.Head, is_safe=True)

    # messages

    def send_welcome_msg(self, body: Mapping[str, Any]) -> None:
        self._write(f"{EXTERNAL}/send_welcome_msg", body, wire.Head)

    def add_msg_template(self, body: Mapping[str, Any]) -> wire.MessageTemplate:
        return self._write(f"{EXTERNAL}/add_msg_template", body, wire.MessageTemplate)

    def get_groupmsg_list(self, start: datetime, end: datetime, cursor: str) -> wire.SentGroupPage:
        """Mass messages created by the corp between two times (at most a month apart)."""
        body = {
            "chat_type": "single",
            "start_time": int(start.timestamp()),
            "end_time": int(end.timestamp()),
            "filter_type": 0,
            "limit": SENT_PAGE,
            "cursor": cursor,
        }
        path = f"{EXTERNAL}/get_groupmsg_list_v2"
        return self._read("POST", path, wire.SentGroupPage, json=body)

    def get_groupmsg_task(self, msgid: str, cursor: str) -> wire.SendTaskPage:
        """Which staff have confirmed a mass message."""
        body = {"msgid": msgid, "limit": PAGE, "cursor": cursor}
        return self._read("POST", f"{EXTERNAL}/get_groupmsg_task", wire.SendTaskPage, json=body)

    def get_groupmsg_send_result(self, msgid: str, userid: str, cursor: str) -> wire.SendResultPage:
        """What became of each recipient of one member of staff."""
        body = {"msgid": msgid, "userid": userid, "limit": PAGE, "cursor": cursor}
        path = f"{EXTERNAL}/get_groupmsg_send_result"
        return self._read("POST", path, wire.SendResultPage, json=body)

    # token and transport

    def fetch_token(self) -> Token:
        """A token from the platform, past the store."""
        answer = self._http.request(
            "GET",
            f"{self.account.base_url}/cgi-bin/gettoken",
            params={
                "corpid": self.account.remote_id,
                "corpsecret": self.account.fields.get("secret", ""),
            },
            is_safe=True,
        )
        self._check(answer, is_safe=True)
        token = self._shape(answer, wire.AccessToken, is_safe=True)
        return Token(token.access_token, self.now() + timedelta(seconds=token.expires_in))

    def probe(self) -> tuple[HttpAnswer, int, str]:
        """The raw answer of a harmless call, its errcode and errmsg; for the self-check."""
        answer = self._send(
            "GET", f"{EXTERNAL}/get_follow_user_list", {}, None, is_safe=True, token=self._token()
        )
        head = self._shape(answer, wire.Head, is_safe=True)
        return answer, head.code, head.errmsg

    def _read(
        self,
        method: str,
        path: str,
        shape: type[Shape],
        *,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Shape:
        return self._call(
            lambda token: self._send(method, path, params or {}, json, is_safe=True, token=token),
            shape,
            is_safe=True,
        )

    def _write(
        self, path: str, body: Mapping[str, Any], shape: type[Shape], *, is_safe: bool = False
    ) -> Shape:
        return self._call(
            lambda token: self._send("POST", path, {}, body, is_safe=is_safe, token=token),
            shape,
            is_safe=is_safe,
        )

    def _call(
        self, send: Callable[[str], HttpAnswer], shape: type[Shape], *, is_safe: bool
    ) -> Shape:
        """Send with a token; once more with a fresh one when the platform rejects it."""
        token = self._token()
        answer = send(token)
        try:
            self._check(answer, is_safe=is_safe)
        except Reauth as error:
            if rule_of(int(error.platform_code)).recovery is not Recovery.REFRESH:
                raise
            answer = send(self._token(bad=token))
            self._check(answer, is_safe=is_safe)
        return self._shape(answer, shape, is_safe=is_safe)

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        json: Any,
        *,
        is_safe: bool,
        token: str,
    ) -> HttpAnswer:
        return self._http.request(
            method,
            f"{self.account.base_url}{path}",
            params={
                **{name: value for name, value in params.items() if value},
                "access_token": token,
            },
            json=json,
            is_safe=is_safe,
        )

    def _token(self, *, bad: str | None = None) -> str:
        return self._tokens.get(self.account.key, "access_token", self.fetch_token, bad=bad)

    def _check(self, answer: HttpAnswer, *, is_safe: bool) -> None:
        """Raise what the answer means; HTTP 200 with an error code is an error."""
        if answer.status != 200:
            raise _broken(f"HTTP {answer.status}", is_safe=is_safe or answer.status == 429)
        head = self._shape(answer, wire.Head, is_safe=is_safe)
        if head.code != 0:
            raise make_error(head.code, head.errmsg, self.now())

    def _shape(self, answer: HttpAnswer, shape: type[Shape], *, is_safe: bool) -> Shape:
        try:
            return msgspec.json.decode(answer.body, type=shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _broken(f"回答无法读取: {error}"[:200], is_safe=is_safe) from error


def _broken(what: str, *, is_safe: bool) -> PlatformError:
    if is_safe:
        return RetryLater("wecom.broken", f"企业微信的回答不可用 ({what})")
    return UnknownOutcome("wecom.unknown", f"企业微信的回答不可用, 不知道是否已执行 ({what})")
