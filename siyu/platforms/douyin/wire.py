"""Shapes Douyin sends: the webhook envelope and the contents of its events."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from siyu.kernel.errors import Refused

MAX_BODY = 1024 * 1024
Shape = TypeVar("Shape")


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every webhook. `content` is JSON text in most events, an object in some."""

    event: str
    client_key: str = ""
    from_user_id: str = ""
    to_user_id: str = ""
    content: Any = None
    log_id: str = ""


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    open_id: str = ""
    nick_name: str = ""
    avatar: str = ""


class CardLine(msgspec.Struct, frozen=True, kw_only=True):
    label: str = ""
    value: str = ""


class MessageContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the `im_*` events; every field may be absent."""

    conversation_short_id: str = ""
    server_message_id: str = ""
    conversation_type: int = 1
    create_time: int | str = 0
    message_type: str = ""
    user_infos: tuple[UserInfo, ...] = ()
    text: str = ""
    source: str = ""
    card_id: str = ""
    card_data: tuple[CardLine, ...] = ()
    scene_type: int | str = 0
    object_id: str = msgspec.field(default="", name="objectId")


class ActionContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of follow, like and consent events."""

    action_time: int | str = 0
    create_time: int | str = 0
    item_id: str = ""
    nick_name: str = ""
    avatar: str = ""
    scopes: tuple[str, ...] = ()


def read_envelope(body: bytes) -> Envelope:
    """One UTF-8 JSON document; Refused when it is anything else."""
    if len(body) > MAX_BODY:
        raise Refused("callback.size", "回调内容超过 1 MiB", field="body")
    try:
        return msgspec.json.decode(body, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("callback.json", "回调不是一份有效的 JSON", field="body") from error


def read_content(envelope: Envelope, shape: type[Shape]) -> Shape:
    """The event's content, given as an object or as JSON text; Refused when malformed."""
    content = envelope.content
    if content is None:
        raise Refused("callback.missing", f"回调 {envelope.event} 缺少 content", field="content")
    try:
        if isinstance(content, str):
            return msgspec.json.decode(content or "{}", type=shape)
        return msgspec.convert(content, type=shape)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused(
            "callback.content", f"回调 {envelope.event} 的 content 无法读取", field="content"
        ) from error
