"""Callbacks of a mini program or store; signature, safe mode and repeats as all WeChat apps."""

from __future__ import annotations

from siyu.wechat.callbacks import WechatCallbacks


class MiniWebhook(WechatCallbacks):
    """The `Webhook` of one mini program or store: XML or JSON, as its settings say."""
