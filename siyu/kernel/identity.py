"""Identities: a namespace, its scope and a normalised value.

A namespace says what kind of id it is (`phone`, `wx_unionid`), the scope where it is unique
(a corp id, an app id, or "" when global). Two identities are the same person's only when an
edge says so; equality of all three parts means they are the same identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import cast

import msgspec
import re2

from siyu.kernel.errors import Refused
from siyu.kernel.phones import normalise_phone

MAX_VALUE = 254
MAX_PATTERN = 200


class Strength(StrEnum):
    """How much an identity proves: strong ids join customers, weak ids only attach."""

    STRONG = "strong"
    WEAK = "weak"


class ScopeKind(StrEnum):
    """Where a value is unique: one app, one open-platform account, one corp, or everywhere."""

    APP = "app"
    OPEN_ACCOUNT = "open_account"
    CORP = "corp"
    GLOBAL = "global"


class Limit(msgspec.Struct, frozen=True):
    """At most `count` values of a namespace per person and scope.

    days: the limit holds for any so many days, by when a value was first seen; 0: for ever.
    """

    count: int
    days: int = 0

    def __str__(self) -> str:
        return f"{self.count} per {self.days} days" if self.days else f"{self.count} ever"


_LIMIT = re.compile(r"^(\d{1,4}) (?:ever|per (\d{1,4}) days?)$")


def parse_limit(text: str) -> Limit:
    """`1 ever`, `5 per 7 days`; Refused when it is neither."""
    found = _LIMIT.match(text.strip())
    if found is None or int(found[1]) < 1 or (found[2] is not None and int(found[2]) < 1):
        raise Refused("rule.limit", "上限须写成 5 ever 或 5 per 7 days", field="limit")
    return Limit(int(found[1]), int(found[2] or 0))


class Identity(msgspec.Struct, frozen=True, order=True):
    """One id of one person; `value` is already normalised."""

    namespace: str
    scope: str
    value: str

    @property
    def key(self) -> str:
        """`namespace:scope:value`, unique and stable."""
        return f"{self.namespace}:{self.scope}:{self.value}"


class NamespaceRule(msgspec.Struct, frozen=True, kw_only=True):
    """What a namespace promises.

    `scope`: where its values are unique.
    `priority` orders namespaces when one must give way: the smaller number stays.
    `is_single_valued`: a person has at most one value of it in one scope (`1 ever`).
    `limit`: a wider limit than that, as text (`5 per 7 days`); "" for none.
    `max_degree`: distinct other identities one value may be linked to before it is quarantined.
    `blocked`, `blocked_patterns` (RE2, the whole value): values that are nobody's.
    """

    name: str
    zh: str
    en: str
    strength: Strength = Strength.STRONG
    scope: ScopeKind = ScopeKind.APP
    is_single_valued: bool = True
    limit: str = ""
    priority: int = 50
    normaliser: str = "text"
    max_degree: int = 20
    is_personal: bool = False
    blocked: tuple[str, ...] = ()
    blocked_patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.limit:
            parse_limit(self.limit)
        for pattern in self.blocked_patterns:
            compile_pattern(pattern)

    @property
    def max_values(self) -> Limit | None:
        """How many values one person may have per scope; None for any number."""
        if self.is_single_valued:
            return Limit(1)
        return parse_limit(self.limit) if self.limit else None


BUILT_IN: tuple[NamespaceRule, ...] = (
    NamespaceRule(
        name="wx_unionid",
        zh="微信 UnionID",
        en="WeChat UnionID",
        scope=ScopeKind.OPEN_ACCOUNT,
        priority=10,
    ),
    NamespaceRule(
        name="phone",
        zh="手机号",
        en="Phone",
        scope=ScopeKind.GLOBAL,
        priority=20,
        normaliser="phone",
        is_single_valued=False,
        is_personal=True,
    ),
    NamespaceRule(name="user_id", zh="商城用户 ID", en="User ID", priority=30),
    NamespaceRule(
        name="email",
        zh="邮箱",
        en="Email",
        scope=ScopeKind.GLOBAL,
        priority=40,
        normaliser="email",
        is_single_valued=False,
        is_personal=True,
    ),
    NamespaceRule(
        name="anonymous_id",
        zh="匿名 ID",
        en="Anonymous ID",
        priority=90,
        strength=Strength.WEAK,
        is_single_valued=False,
    ),
    NamespaceRule(name="import_id", zh="导入客户号", en="Imported customer ID", priority=35),
)

_POISON = re.compile(
    r"^(\(?null\)?|none|nil|undefined|nan|anonymous|guest|test|unknown|-1|n/?a|true|false|\\n"
    r"|\[object object\]|[0\-]+|(.)\2{5,}|d41d8cd98f00b204e9800998ecf8427e"
    r"|da39a3ee5e6b4b0d3255bfef95601890afd80709"
    r"|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855)$",
    re.IGNORECASE,
)


def normalise_text(value: str) -> str:
    return unicodedata.normalize("NFC", value.strip())


def normalise_email(value: str) -> str:
    """Lower-case, IDN kept as punycode; refused when it is no address."""
    text = unicodedata.normalize("NFKC", value.strip()).lower()
    local, _, domain = text.rpartition("@")
    if not local or "." not in domain or any(c.isspace() for c in text):
        raise Refused("identity.email", "这不是一个邮箱地址", field="email")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Refused("identity.email", "邮箱域名无效", field="email") from error


_NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "text": normalise_text,
    "phone": normalise_phone,
    "email": normalise_email,
}


def is_poison(value: str) -> bool:
    """True for values that many strangers share: `null`, `0000…`, hashes of nothing."""
    return bool(_POISON.match(value))


@lru_cache(maxsize=1_024)
def compile_pattern(pattern: str) -> Callable[[str], object]:
    """A test of whole values by RE2, linear in their length; Refused when it is no pattern."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        found = re2.compile(pattern, options) if 0 < len(pattern) <= MAX_PATTERN else None
    except re2.error as error:
        raise Refused("rule.pattern", f"不是有效的 RE2 正则: {error}", field="pattern") from error
    if found is None:
        raise Refused("rule.pattern", "正则须为 1 到 200 个字符", field="pattern")
    return cast("Callable[[str], object]", found.fullmatch)


def is_blocked(rule: NamespaceRule, value: str) -> bool:
    """Whether a normalised value can be nobody's under this rule."""
    if value in rule.blocked or is_poison(value):
        return True
    return any(compile_pattern(pattern)(value) for pattern in rule.blocked_patterns)


class Namespaces:
    """The namespaces this deployment knows: the built-in ones and those of the manifests."""

    def __init__(self, extra: Iterable[NamespaceRule] = ()) -> None:
        self._rules = {rule.name: rule for rule in (*BUILT_IN, *extra)}

    def __iter__(self) -> Iterator[NamespaceRule]:
        return iter(self._rules.values())

    def get(self, name: str) -> NamespaceRule:
        """The rule of a namespace; Refused when nobody declares it."""
        rule = self._rules.get(name)
        if rule is None:
            raise Refused("identity.namespace", f"未知的身份命名空间 {name!r}", field="namespace")
        return rule

    def normalise(self, namespace: str, value: str) -> str:
        """A value as its namespace writes it; Refused when it cannot be one of it."""
        return _NORMALISERS[self.get(namespace).normaliser](value)

    def identity(self, namespace: str, value: str, scope: str = "") -> Identity:
        """A normalised identity; Refused when the value can be nobody's."""
        rule = self.get(namespace)
        text = self.normalise(namespace, value)
        if not text or len(text) > MAX_VALUE or "\x00" in text:
            raise Refused("identity.value", "身份值为空或过长", field=namespace)
        if is_blocked(rule, text):
            raise Refused("identity.poison", "该值被多人共用, 不能作为身份", field=namespace)
        return Identity(namespace, "" if rule.scope is ScopeKind.GLOBAL else scope, text)
