"""Error codes of WeChat's open API: what one can do about each, and a sentence for people.

Sources: the global return codes of the official account and mini program documents
(developers.weixin.qq.com, read 2026-11) and each call's own page.
"""

from __future__ import annotations

import re
from datetime import timedelta

from siyu.wechat.codes import CodeBook, Recovery, Rule

DAILY_PAUSE = timedelta(minutes=10)

_TOKEN = Rule(Recovery.REFRESH, "token", "访问令牌已失效")
_CODE = "登录凭证无效或已过期"
_REFUSE = Recovery.REFUSE
RULES: dict[int, Rule] = {
    -1: Rule(Recovery.RETRY, "busy", "微信繁忙"),
    45009: Rule(Recovery.WAIT, "daily_quota", "接口调用次数已达当日上限", DAILY_PAUSE),
    45011: Rule(Recovery.WAIT, "rate", "调用过于频繁, 微信要求暂停"),
    45066: Rule(Recovery.WAIT, "rate", "同一群发一分钟内只能重试一次"),
    40001: _TOKEN,
    40014: _TOKEN,
    41001: _TOKEN,
    42001: _TOKEN,
    40013: Rule(Recovery.REAUTH, "appid", "AppID 不正确"),
    40125: Rule(Recovery.REAUTH, "secret", "AppSecret 不正确"),
    41002: Rule(Recovery.REAUTH, "appid", "缺少 AppID"),
    41004: Rule(Recovery.REAUTH, "secret", "缺少 AppSecret"),
    40164: Rule(Recovery.REAUTH, "ip", "本机出口 IP 不在 IP 白名单中"),
    48004: Rule(Recovery.REAUTH, "banned", "接口已被微信封禁"),
    61003: Rule(Recovery.REAUTH, "permission", "账号没有授权给该开放平台应用"),
    61004: Rule(Recovery.REAUTH, "ip", "本机出口 IP 未登记"),
    61007: Rule(Recovery.REAUTH, "permission", "账号没有授权这个接口"),
    48001: Rule(_REFUSE, "unauthorised", "账号没有这个接口的权限 (未认证, 或类型不支持)"),
    48006: Rule(_REFUSE, "clear_quota", "清零次数已用完"),
    40003: Rule(_REFUSE, "openid", "OpenID 无效, 或属于另一个 AppID"),
    46004: Rule(_REFUSE, "openid", "没有这个用户"),
    43004: Rule(_REFUSE, "not_fan", "对方没有关注公众号"),
    50005: Rule(_REFUSE, "not_fan", "对方没有关注公众号"),
    43019: Rule(_REFUSE, "blocked_fan", "对方在黑名单中"),
    50002: Rule(_REFUSE, "user_limited", "用户受限"),
    48002: Rule(_REFUSE, "fan_refuses", "粉丝关闭了接收消息"),
    43101: Rule(_REFUSE, "no_permit", "用户没有订阅, 或订阅次数已用完"),
    45015: Rule(_REFUSE, "window_closed", "超出客服消息的回复时限"),
    45047: Rule(_REFUSE, "window_full", "超出客服消息的条数上限"),
    40007: Rule(_REFUSE, "media", "素材 media_id 无效或已过期"),
    40037: Rule(_REFUSE, "template", "模板 ID 无效"),
    41030: Rule(_REFUSE, "page", "小程序页面路径无效, 或小程序未发布"),
    40165: Rule(_REFUSE, "page", "小程序页面路径无效"),
    47001: Rule(_REFUSE, "body", "请求内容不是有效的 JSON"),
    47003: Rule(_REFUSE, "template_data", "模板字段的内容不符合格式"),
    44002: Rule(_REFUSE, "body", "请求内容为空"),
    45002: Rule(_REFUSE, "too_long", "消息内容超过长度限制"),
    45028: Rule(_REFUSE, "mass_quota", "群发次数已用完"),
    45065: Rule(Recovery.IGNORE, "mass_repeated", "这次群发已经提交过"),
    45067: Rule(_REFUSE, "mass_key", "clientmsgid 过长"),
    45083: Rule(_REFUSE, "mass_speed", "群发速度参数无效"),
    45056: Rule(_REFUSE, "tag_limit", "标签数量已达 100 个上限"),
    45157: Rule(Recovery.IGNORE, "tag_exists", "标签已存在"),
    45158: Rule(_REFUSE, "tag_name", "标签名过长"),
    45159: Rule(_REFUSE, "tag", "标签 ID 无效"),
    45059: Rule(_REFUSE, "tag_limit", "该粉丝身上的标签已达 20 个上限"),
    45058: Rule(_REFUSE, "tag", "系统标签不能修改"),
    40016: Rule(_REFUSE, "menu", "菜单按钮数量超出限制"),
    40018: Rule(_REFUSE, "menu", "菜单按钮名称过长"),
    40019: Rule(_REFUSE, "menu", "菜单按钮 KEY 过长"),
    40020: Rule(_REFUSE, "menu", "菜单按钮链接过长"),
    40023: Rule(_REFUSE, "menu", "子菜单按钮数量超出限制"),
    40055: Rule(_REFUSE, "menu", "菜单按钮链接无效"),
    46003: Rule(Recovery.IGNORE, "no_menu", "还没有自定义菜单"),
    65301: Rule(Recovery.IGNORE, "no_menu", "没有这个个性化菜单"),
    65302: Rule(_REFUSE, "openid", "没有这个用户"),
    65303: Rule(_REFUSE, "no_default_menu", "请先发布默认菜单, 再建个性化菜单"),
    65304: Rule(_REFUSE, "menu_rule", "个性化菜单没有匹配条件"),
    65305: Rule(_REFUSE, "menu_limit", "个性化菜单的数量已达上限"),
    65306: Rule(_REFUSE, "unauthorised", "账号不支持个性化菜单"),
    65316: Rule(_REFUSE, "menu_domains", "个性化菜单的链接最多用 3 个域名"),
    65320: Rule(_REFUSE, "menu_privacy", "个性化菜单不能按性别、地区、语言区分"),
    40029: Rule(_REFUSE, "code", _CODE),
    40163: Rule(_REFUSE, "code", f"{_CODE}: 已被使用"),
    40226: Rule(_REFUSE, "risky_user", "微信判定该用户存在风险, 拒绝登录"),
    40212: Rule(_REFUSE, "link_query", "链接参数无效"),
    85079: Rule(_REFUSE, "page", "小程序没有线上版本"),
    40097: Rule(_REFUSE, "parameter", "请求参数有误"),
    10060001: Rule(_REFUSE, "shipping", "支付单不存在"),
    10060002: Rule(_REFUSE, "shipping", "支付单已完成发货, 不能再修改"),
    10060012: Rule(Recovery.IGNORE, "shipped", "发货信息没有变化"),
    100001: Rule(_REFUSE, "order", "没有这个订单"),
}
BOOK = CodeBook(
    "wechat",
    "微信",
    RULES,
    re.compile(r"invalid ip ([0-9a-fA-F.:]+)"),
    re.compile(r"data\.(\w+)\.value"),
)
