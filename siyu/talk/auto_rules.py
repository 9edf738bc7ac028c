"""Which automatic reply fits what a customer did. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from siyu.kernel.identity import compile_pattern
from siyu.ports import facts
from siyu.ports.facts import Fact

MESSAGE, FOLLOW, CLICK, DEFAULT = "message", "follow", "click", "default"
TRIGGERS = (MESSAGE, FOLLOW, CLICK, DEFAULT)
EXACT, CONTAINS, REGEX = "exact", "contains", "regex"
MATCHES = (EXACT, CONTAINS, REGEX)
_HEARD = {
    facts.MESSAGE_RECEIVED: MESSAGE,
    facts.FOLLOWED: FOLLOW,
    facts.MENU_CLICKED: CLICK,
}


@dataclass(frozen=True)
class Rule:
    """One automatic reply; see `models.AutoReply`."""

    id: int
    account: str
    trigger: str
    match: str
    words: tuple[str, ...]
    reply: Mapping[str, str]


def choose(rules: Sequence[Rule], fact: Fact) -> Rule | None:
    """The first rule that fits; a default one only when no other does.

    Rules of the account go before those of every account; else their order counts.
    """
    heard = _HEARD.get(fact.name)
    if heard is None:
        return None
    word = _word(heard, fact)
    mine = [rule for rule in rules if rule.account in {"", fact.account}]
    mine.sort(key=lambda rule: rule.account == "")
    for rule in mine:
        if rule.trigger == heard and is_match(rule, word):
            return rule
    if heard != MESSAGE:
        return None
    return next((rule for rule in mine if rule.trigger == DEFAULT), None)


def is_match(rule: Rule, word: str) -> bool:
    """Whether a rule's words fit; upper and lower case are the same."""
    if not rule.words:
        return rule.trigger != MESSAGE
    said = word.strip().casefold()
    if rule.match == EXACT:
        return any(said == one.strip().casefold() for one in rule.words)
    if rule.match == CONTAINS:
        return any(one.strip().casefold() in said for one in rule.words if one.strip())
    return any(search_pattern(one)(word) for one in rule.words)


def search_pattern(pattern: str) -> Callable[[str], object]:
    """An RE2 pattern looked for anywhere in a text; Refused when it is none."""
    return compile_pattern(f"(?is).*(?:{pattern}).*")


def _word(heard: str, fact: Fact) -> str:
    if heard == MESSAGE:
        return str(fact.private.get("text") or "")
    name = "state" if heard == FOLLOW else "key"
    return str(fact.properties.get(name) or "")
