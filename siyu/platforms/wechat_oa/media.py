"""Temporary media of an official account.

Limits: developers.weixin.qq.com 新增临时素材 (image 10 MB, PNG, JPG or GIF; video 10 MB, MP4; kept
three days; read 2026-11. The same page also says 2 MB for images: what the account may is decided
by the platform).
"""

from __future__ import annotations

from siyu.kernel.errors import Refused
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.media import MESSAGE, MediaFile, RemoteMedia
from siyu.wechat.uploading import upload_media

KINDS = frozenset({"image", "video"})
MAX_BYTES = 10 * 1024 * 1024


class OfficialMedia:
    """The `MediaStore` of an official account."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def upload(self, file: MediaFile) -> RemoteMedia:
        """See `MediaStore.upload`."""
        if file.kind not in KINDS or file.use != MESSAGE:
            raise Refused("wechat.media_kind", "公众号不支持这种素材", field="kind")
        if not 1 <= len(file.content) <= MAX_BYTES:
            raise Refused("wechat.media_size", "文件须小于 10 MB, 且不能为空", field="file")
        return upload_media(self._client, file)
