"""The self-check that official account and mini program have in common."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from siyu.kernel.errors import PlatformError, Refused
from siyu.ports.capabilities import Check
from siyu.ports.checks import passing_line
from siyu.ports.http import HttpAnswer
from siyu.wechat.calling import Head
from siyu.wechat.client import WechatClient
from siyu.wechat.codes import Recovery
from siyu.wechat.envelope import load_aes_key
from siyu.wechat.errors import BOOK

MAX_SKEW_SECONDS = 60
_LINES = {
    "appid": "token",
    "secret": "token",
    "token": "token",
    "ip": "ip",
}
"""Name of an error's rule → the line of the check it belongs to; others: `permission`."""
_ADVICE = {
    "appid": "在公众平台「基本配置」核对 AppID",
    "secret": "在公众平台「基本配置」重置并复制 AppSecret",
    "token": "在公众平台「基本配置」核对 AppID 与 AppSecret",
    "ip": "把本机出口 IP 加入公众平台的「IP 白名单」",
    "unauthorised": "完成微信认证, 或换用有此权限的账号类型",
    "permission": "在微信开放平台或公众平台「接口权限」核对授权",
    "banned": "在公众平台「接口权限」查看封禁原因",
}


def check_app(client: WechatClient, harmless: str, can: str) -> list[Check]:
    """Credentials, address, rights, callback and clock. harmless: a GET that needs the rights."""
    callback = _check_callback(client)
    try:
        client.fetch_token()
    except PlatformError as error:
        return [failed_line(error), callback]
    lines = [Check("token", True, "AppID 与 AppSecret 有效")]
    try:
        answer, head = _probe(client, harmless)
    except PlatformError as error:
        return [*lines, failed_line(error), callback]
    if head.code:
        lines.append(failed_line(BOOK.make_error(head.code, head.errmsg, client.now())))
    else:
        lines.append(Check("permission", True, can))
    return [*lines, callback, _check_clock(client, answer)]


def failed_line(error: PlatformError) -> Check:
    """The line an error belongs to, its sentence, and what to do about it."""
    rule = error.code.removeprefix("wechat.")
    advice = _ADVICE.get(rule, "在公众平台「接口权限」核对账号的权限, 并按错误码查平台文档")
    line = Check(_LINES.get(rule, "permission"), False, error.reason, advice)
    return passing_line(error) or line


def _probe(client: WechatClient, harmless: str) -> tuple[HttpAnswer, Head]:
    """The raw answer and its head; a token that ended early is renewed first, as any call does."""
    answer, head = client.probe("GET", harmless)
    if BOOK.rule_of(head.code).recovery is Recovery.REFRESH:
        client.read("GET", harmless, Head)
        answer, head = client.probe("GET", harmless)
    return answer, head


def _check_callback(client: WechatClient) -> Check:
    fields = client.account.fields
    advice = "在公众平台「服务器配置」里复制 Token 与 EncodingAESKey, 并选择安全模式"
    if not fields.get("token"):
        return Check("callback", False, "没有填写回调 Token", advice)
    if not fields.get("aes_key"):
        return Check("callback", True, "明文模式: 签名不覆盖消息内容, 建议改为安全模式")
    try:
        load_aes_key(fields["aes_key"])
    except Refused as error:
        return Check("callback", False, error.reason, advice)
    return Check("callback", True, "安全模式, 密钥格式正确; 在公众平台保存服务器配置即可验证")


def _check_clock(client: WechatClient, answer: HttpAnswer) -> Check:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return Check("clock", True, "平台没有给出时间")
    skew = round(abs((client.now() - theirs).total_seconds()))
    advice = "校准服务器时间 (NTP); 相差超过 5 分钟时回调会被拒绝"
    is_ok = skew <= MAX_SKEW_SECONDS
    return Check("clock", is_ok, f"与平台时间相差 {skew} 秒", "" if is_ok else advice)
