"""Temporary media 临时素材: files as multipart forms, kept by the platform for three days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from siyu.kernel.clock import from_ms
from siyu.ports.media import MediaFile, RemoteMedia
from siyu.wechat.calling import Caller

LIFE = timedelta(days=3)
PATH = "/cgi-bin/media/upload"


class UploadedMedia(msgspec.Struct, frozen=True):
    """created_at: seconds, by the platform's clock."""

    media_id: str
    created_at: int | str


def upload_media(
    caller: Caller, file: MediaFile, path: str = PATH, params: Mapping[str, str] | None = None
) -> RemoteMedia:
    """Hand over a file; its id ends three days after the platform's own time of creation.

    params: of the query, `type` by default.
    """
    boundary = hashlib.sha256(file.content).hexdigest()[:32]
    form = multipart(file, boundary)
    told = {"type": file.kind} if params is None else params
    made = caller.upload(path, told, form, boundary, shape=UploadedMedia)
    return RemoteMedia(made.media_id, from_ms(int(made.created_at) * 1000) + LIFE)


def multipart(file: MediaFile, boundary: str) -> bytes:
    """The form body with its one field `media`; the name as the platform wants it."""
    name = "".join(char for char in file.name if char not in '"\\\r\n\x00')[-128:]
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="media"; filename="{name}"; '
        f"filelength={len(file.content)}\r\n"
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
