"""The self-check of an account: what works, and what a person must do where it does not."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from siyu.kernel.errors import PlatformError, Refused, UnknownOutcome, WaitUntil
from siyu.platforms.wecom.client import Client
from siyu.platforms.wecom.crypto import load_aes_key
from siyu.platforms.wecom.errors import BOOK
from siyu.platforms.wecom.transport import EXTERNAL
from siyu.ports.capabilities import Check
from siyu.ports.http import HttpAnswer
from siyu.wechat.calling import Head

MAX_SKEW_SECONDS = 60
SAMPLE = 100
BATCH = "externalcontact/batch/get_by_user"
_LINES = {
    "corp_id": "token",
    "secret": "token",
    "token": "token",
    "ip": "ip",
    "permission": "permission",
    "visible_range": "staff",
    "rate": "quota",
    "budget": "quota",
    "concurrency": "quota",
}
"""Name of an error's rule → the line of the check it belongs to; others: `reachable`."""
_ADVICE = {
    "corp_id": "在管理后台「我的企业」核对企业 ID",
    "secret": "在管理后台「应用管理」重新复制该应用的 Secret, 再在“账号”页更新",
    "token": "稍后会自动换新; 反复出现时, 请确认没有别的系统用同一个 Secret 不停取令牌",
    "ip": "在应用的「企业可信 IP」里加入该地址",
    "permission": "在「客户联系 › 可调用接口的应用」里勾选该应用",
    "visible_range": "把负责客户的员工加入应用的可见范围",
    "rate": "已自动暂停, 到时继续; 常常出现时, 请把同步放到夜里, 并查看别的系统是否也在调用",
    "budget": "本接口的调用次数用完了, 到时自动继续; 次数上限写在 manifest.toml 的 [[rates]]",
    "concurrency": "会自动重试; 别的系统也在用这个应用时, 请错开时间",
    "busy": "会自动重试; 持续超过十分钟时请看企业微信的公告",
    "connect": "请检查服务器的网络、DNS 与防火墙能否访问接口地址, 并核对“账号”页的接口地址",
    "broken": "请核对“账号”页的接口地址是否指向企业微信 (或沙箱), 中间是否有代理改了回答",
    "directory": "在应用的可见范围里加入部门, 员工姓名才会显示; 不影响客户同步",
    "unionid": "在「客户联系 › API › 微信开发者 ID」绑定同一主体的公众号或小程序, 再同步一次",
    "clock": "校准服务器时间 (NTP); 相差超过 5 分钟时回调会被拒绝",
}


class WecomCheck:
    """Tries credentials, address, rights, staff, directory, UnionID, quota, callback, clock."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(self) -> list[Check]:
        """One line per thing tried; later ones are left out when an earlier one fails."""
        callback = self._check_callback()
        try:
            self._client.fetch_token()
        except PlatformError as error:
            return [_failed(error), callback]
        lines = [Check("token", True, "企业 ID 与 Secret 有效")]
        try:
            answer, head = self._client.probe("GET", f"{EXTERNAL}/get_follow_user_list")
            if head.code:
                raise BOOK.make_error(head.code, _with_ip(head.errmsg), self._client.now())
        except PlatformError as error:
            return [*lines, _failed(error), callback]
        lines += [
            Check("reachable", True, "接口有应答"),
            Check("ip", True, "本机出口 IP 可用"),
            Check("permission", True, "可以调用客户联系接口"),
        ]
        return [*lines, *self._check_people(answer), callback, self._check_clock(answer)]

    def _check_people(self, answer: HttpAnswer) -> list[Check]:
        staff = answer.json().get("follow_user", [])
        if not staff:
            advice = "给员工开通客户联系功能, 并加入应用可见范围"
            return [Check("staff", False, "看不到一名有客户联系功能的员工", advice)]
        lines = [Check("staff", True, f"{len(staff)} 名员工可见")]
        try:
            lines += [self._check_unionids(staff[:SAMPLE]), self._check_quota()]
        except PlatformError as error:
            return [*lines, _failed(error)]
        return [*lines, self._check_directory()]

    def _check_unionids(self, staff: list[str]) -> Check:
        """Whether customers come with the id that joins them with other accounts."""
        try:
            page = self._client.batch_get_by_user(staff, "")
        except PlatformError as error:
            if BOOK.rule_of(int(error.platform_code or 0)).name == "no_relation":
                return Check("unionid", True, "还没有客户, 有了再看")
            raise
        people = [item.external_contact for item in page.external_contact_list]
        users = [one for one in people if one.type == 1]
        if not users:
            return Check("unionid", True, "还没有微信客户, 有了再看")
        count = sum(bool(one.unionid) for one in users)
        detail = f"抽看 {len(users)} 位微信客户, {count} 位有 UnionID"
        return Check("unionid", count > 0, detail, "" if count else _ADVICE["unionid"])

    def _check_quota(self) -> Check:
        left = self._client.pacer.left_this_hour(BATCH)
        return Check("quota", True, "没有已知上限" if left is None else f"本小时还可拉取 {left} 次")

    def _check_directory(self) -> Check:
        try:
            self._client.read("GET", "/cgi-bin/department/list", Head)
        except PlatformError as error:
            return Check("directory", False, error.reason, _ADVICE["directory"])
        return Check("directory", True, "可以读取部门与员工姓名")

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
        is_ok = skew <= MAX_SKEW_SECONDS
        return Check("clock", is_ok, f"与平台时间相差 {skew} 秒", "" if is_ok else _ADVICE["clock"])


def _with_ip(text: str) -> str:
    """The platform's words, which name our address as it saw it."""
    return text if BOOK.find_address(text) else f"{text}, from ip: 未知"


def _failed(error: PlatformError) -> Check:
    """The line an error belongs to, its sentence, and what to do about it."""
    rule = error.code.rpartition(".")[2]
    advice = _ADVICE.get(rule, "")
    if not advice:
        is_limit = isinstance(error, WaitUntil)
        advice = _ADVICE["rate" if is_limit else _transport_rule(error)]
    return Check(_LINES.get(rule, "reachable"), False, error.reason, advice)


def _transport_rule(error: PlatformError) -> str:
    return "broken" if isinstance(error, UnknownOutcome) else "connect"
