"""A mass message previewed on one fan's phone 群发预览; at most 100 a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.platforms.wechat_oa.mass import mass_piece


class MassTrial:
    """The `TrialSender` of an official account."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def send_trial(
        self, recipient: str, text: str, attachments: Sequence[Mapping[str, str]]
    ) -> None:
        """See `TrialSender.send_trial`. A preview holds one picture, so each is shown alone."""
        piece = mass_piece(text, attachments)
        pictures = piece.pop("images", {}).get("media_ids")
        bodies: list[dict[str, Any]] = [piece]
        if pictures:
            bodies = [{**piece, "image": {"media_id": one}} for one in pictures]
        for body in bodies:
            self._client.preview_mass({"touser": recipient, **body})
