"""Events the platform sends to the brand: real XML, real AES and SHA-1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.platforms.wecom.crypto import encrypt, load_aes_key, sign
from siyu.platforms.wecom.sandbox.books import Corp
from siyu.ports.sandbox import Callback, World

ATTEMPTS = 3
TIMEOUT = 5.0


class Repeated(tuple[str, ...]):
    """Values of an element that is there once for each of them."""

    __slots__ = ()


Fields = Mapping[str, str | Sequence[str]]
"""Elements of an event; a list becomes `<Item>`s."""


def emit(world: World, corp: Corp, fields: Fields) -> None:
    """Hand one event to the postman; nothing when the corp has no callback URL."""
    corp.counts["events"] += 1
    if not corp.app.callback_url:
        return
    second = str(int(world.clock.now().timestamp()))
    head = {
        "ToUserName": corp.corp_id,
        "FromUserName": "sys",
        "CreateTime": second,
        "MsgType": "event",
    }
    world.deliver(seal(world, corp, to_xml({**head, **fields}).encode(), second))


def seal(world: World, corp: Corp, message: bytes, timestamp: str) -> Callback:
    """The encrypted, signed callback of a message."""
    random = world.chance.randbytes(16)
    encrypted = encrypt(load_aes_key(corp.app.aes_key), message, corp.corp_id, random=random)
    nonce = str(world.chance.randrange(10**9))
    body = to_xml({"ToUserName": corp.corp_id, "AgentID": corp.app.agent_id, "Encrypt": encrypted})
    query = {
        "msg_signature": sign(corp.app.token, timestamp, nonce, encrypted),
        "timestamp": timestamp,
        "nonce": nonce,
    }
    return Callback(
        url=corp.app.callback_url,
        body=body.encode(),
        query=query,
        headers={"content-type": "text/xml"},
        attempts=ATTEMPTS,
        timeout=TIMEOUT,
    )


def url_check(world: World, corp: Corp) -> dict[str, str]:
    """The query of the GET with which the platform checks a callback URL, and its `expects`."""
    expects = str(world.chance.randrange(10**18))
    timestamp = str(int(world.clock.now().timestamp()))
    nonce = str(world.chance.randrange(10**9))
    echo = encrypt(load_aes_key(corp.app.aes_key), expects.encode(), corp.corp_id)
    return {
        "msg_signature": sign(corp.app.token, timestamp, nonce, echo),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
        "expects": expects,
    }


def to_xml(fields: Fields) -> str:
    """`<xml>` with one element per field; numbers bare, texts as CDATA."""
    parts = [
        f"<{name}>{_value(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, Repeated) else (value,))
    ]
    return f"<xml>{''.join(parts)}</xml>"


def _value(value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        return "".join(f"<Item>{_value(item)}</Item>" for item in value)
    if value.isascii() and value.isdigit():
        return value
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
