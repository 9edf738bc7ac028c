"""Guides post what the brand proposes, some late, some never; a few customers like or comment."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"
POSTS, NEVER = 0.5, 0.15
LIKES, COMMENTS = 0.05, 0.01


class Moments(Part):
    """A guide who never posts moments is one for good."""

    name = "moments"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._is_lazy: dict[str, bool] = {}
        self._seen: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()

    def step(self, at: datetime) -> None:  # noqa: ARG002 - the sandbox has the clock
        """Post what waits, then let some of those who see it react."""
        waiting = self.stage.control.bulk(WECOM, [("pending_moments", {})])[0]
        calls: list[Call] = [
            ("post_moments", {"moment_id": one["moment_id"], "userid": one["userid"]})
            for one in waiting
            if not self._lazy(one["userid"]) and self.stage.dice.random() < POSTS
        ]
        self._counts["posted"] += len(calls)
        if calls:
            self.stage.control.bulk(WECOM, calls)
            self._react()

    def counts(self) -> dict[str, int]:
        """posted: by guides; likes, comments: of customers."""
        return dict(self._counts)

    def _lazy(self, userid: str) -> bool:
        if userid not in self._is_lazy:
            self._is_lazy[userid] = self.stage.dice.random() < NEVER
        return self._is_lazy[userid]

    def _react(self) -> None:
        views: list[dict[str, Any]] = self.stage.control.bulk(WECOM, [("moment_views", {})])[0]
        calls: list[Call] = []
        for view in views:
            key = (view["moment_id"], view["external_userid"])
            if key in self._seen:
                continue
            self._seen.add(key)
            for kind, chance in (("like", LIKES), ("comment", COMMENTS)):
                if self.stage.dice.random() < chance:
                    who = {"who": view["external_userid"], "kind": kind}
                    told = {"moment_id": view["moment_id"], "userid": view["userid"], **who}
                    calls.append(("react_to_moment", told))
                    self._counts[f"{kind}s"] += 1
        if calls:
            self.stage.control.bulk(WECOM, calls)
