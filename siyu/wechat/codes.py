"""What an error code of Tencent's APIs means to us: what one can do about it, and a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from siyu.kernel.errors import (
    PlatformError,
    PlatformRefused,
    Reauth,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)

RATE_PAUSE = timedelta(seconds=60)


class Recovery(StrEnum):
    RETRY = "retry"
    WAIT = "wait"
    REFRESH = "refresh"
    """The token ended early: fetch a new one and call once more."""
    REAUTH = "reauth"
    REFUSE = "refuse"
    IGNORE = "ignore"
    """Refused, but the wish is fulfilled or void: the caller treats it as nothing to do."""


class Rule(NamedTuple):
    """pause: how long to leave the API alone when the recovery is to wait."""

    recovery: Recovery
    name: str
    sentence: str
    pause: timedelta = RATE_PAUSE


_CLASSES: dict[Recovery, type[PlatformError]] = {
    Recovery.RETRY: RetryLater,
    Recovery.REFRESH: Reauth,
    Recovery.REAUTH: Reauth,
    Recovery.REFUSE: PlatformRefused,
    Recovery.IGNORE: PlatformRefused,
}


@dataclass(frozen=True)
class CodeBook:
    """The codes of one API.

    key: the first part of our own codes (`wecom`); name: what people call the platform; address:
    finds the caller's address in the text of an error, as its first group; blank: so the blank of
    a form whose filling was refused.
    """

    key: str
    name: str
    rules: Mapping[int, Rule]
    address: re.Pattern[str]
    blank: re.Pattern[str] | None = None

    def rule_of(self, code: int) -> Rule:
        """What to do about a code; unknown ones are refusals."""
        return self.rules.get(code) or Rule(
            Recovery.REFUSE, "refused", f"{self.name}拒绝了这次调用"
        )

    def is_ignorable(self, error: PlatformError) -> bool:
        """Whether the wish behind the refused call is fulfilled or void."""
        code = error.platform_code
        return code.lstrip("-").isdigit() and self.rule_of(int(code)).recovery is Recovery.IGNORE

    def is_token_over(self, error: PlatformError) -> bool:
        """Whether a call may succeed with a fresh token."""
        return self.rule_of(int(error.platform_code)).recovery is Recovery.REFRESH

    def make_error(self, code: int, text: str, now: datetime) -> PlatformError:
        """The exception of an error code. `text` is the platform's own, shown only in part."""
        rule = self.rule_of(code)
        named = self.find_address(text) if rule.name == "ip" else self._find_blank(rule, text)
        reason = f"{rule.sentence}{': ' if named else ''}{named} ({self.name} {code})"
        name = f"{self.key}.{rule.name}"
        if rule.recovery is Recovery.WAIT:
            return WaitUntil(name, reason, until=now + rule.pause, platform_code=str(code))
        return _CLASSES[rule.recovery](name, reason, platform_code=str(code))

    def find_address(self, text: str) -> str:
        """The caller's address as the platform saw it, out of an error text; "" when absent."""
        found = self.address.search(text)
        return found[1].rstrip(".") if found else ""

    def _find_blank(self, rule: Rule, text: str) -> str:
        if rule.name != "template_data" or self.blank is None:
            return ""
        found = self.blank.search(text)
        return found[1] if found else ""

    def broken(self, what: str, *, is_safe: bool) -> PlatformError:
        """The error of an answer that cannot be used. is_safe: the call may be repeated."""
        if is_safe:
            return RetryLater(f"{self.key}.broken", f"{self.name}的回答不可用 ({what})")
        reason = f"{self.name}的回答不可用, 不知道是否已执行 ({what})"
        return UnknownOutcome(f"{self.key}.unknown", reason)
