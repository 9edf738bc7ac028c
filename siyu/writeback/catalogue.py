"""An account's own list of tags, as pulls read it: new names become tags of ours."""

from __future__ import annotations

from datetime import datetime

from siyu.core.accounts import connector
from siyu.core.runtime import runtime
from siyu.guides.pulling import Part, Plan, Pull, PullPage
from siyu.pool.tag_catalogue import ListedTag, compare_catalogue, keep_catalogue
from siyu.ports.capabilities import TagWriter
from siyu.writeback.queries import has_written_names


class TagCatalogue:
    """Pulls the tags of an account in one call."""

    name = "tags"
    is_essential = False

    def is_offered(self, account: str) -> bool:
        """See `PullSource.is_offered`."""
        return connector(account).tags is not None

    def plan(self, pull: Pull) -> Plan:  # noqa: ARG002 - as every source
        """See `PullSource.plan`: one part."""
        return Plan([[""]])

    def read(self, pull: Pull, part: Part) -> PullPage:  # noqa: ARG002 - as every source
        """See `PullSource.read`."""
        asked_at = runtime().clock.now()
        listed = [
            ListedTag(one.remote_id, one.group_name, one.name)
            for one in _writer(pull.account).list_tags()
            if one.name
        ]
        found = compare_catalogue(pull.account, listed)
        if has_written_names(pull.account, since=asked_at):
            found.renamed.clear()
        return PullPage(
            found=len(listed),
            changed=found.changed,
            gone=len(found.gone),
            keep=lambda: keep_catalogue(pull.account, found, pull.started_at),
        )

    def finish(self, pull: Pull, now: datetime) -> PullPage:  # noqa: ARG002 - as every source
        """See `PullSource.finish`: what is gone was seen on the page."""
        return PullPage()


def _writer(account: str) -> TagWriter:
    writer = connector(account).tags
    assert writer is not None, "only asked where it is offered"
    return writer
