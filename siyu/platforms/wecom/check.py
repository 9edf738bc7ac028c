"""The self-check of an account: what works, and what a person must do where it does not."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from siyu.kernel.errors import PlatformError, Refused
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.crypto import load_aes_key
from siyu.platforms.wecom.errors import find_ip, rule_of
from siyu.ports.capabilities import Check
from siyu.ports.http import HttpAnswer

MAX_SKEW_SECONDS = 60
_ADVICE = {
    "corp_id": "在管理后台「我的企业」核对企业 ID",
    "secret": "在管理后台「应用管理」重新复制该应用的 Secret",
    "ip": "在应用的「企业可信 IP」里加入该地址",
    "permission": "在「客户联系 › 可调用接口的应用」里勾选该应用",
    "visible_range": "把负责客户的员工加入应用的可见范围",
}


class WecomCheck:
    """Tries the credentials, the address, the rights, the staff, the callback and the clock."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(self) -> list[Check]:
        """One line per thing tried; later ones are left out when an earlier one fails."""
        callback = self._check_callback()
        try:
            self._client.fetch_token()
        except PlatformError as error:
            return [_failed("token", error), callback]
        lines = [Check("token", True, "企业 ID 与 Secret 有效")]
        try:
            answer, code, text = self._client.probe()
        except PlatformError as error:
            return [*lines, _failed("reachable", error), callback]
        return [
            *lines,
            *self._check_rights(answer, code, text),
            callback,
            self._check_clock(answer),
        ]

    def _check_rights(self, answer: HttpAnswer, code: int, text: str) -> list[Check]:
        rule = rule_of(code) if code else None
        address = find_ip(text)
        if rule is not None and rule.name == "ip":
            return [Check("ip", False, f"{rule.sentence}: {address or '未知'}", _ADVICE["ip"])]
        lines = [Check("ip", True, "本机出口 IP 可用")]
        if rule is not None:
            advice = _ADVICE.get(rule.name, "")
            return [*lines, Check("permission", False, f"{rule.sentence} ({code})", advice)]
        lines.append(Check("permission", True, "可以调用客户联系接口"))
        count = len(answer.json().get("follow_user", []))
        advice = "" if count else "给员工开通客户联系功能, 并加入应用可见范围"
        return [*lines, Check("staff", count > 0, f"{count} 名员工可见", advice)]

    def _check_callback(self) -> Check:
        fields = self._client.account.fields
        advice = "在应用的「接收消息 › 设置 API 接收」里复制 Token 与 EncodingAESKey"
        if not fields.get("token"):
            return Check("callback", False, "没有填写回调 Token", advice)
        try:
            load_aes_key(fields.get("aes_key", ""))
        except Refused as error:
            return Check("callback", False, error.reason, advice)
        return Check("callback", True, "回调密钥格式正确; 在管理后台保存回调地址即可验证")

    def _check_clock(self, answer: HttpAnswer) -> Check:
        try:
            theirs = parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError):
            return Check("clock", True, "平台没有给出时间")
        skew = round(abs((self._client.now() - theirs).total_seconds()))
        advice = "校准服务器时间 (NTP); 相差超过 5 分钟时回调会被拒绝"
        is_ok = skew <= MAX_SKEW_SECONDS
        return Check("clock", is_ok, f"与平台时间相差 {skew} 秒", "" if is_ok else advice)


def _failed(name: str, error: PlatformError) -> Check:
    return Check(name, False, error.reason, _ADVICE.get(error.code.removeprefix("wecom."), ""))
