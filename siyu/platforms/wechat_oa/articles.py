"""The draft box 草稿箱: what editors wrote and a mass message may carry."""

from __future__ import annotations

from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Refused
from siyu.platforms.wechat_oa import wire
from siyu.platforms.wechat_oa.client import DRAFTS_PER_CALL, OfficialClient
from siyu.ports.articles import Article


class DraftBox:
    """The `ArticleSource` of an official account. Cursor: how many drafts were passed."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def list_articles(self, cursor: str) -> tuple[list[Article], str]:
        """See `ArticleSource.list_articles`; a draft without an article is left out."""
        if cursor and not cursor.isdigit():
            raise Refused("wechat.cursor", "翻页位置无效", field="cursor")
        passed = int(cursor or 0)
        page = self._client.list_drafts(passed)
        passed += len(page.item)
        is_more = len(page.item) == DRAFTS_PER_CALL and passed < page.total_count
        found = [_article(one) for one in page.item if one.content.news_item]
        return found, str(passed) if is_more else ""


def _article(draft: wire.Draft) -> Article:
    parts = draft.content.news_item
    first = parts[0]
    updated_at = from_ms(draft.update_time * 1000)
    return Article(draft.media_id, first.title, first.digest, first.url, len(parts), updated_at)
