"""One pass over a file before it is read: what it is, its hash, its encoding, how long it is."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from siyu.core.tabular.text import GZIP, MAX_RATIO
from siyu.kernel.errors import Refused

MAX_FILE = 64 << 30
BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Survey:
    """kind: `csv`, `excel` or `parquet`. lines: line ends seen (csv), an upper bound of the rows.

    has_open_quote: quotes do not pair up, so the last row swallows what follows it. is_cut: the
    file ends inside a character.
    """

    kind: str
    file_hash: str
    size: int
    encoding: str = ""
    is_gzip: bool = False
    lines: int = 0
    has_open_quote: bool = False
    is_cut: bool = False


def survey(path: Path) -> Survey:
    """What a file is, told by content; memory flat. Refused: empty, binary, undecodable, a bomb."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            if size > MAX_FILE:
                raise Refused("import.too_large", "文件超过 64 GiB, 请拆分后导入", field="file")
            if not start.strip():
                raise Refused("import.empty", "文件是空的", field="file")
            file.seek(0)
            if start.startswith(b"PAR1"):
                return Survey("parquet", _hash(file), size)
            if start.startswith(_WORKBOOK):
                return Survey("excel", _hash(file), size)
            return _survey_text(file, size)
    except OSError as error:
        raise Refused("import.file", f"读不到 {path}: {error.strerror}", field="file") from error


def unpacked(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The bytes of a file, gunzipped if need be; Refused when it unpacks beyond reason."""
    first = file.read(BLOCK)
    if not first.startswith(GZIP):
        yield first
        while block := file.read(BLOCK):
            yield block
        return
    limit = max(size * MAX_RATIO, BLOCK)
    total, stream, rest = 0, zlib.decompressobj(zlib.MAX_WBITS | 16), first
    while True:
        while rest:
            try:
                part = stream.decompress(rest, BLOCK)
            except zlib.error as error:
                raise Refused("import.gzip", "gzip 内容损坏", field="file") from error
            total += len(part)
            if total > limit:
                raise Refused("import.bomb", "压缩比异常, 拒绝解压", field="file")
            yield part
            rest = stream.unconsumed_tail
            if stream.eof:
                rest = stream.unused_data or file.read(BLOCK)
                if not rest.startswith(GZIP):
                    return
                stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        rest = file.read(BLOCK)
        if not rest:
            raise Refused("import.gzip", "gzip 文件不完整", field="file")


class _Text:
    """What the bytes of a text file show while they pass."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.is_utf8 = self.is_gb = True
        self.gb = codecs.getincrementaldecoder("gb18030")()
        self.line, self.lines, self.quotes = 1, 0, 0
        self.bad_line = 0
        self.has_nul = False

    def take(self, block: bytes) -> None:
        self.lines += block.count(b"\n")
        self.quotes += block.count(b'"')
        self.has_nul = self.has_nul or b"\x00" in block
        if self.is_utf8:
            try:
                self.decoder.decode(block)
            except UnicodeDecodeError as error:
                self.is_utf8 = False
                self.bad_line = self.line + block[: error.start].count(b"\n")
        self.line += block.count(b"\n")

    def is_cut(self) -> bool:
        return bool(self.decoder.getstate()[0])


def _survey_text(file: BinaryIO, size: int) -> Survey:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    file.seek(0)
    is_gzip = file.read(2) == GZIP
    file.seek(0)
    blocks = unpacked(file, size)
    first = next(blocks)
    encoding = _encoding_of(first)
    seen = _Text(encoding.removesuffix("-sig"))
    seen.take(first)
    for block in blocks:
        seen.take(block)
    if not seen.is_utf8:
        encoding = _second_guess(file, size, encoding, seen.bad_line)
    if seen.has_nul and not encoding.startswith("utf-16"):
        raise Refused("import.binary", "这不是文本表格 (含有零字节)", field="file")
    return Survey(
        "csv",
        digest.hexdigest(),
        size,
        encoding,
        is_gzip,
        seen.lines,
        seen.quotes % 2 == 1,
        seen.is_utf8 and seen.is_cut(),
    )


def _encoding_of(first: bytes) -> str:
    for bom, name in _BOMS:
        if first.startswith(bom):
            return name
    zeros: list[int] = [first[at:4096:2].count(0) for at in (0, 1)]
    total = zeros[0] + zeros[1]
    if total > 0.2 * len(first[:4096]) or (total and not _is_utf8(first[:4000])):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    return "utf-8"


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _second_guess(file: BinaryIO, size: int, tried: str, line: int) -> str:
    """GB18030 when all of the file is that; Refused with the line when it is nothing."""
    if tried != "utf-8":
        raise _undecodable(line, tried)
    file.seek(0)
    decoder, at = codecs.getincrementaldecoder("gb18030")(), 1
    for block in unpacked(file, size):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            raise _undecodable(at + block[: error.start].count(b"\n"), "gb18030") from error
        at += block.count(b"\n")
    return "gb18030"


def _undecodable(line: int, encoding: str) -> Refused:
    reason = f"第 {line} 行有无法解码的字节 (已按 {encoding} 尝试)"
    return Refused("import.encoding", reason, field="file")


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()
