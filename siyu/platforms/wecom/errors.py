"""WeCom's error codes: what one can do about each, and a sentence for people.

Sources: the platform's global error list (path/90313) and each call's own page.
"""

from __future__ import annotations

import re

from siyu.wechat.codes import CodeBook, Recovery, Rule

_TOKEN = Rule(Recovery.REFRESH, "token", "访问令牌已失效")
_RATE = Rule(Recovery.WAIT, "rate", "调用过于频繁, 企业微信要求暂停")
_WELCOME = "欢迎语已无法发送"
RULES: dict[int, Rule] = {
    -1: Rule(Recovery.RETRY, "busy", "企业微信繁忙"),
    45033: Rule(Recovery.RETRY, "concurrency", "同时调用过多"),
    41096: Rule(Recovery.RETRY, "welcome_shared", "另一个应用正在使用同一欢迎语凭证"),
    41063: Rule(Recovery.RETRY, "dispatching", "群发任务仍在派发中"),
    45009: _RATE,
    40014: _TOKEN,
    41001: _TOKEN,
    42001: _TOKEN,
    40001: Rule(Recovery.REAUTH, "secret", "应用 Secret 不正确"),
    40091: Rule(Recovery.REAUTH, "secret", "Secret 属于另一家企业"),
    40013: Rule(Recovery.REAUTH, "corp_id", "企业 ID 不正确"),
    41002: Rule(Recovery.REAUTH, "corp_id", "缺少企业 ID"),
    41004: Rule(Recovery.REAUTH, "secret", "缺少应用 Secret"),
    48002: Rule(Recovery.REAUTH, "permission", "应用未获准调用客户联系接口"),
    48004: Rule(Recovery.REAUTH, "permission", "授权已被取消"),
    60011: Rule(Recovery.REAUTH, "permission", "员工、部门或标签不在应用权限内"),
    60020: Rule(Recovery.REAUTH, "ip", "本机出口 IP 不在企业可信 IP 中"),
    60021: Rule(Recovery.REAUTH, "visible_range", "员工不在应用可见范围内"),
    84074: Rule(Recovery.REAUTH, "permission", "没有外部联系人权限"),
    301002: Rule(Recovery.REAUTH, "permission", "没有权限操作该应用"),
    84061: Rule(Recovery.IGNORE, "no_relation", "不存在客户关系"),
    86001: Rule(Recovery.IGNORE, "no_group", "没有这个客户群"),
    81017: Rule(Recovery.REFUSE, "too_many_staff", "可见员工超过 1000 名, 须按群主分批拉取"),
    95000: Rule(Recovery.REFUSE, "desk", "没有这个客服账号"),
    60030: Rule(Recovery.REFUSE, "desk_lost", "这个客服账号没有授权给本应用"),
    95001: Rule(Recovery.REFUSE, "window_full", "客户下次发言前最多发 5 条, 已用完"),
    95002: Rule(Recovery.REFUSE, "window_closed", "客户最后一次发言已超过 48 小时"),
    95007: Rule(Recovery.REFUSE, "welcome_expired", "客服欢迎语凭证无效或已过期"),
    95014: Rule(Recovery.REFUSE, "servicer", "接待人员不在接待中"),
    95016: Rule(Recovery.REFUSE, "session", "会话当前状态不允许这样转接"),
    95018: Rule(Recovery.REFUSE, "session", "会话不在可由接口回复的状态 (可能正由人工接待)"),
    40071: Rule(Recovery.IGNORE, "tag_exists", "标签已存在"),
    40003: Rule(Recovery.REFUSE, "userid", "员工账号无效"),
    60111: Rule(Recovery.REFUSE, "userid", "员工不在通讯录中"),
    40096: Rule(Recovery.REFUSE, "external_userid", "客户 ID 无效"),
    40058: Rule(Recovery.REFUSE, "parameter", "请求参数有误"),
    40068: Rule(Recovery.REFUSE, "tag", "标签 ID 无效"),
    81011: Rule(Recovery.REFUSE, "tag", "无权修改该标签"),
    81013: Rule(Recovery.REFUSE, "nobody", "接收人全部无效或无权限"),
    41035: Rule(Recovery.REFUSE, "cursor", "翻页参数无效"),
    50100: Rule(Recovery.REFUSE, "cursor", "翻页游标无效"),
    41037: Rule(Recovery.REFUSE, "contact_way", "联系我配置 ID 无效"),
    41041: Rule(Recovery.REFUSE, "contact_way", "一个活码最多 100 名员工"),
    41054: Rule(Recovery.REFUSE, "userid", "员工未激活或未绑定微信"),
    41046: Rule(Recovery.REFUSE, "nobody", "群发对象为空"),
    41047: Rule(Recovery.REFUSE, "nobody", "群发对象为空"),
    41048: Rule(Recovery.REFUSE, "nobody", "没有可以发送的客户"),
    41050: Rule(Recovery.REFUSE, "welcome_expired", f"{_WELCOME}: 凭证无效或已超过 20 秒"),
    41051: Rule(Recovery.REFUSE, "welcome_used", f"{_WELCOME}: 已聊天或已发送过"),
    41053: Rule(Recovery.REFUSE, "welcome_consent", f"{_WELCOME}: 客户未同意会话存档"),
    41057: Rule(Recovery.REFUSE, "no_developer_account", "企业未绑定微信开发者 ID, 取不到 UnionID"),
}
RULES |= {
    40029: Rule(Recovery.REFUSE, "code", "登录凭证无效或已用过"),
    40093: Rule(Recovery.REFUSE, "signature", "页面签名无效"),
    42012: Rule(Recovery.REFUSE, "ticket", "页面凭证已过期"),
    91040: Rule(Recovery.REFUSE, "ticket", "页面凭证类型不对"),
    40097: Rule(Recovery.REFUSE, "not_resigned", "原成员还没有离职"),
    40098: Rule(Recovery.REFUSE, "taker_unverified", "接替成员尚未实名认证"),
    40099: Rule(Recovery.REFUSE, "taker_full", "接替成员的客户数已达上限"),
    40100: Rule(Recovery.REFUSE, "moving", "客户正在被转接"),
    40128: Rule(Recovery.REFUSE, "too_often", "这位客户 90 天内已被转接 2 次"),
    40129: Rule(Recovery.REFUSE, "moving", "客户正在被转接"),
    40130: Rule(Recovery.REFUSE, "same_person", "原成员与接替成员是同一人"),
    40131: Rule(Recovery.REFUSE, "not_his", "客户不是原成员的好友"),
    90500: Rule(Recovery.REFUSE, "owner_state", "群主的在职状态与所选方式不符"),
    90501: Rule(Recovery.REFUSE, "no_group", "没有这个客户群"),
    90503: Rule(Recovery.REFUSE, "same_owner", "群主没有变化"),
    90506: Rule(Recovery.REFUSE, "groups_today", "新群主今天接手的客户群已达上限"),
    90507: Rule(Recovery.REFUSE, "too_often", "这个客户群 90 天内已被转接 2 次"),
}
BOOK = CodeBook("wecom", "企业微信", RULES, re.compile(r"from ip: ([0-9a-fA-F.:]+)"))
