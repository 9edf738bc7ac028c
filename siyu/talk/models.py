"""Conversations and their messages. Texts live here, in the state store, and nowhere else."""

from __future__ import annotations

from django.db import models

from siyu.talk.desk_models import Desk, DeskSession
from siyu.talk.script_models import Script, ScriptGroup, ScriptSend

__all__ = ["Conversation", "Desk", "DeskSession", "Message", "Script", "ScriptGroup", "ScriptSend"]


class Conversation(models.Model):
    """One customer talking with one of our accounts.

    thread: the platform's conversation id, or `identity:<id>` where it has none. unread: messages
    of the customer since we last answered or looked.
    """

    customer_id = models.BigIntegerField(db_index=True)
    identity_id = models.BigIntegerField(db_index=True)
    account = models.CharField(max_length=128)
    thread = models.CharField(max_length=160)
    last_text = models.CharField(max_length=200, blank=True)
    last_at = models.DateTimeField()
    unread = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "thread"], name="conversation_once"),
        )
        indexes = (models.Index(fields=["last_at", "id"], name="conversation_latest"),)


class Message(models.Model):
    """One message. key: the platform's id of it, so that hearing it twice keeps it once.

    is_ours: we said it; is_manual: typed by a person in the platform's own app.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=160)
    is_ours = models.BooleanField()
    is_manual = models.BooleanField(default=False)
    kind = models.CharField(max_length=32)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "key"], name="message_once"),
        )
        indexes = (models.Index(fields=["conversation", "at", "id"], name="message_order"),)


class AutoReply(models.Model):
    """What is said at once, and when. account: "" = every account.

    trigger: `message`, `follow`, `click` or `default` (a message nothing else answers). match:
    `exact`, `contains` or `regex`; words: what is looked for, the scenes of followers, or the
    keys of buttons; none = any. reply: one piece in the neutral shape of `siyu.ports.replies`; a
    picture may be named by `material`, the id of a file of ours, instead of `media_id`.
    """

    account = models.CharField(max_length=128, blank=True)
    name = models.CharField(max_length=64)
    trigger = models.CharField(max_length=16)
    match = models.CharField(max_length=16)
    words = models.JSONField(default=list)
    reply = models.JSONField(default=dict)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    hits = models.IntegerField(default=0)
    created_at = models.DateTimeField()


class Menu(models.Model):
    """The menu an account should show. buttons: `siyu.ports.menus.MenuButton`s; published_at:
    when it was last put to the platform, null = only a draft."""

    account = models.CharField(max_length=128, primary_key=True)
    buttons = models.JSONField(default=list)
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
