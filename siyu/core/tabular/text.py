"""Bytes of a file to UTF-8 text, whatever wrote them: gzip, BOM, UTF-16, GBK."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siyu.kernel.errors import Refused

MAX_BYTES = 1 << 30
MAX_RATIO = 200
BLOCK = 1 << 20
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Text:
    """UTF-8 bytes without BOM, and what they were on disk. file_hash: SHA-256 of the file."""

    data: bytes
    encoding: str
    is_gzip: bool
    file_hash: str


def read_bytes(path: Path) -> tuple[bytes, bool, str]:
    """The file unpacked, whether it was gzip, and its SHA-256; Refused above 1 GiB."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise Refused("import.file", f"读不到 {path}: {error.strerror}", field="file") from error
    if size > MAX_BYTES:
        raise Refused("import.too_large", "文件超过 1 GiB, 请拆分后导入", field="file")
    digest = hashlib.sha256(raw).hexdigest()
    if not raw.startswith(GZIP):
        return raw, False, digest
    return b"".join(_gunzip(raw)), True, digest


def decode(raw: bytes) -> tuple[bytes, str]:
    """(UTF-8 bytes, name of the encoding found): BOMs first, then UTF-8, then GB18030."""
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(bom):
            return _recode(raw, encoding), encoding
    if b"\x00" in raw[:4096]:
        encoding = "utf-16-le" if raw[1:4096:2].count(0) > raw[0:4096:2].count(0) else "utf-16-be"
        return _recode(raw, encoding), encoding
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if _is_cut_character(raw, error):
            return raw[: error.start], "utf-8"
        return _recode(raw, "gb18030"), "gb18030"
    return raw, "utf-8"


def read_text(path: Path) -> Text:
    """A whole text file as UTF-8; Refused when it is empty, binary or in no known encoding."""
    raw, is_gzip, file_hash = read_bytes(path)
    if not raw.strip():
        raise Refused("import.empty", "文件是空的", field="file")
    data, encoding = decode(raw)
    if b"\x00" in data:
        raise Refused("import.binary", "这不是文本表格 (含有零字节)", field="file")
    return Text(data.removeprefix(codecs.BOM_UTF8), encoding, is_gzip, file_hash)


def _gunzip(raw: bytes) -> Iterator[bytes]:
    limit = min(MAX_BYTES, max(len(raw) * MAX_RATIO, BLOCK))
    total, rest = 0, raw
    while rest.startswith(GZIP):
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not stream.eof:
            try:
                part = stream.decompress(rest, BLOCK)
            except zlib.error as error:
                raise Refused("import.gzip", "gzip 内容损坏", field="file") from error
            rest = stream.unconsumed_tail
            if not part and not rest and not stream.eof:
                raise Refused("import.gzip", "gzip 文件不完整", field="file")
            total += len(part)
            if total > limit:
                raise Refused("import.bomb", "压缩比异常, 拒绝解压", field="file")
            yield part
        rest = stream.unused_data


def _recode(raw: bytes, encoding: str) -> bytes:
    try:
        return raw.decode(encoding).encode()
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = raw.count(b"\n", 0, start) + 1
        raise Refused(
            "import.encoding", f"第 {line} 行有无法解码的字节 (已按 {encoding} 尝试)", field="file"
        ) from error


def _is_cut_character(raw: bytes, error: UnicodeDecodeError) -> bool:
    """The last character of a UTF-8 file was cut off; everything before is sound."""
    return error.start >= len(raw) - 3 and error.reason == "unexpected end of data"
