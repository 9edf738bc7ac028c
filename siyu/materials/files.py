"""The bytes on disk, and what a file really is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused

MAX_BYTES = 20 * 1024 * 1024
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
SUFFIXES = {"image/png": "png", "image/jpeg": "jpg", "video/mp4": "mp4"}


def look_at(kind: str, content: bytes) -> str:
    """The content type by what the bytes are; Refused when they are not of `kind`."""
    if not content or len(content) > MAX_BYTES:
        raise Refused("material.size", "文件须小于 20 MB, 且不能为空", field="file")
    if kind == "image":
        for mark, found in _IMAGES.items():
            if content.startswith(mark):
                return found
        raise Refused("material.type", "图片须为 PNG 或 JPG", field="file")
    if kind == "video":
        if content[4:8] == b"ftyp":
            return "video/mp4"
        raise Refused("material.type", "视频须为 MP4", field="file")
    if kind == "file":
        return "application/octet-stream"
    raise Refused("material.kind", "素材类型须为图片、视频或文件", field="kind")


def digest_of(kind: str, content: bytes) -> str:
    """Names the file; the same bytes of the same kind are one file."""
    return hashlib.sha256(kind.encode() + b"\x00" + content).hexdigest()


def keep(digest: str, content: bytes) -> None:
    """On disk when this returns."""
    path = path_of(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def path_of(digest: str) -> Path:
    return runtime().home / "materials" / digest
