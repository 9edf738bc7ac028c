"""RE2's patterns for Java: what both write differently, so that both find the same.

RE2 knows only `\\n` as the end of a line, `$` as the very end of the text, names of groups as
`(?P<name>`, and classes as `[[:alpha:]]`; ignoring case, it goes beyond ASCII.
"""

from __future__ import annotations

import re

_FLAGS = "(?du)"
_MULTILINE = re.compile(r"\(\?[a-zA-Z]*m")
_CLASSES = {
    "[:alpha:]": r"\p{Alpha}",
    "[:digit:]": r"\p{Digit}",
    "[:alnum:]": r"\p{Alnum}",
    "[:upper:]": r"\p{Upper}",
    "[:lower:]": r"\p{Lower}",
    "[:punct:]": r"\p{Punct}",
    "[:space:]": r"\s\x0B",
    "[:blank:]": r" \t",
    "[:xdigit:]": r"\p{XDigit}",
    "[:word:]": r"\w",
}
_PIECE = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\(\?P<\w+>|\[:\w+:\]|\[\^?\]?|\]|\$|&&|.", re.DOTALL)


def to_java(pattern: str) -> str:
    """A pattern for Java that finds what `pattern` finds in RE2."""
    is_multiline = _MULTILINE.search(pattern) is not None
    parts, is_class = [_FLAGS], False
    for piece in _PIECE.findall(pattern):
        if is_class:
            parts.append(_in_class(piece))
            is_class = piece != "]"
        else:
            is_class = piece.startswith("[")
            parts.append(_outside(piece, is_multiline=is_multiline))
    return "".join(parts)


def _outside(piece: str, *, is_multiline: bool) -> str:
    if piece == "$":
        return piece if is_multiline else r"\z"
    if piece.startswith("(?P<"):
        return "("
    if piece.startswith("["):
        return piece.replace("]", r"\]")
    return r"[\t\n\f\r ]" if piece == r"\s" else piece


def _in_class(piece: str) -> str:
    if piece in _CLASSES:
        return _CLASSES[piece]
    if piece == "&&":
        return r"\&\&"
    if piece == r"\s":
        return r"\t\n\f\r "
    return piece.replace("[", r"\[") if piece.startswith("[") else piece
