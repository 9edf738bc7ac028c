"""URL links, schemes and short links of a mini program; they live at most 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.errors import Refused
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.ports.app_links import LinkKind

MAX_LIFE = timedelta(days=30)
MAX_QUERY = 1024
AT_TIME, AFTER_DAYS = 0, 1


class MiniLinks:
    """The `LinkMaker` of a mini program: 500,000 links a day."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def create_link(
        self, kind: LinkKind, page: str, query: str, *, expires_at: datetime | None, title: str = ""
    ) -> str:
        """See `LinkMaker.create_link`; Refused when it would break a limit of the platform."""
        page, query = page.strip().lstrip("/"), query.strip().lstrip("?")
        if len(query) > MAX_QUERY:
            raise Refused("link.query", f"参数最长 {MAX_QUERY} 个字符", field="query")
        now = self._client.now()
        if expires_at is not None and not now < expires_at <= now + MAX_LIFE:
            raise Refused("link.expiry", "有效期须在 30 天以内", field="expires_at")
        if kind is LinkKind.SHORT:
            url = f"{page}?{query}" if query else page
            return self._client.create_short_link(
                {"page_url": url, "page_title": title[:20], "is_permanent": False}
            ).link
        expiry: dict[str, Any] = {"expire_type": AFTER_DAYS, "expire_interval": MAX_LIFE.days}
        if expires_at is not None:
            expiry = {"expire_type": AT_TIME, "expire_time": int(expires_at.timestamp())}
        if kind is LinkKind.URL:
            body = {"path": page, "query": query, **expiry}
            return self._client.create_url_link(body).url_link
        jump = {"path": page, "query": query}
        body = {"jump_wxa": jump, "is_expire": True, **expiry}
        return self._client.create_scheme(body).openlink
