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

import msgspec

from siyu.kernel.errors import Refused
from siyu.kernel.phones import normalise_phone

MAX_VALUE = 254


class Strength(StrEnum):
    """How much an identity proves: strong ids join customers, weak ids only attach."""

    STRONG = "strong"
    WEAK = "weak"


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

    `priority` orders namespaces when one must give way: the smaller number stays.
    `is_single_valued`: a person has at most one value of it in one scope.
    `max_degree`: distinct other identities one value may be linked to before it is quarantined.
    """

    name: str
    zh: str
    en: str
    strength: Strength = Strength.STRONG
    is_single_valued: bool = True
    priority: int = 50
    normaliser: str = "text"
    max_degree: int = 20
    is_personal: bool = False
    blocked: tuple[str, ...] = ()


BUILT_IN: tuple[NamespaceRule, ...] = (
    NamespaceRule(name="wx_unionid", zh="微信 UnionID", en="WeChat UnionID", priority=10),
    NamespaceRule(
        name="phone",
        zh="手机号",
        en="Phone",
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
    r"^(null|none|nil|undefined|nan|anonymous|guest|test|unknown|-1|n/?a|true|false"
    r"|[0\-]+|(.)\2{5,}|d41d8cd98f00b204e9800998ecf8427e)$",
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
    """True for values that many strangers share: `null`, `0000…`, one repeated character."""
    return bool(_POISON.match(value))


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

    def identity(self, namespace: str, value: str, scope: str = "") -> Identity:
        """A normalised identity; Refused when the value can be nobody's."""
        rule = self.get(namespace)
        text = _NORMALISERS[rule.normaliser](value)
        if not text or len(text) > MAX_VALUE or "\x00" in text:
            raise Refused("identity.value", "身份值为空或过长", field=namespace)
        if is_poison(text) or text in rule.blocked:
            raise Refused("identity.poison", "该值被多人共用, 不能作为身份", field=namespace)
        return Identity(namespace, scope, text)
