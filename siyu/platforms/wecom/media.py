"""Temporary media 临时素材: files for messages, kept by the platform for three days.

Limits: developer.work.weixin.qq.com/document/path/90253 (images 10 MB, video 10 MB, files
20 MB, each more than 5 bytes; read 2026-02). Moments take only what was uploaded for them, images
and videos of 10 MB (path/95098, read 2026-02).
"""

from __future__ import annotations

from siyu.kernel.errors import Refused
from siyu.platforms.wecom.client import Client
from siyu.ports.media import MOMENT, MediaFile, RemoteMedia
from siyu.wechat.uploading import upload_media

_MEGA = 1024 * 1024
LIMITS = {"image": 10 * _MEGA, "video": 10 * _MEGA, "file": 20 * _MEGA}
MIN_BYTES = 6
FOR_MOMENTS = "/cgi-bin/media/upload_attachment"
MOMENT_KINDS = frozenset({"image", "video"})
TYPES = {
    "image": ("png", "jpg", "jpeg"),
    "video": ("mp4",),
}


class TemporaryMedia:
    """The `MediaStore` of a corp."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def upload(self, file: MediaFile) -> RemoteMedia:
        """Hand over a file; the id ends three days after the platform's own time of creation."""
        check_file(file)
        if file.use != MOMENT:
            return upload_media(self._client, file)
        params = {"media_type": file.kind, "attachment_type": "1"}
        return upload_media(self._client, file, FOR_MOMENTS, params)


def check_file(file: MediaFile) -> None:
    """Refused when the platform would not take the file."""
    most = LIMITS.get(file.kind)
    if most is None or (file.use == MOMENT and file.kind not in MOMENT_KINDS):
        raise Refused("wecom.media_kind", "企业微信不支持这种素材", field="kind")
    if not MIN_BYTES <= len(file.content) <= most:
        raise Refused(
            "wecom.media_size", f"文件须小于 {most // _MEGA} MB, 且不能为空", field="file"
        )
    allowed = TYPES.get(file.kind)
    if allowed and file.name.rpartition(".")[2].lower() not in allowed:
        raise Refused("wecom.media_type", f"只支持 {'、'.join(allowed)}", field="file")
