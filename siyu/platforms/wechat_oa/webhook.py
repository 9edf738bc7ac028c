"""Callbacks of an official account; signature, safe mode and repeats as all WeChat apps have."""

from __future__ import annotations

from siyu.wechat.callbacks import WechatCallbacks


class OfficialWebhook(WechatCallbacks):
    """The `Webhook` of one official account."""
