"""Whole columns of identity values, normalised as `Namespaces.identity` would, but together.

What is plainly sound (mainland mobiles, ids of plain characters) is decided by vectorised
patterns; every other distinct value asks `Namespaces.identity` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.kernel.phones import FAKES
from siyu.pool import ruling

Flags = npt.NDArray[np.bool_]
_MOBILE = r"^(?:\+?86)?1[3-9][0-9]{9}$"
_PLAIN = r"^[A-Za-z0-9_.:+@-]{3,254}$"
_DIGIT = r"[1-9]"
_ONE_DIGIT = r"^(?:1+|2+|3+|4+|5+|6+|7+|8+|9+)$"
_DIGESTS = (32, 40, 64)
"""Lengths of hashes in hex: those of nothing are poison, so hashes are asked one by one."""


@dataclass(frozen=True)
class Normalised:
    """values: normalised text, "" where there is none. wrong: row → why it is no identity.

    is_listed: values on the poison list, which are kept and join nobody.
    """

    values: pa.StringArray
    wrong: Mapping[int, Refused]
    is_listed: Flags


def normalise_column(namespace: str, texts: pa.Array) -> Normalised:
    """One column of raw values (trimmed text, "" when empty)."""
    runtime().namespaces.get(namespace)
    rule = ruling.current().rule_of(namespace)
    is_empty = _flags(pc.equal(texts, ""))
    if rule.normaliser == "phone":
        is_plain = _flags(pc.match_substring_regex(texts, _MOBILE))
        local = pc.utf8_slice_codeunits(texts, start=-11)
        quick = pc.binary_join_element_wise("+86", local, "")
        is_plain &= ~_flags(pc.is_in(quick, value_set=pa.array(sorted(FAKES))))
    elif rule.normaliser == "text":
        quick, is_plain = texts, _plain_ids(texts)
    else:
        quick, is_plain = texts, np.zeros(len(texts), dtype=bool)
    is_plain &= ~listed_flags(namespace, quick)
    return _ask_the_rest(namespace, texts, quick, is_plain=is_plain, is_empty=is_empty)


def _plain_ids(texts: pa.Array) -> Flags:
    lengths = pc.utf8_length(texts)
    return (
        _flags(pc.match_substring_regex(texts, _PLAIN))
        & _flags(pc.match_substring_regex(texts, _DIGIT))
        & ~_flags(pc.match_substring_regex(texts, _ONE_DIGIT))
        & ~_flags(pc.is_in(lengths, value_set=pa.array(_DIGESTS, pa.int32())))
    )


def listed_flags(namespace: str, values: pa.Array) -> Flags:
    """Which normalised values are nobody's: by the rule in force or on the poison list."""
    listed, rule = ruling.current(), ruling.current().rule_of(namespace)
    names = {namespace, ruling.ANY}
    blocked = [*rule.blocked, *(value for name, value in listed.blocked if name in names)]
    found = _flags(pc.is_in(values, value_set=pa.array(blocked, pa.string())))
    for pattern in (*rule.blocked_patterns, *(p for n, p in listed.patterns if n in names)):
        found |= _flags(pc.match_substring_regex(values, f"^(?:{pattern})$"))
    return found & ~_flags(pc.equal(values, ""))


def _ask_the_rest(
    namespace: str, texts: pa.Array, quick: pa.Array, *, is_plain: Flags, is_empty: Flags
) -> Normalised:
    asked = np.flatnonzero(~is_plain & ~is_empty)
    wrong: dict[int, Refused] = {}
    if not len(asked) and not is_empty.any():
        return Normalised(quick, wrong, np.zeros(len(texts), dtype=bool))
    told: dict[str, str | Refused] = {}
    answers: list[str | None] = []
    known = runtime().namespaces
    for row, text in zip(asked.tolist(), texts.take(pa.array(asked)).to_pylist(), strict=True):
        if text not in told:
            try:
                told[text] = known.identity(namespace, text).value
            except Refused as refusal:
                told[text] = refusal
        answer = told[text]
        if isinstance(answer, Refused):
            wrong[row] = answer
            answers.append("")
        else:
            answers.append(answer)
    values = pc.if_else(pa.array(is_empty), "", quick)
    mask = np.zeros(len(texts), dtype=bool)
    mask[asked] = True
    if len(asked):
        values = pc.replace_with_mask(values, pa.array(mask), pa.array(answers, pa.string()))
    return Normalised(values, wrong, listed_flags(namespace, values))


def _flags(column: pa.Array) -> Flags:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)
