"""Secrets never reach a log line."""

from __future__ import annotations

import re

SECRET_NAMES = (
    "access_token",
    "suite_access_token",
    "component_access_token",
    "refresh_token",
    "client_token",
    "corpsecret",
    "client_secret",
    "app_secret",
    "appsecret",
    "secret",
    "permanent_code",
    "encoding_aes_key",
    "aes_key",
    "password",
    "authorization",
    "jsapi_ticket",
    "ticket",
    "session_key",
    "api_key",
    "write_key",
    "token",
    "key",
)
_IN_URL = re.compile(rf"((?:^|[?&\s])(?:{'|'.join(SECRET_NAMES)})=)[^&\s#\"']+", re.IGNORECASE)
_IN_JSON = re.compile(
    rf"([\"'](?:{'|'.join(SECRET_NAMES)})[\"']\s*:\s*)([\"'])(?:\\.|(?!\2).)*\2", re.IGNORECASE
)


def mask(text: str) -> str:
    """The text with the values of all secret names replaced by `***`."""
    return _IN_JSON.sub(r"\1\2***\2", _IN_URL.sub(r"\1***", text))
