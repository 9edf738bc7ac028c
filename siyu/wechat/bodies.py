"""Callback bodies: XML or JSON → plain values; and XML written as WeChat writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from siyu.kernel.errors import Refused
from siyu.kernel.ids import digest

MAX_BODY = 1024 * 1024


def read_body(body: bytes) -> dict[str, Any]:
    """The fields of a message, nested ones as mappings, repeated ones as lists.

    Refused when it is neither XML (without DTD) nor a JSON object, or is too large.
    """
    if len(body) > MAX_BODY:
        raise Refused("callback.size", "回调超过 1 MiB", field="body")
    return _read_json(body) if body.lstrip()[:1] == b"{" else _read_xml(body)


def many(value: Any) -> list[Any]:
    """A field that may come once or repeated, as a list."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [value]


def to_xml(fields: Mapping[str, Any], *, root: str = "xml") -> str:
    """`<xml>` with one element per field: numbers bare, texts as CDATA, lists repeated."""
    return f"<{root}>{''.join(_element(name, value) for name, value in fields.items())}</{root}>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        return to_xml(value, root=name)
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    text = str(value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(body) from error


def _read_xml(body: bytes) -> dict[str, Any]:
    try:
        body.decode("utf-8")
        fields = _value(fromstring(body, forbid_dtd=True))
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise _unreadable(body) from error
    return fields if isinstance(fields, dict) else {}


def _value(element: Element) -> Any:
    children = list(element)
    if not children:
        return (element.text or "").strip()
    fields: dict[str, Any] = {}
    for child in children:
        value = _value(child)
        if child.tag in fields:
            fields[child.tag] = [*many(fields[child.tag]), value]
        else:
            fields[child.tag] = value
    return fields


def _unreadable(body: bytes) -> Refused:
    return Refused(
        "callback.body", f"回调不是有效的 XML 或 JSON ({digest(body).hex()})", field="body"
    )
