"""Errors grouped by what the caller can do about them.

SiyuError
├── Refused       the request is wrong: say which field and why (HTTP 422)
│   └── Conflict  it contradicts what is already there (HTTP 409)
├── NotFound      no such thing, or not visible to this actor (HTTP 404)
├── Forbidden     the actor may not (HTTP 403)
└── PlatformError a platform answered with a failure, by recovery
    ├── RetryLater     passing: try the same call again
    ├── WaitUntil      a limit: try again at `until`
    ├── Reauth         credentials or rights are wrong: a person must act
    ├── PlatformRefused this call will never succeed
    └── UnknownOutcome the call may or may not have happened: reconcile, never repeat blindly
"""

from __future__ import annotations

from datetime import datetime


class SiyuError(Exception):
    """Base of all our errors: a stable `code`, a sentence, and the field at fault."""

    status = 500

    def __init__(self, code: str, reason: str, *, field: str | None = None) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.field = field


class Refused(SiyuError):
    status = 422


class Conflict(Refused):
    status = 409


class NotFound(SiyuError):
    status = 404


class Forbidden(SiyuError):
    status = 403


class PlatformError(SiyuError):
    """A platform said no; `platform_code` is its own number or word."""

    status = 502

    def __init__(
        self, code: str, reason: str, *, platform_code: str = "", field: str | None = None
    ) -> None:
        super().__init__(code, reason, field=field)
        self.platform_code = platform_code


class RetryLater(PlatformError):
    pass


class WaitUntil(PlatformError):
    def __init__(self, code: str, reason: str, *, until: datetime, platform_code: str = "") -> None:
        super().__init__(code, reason, platform_code=platform_code)
        self.until = until


class Reauth(PlatformError):
    pass


class PlatformRefused(PlatformError):
    pass


class UnknownOutcome(PlatformError):
    pass
