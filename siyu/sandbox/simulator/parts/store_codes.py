"""Passers-by open the page of a store code, on the wire as a phone would, and add a guide there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import httpx

from siyu.sandbox.simulator.control import Call
from siyu.sandbox.simulator.parts.part import Part, Stage

WECOM = "wecom"
PER_DAY = 2
NEAR_DEGREES = 0.01
"""About a kilometre."""


class StoreCodes(Part):
    """Two a day: one tells where he stands, the other chooses from the list; every fourth of
    those who tell is far from any store and adds nobody.

    told: `path` of the page, `stores`: [name, latitude, longitude, state of its code] each.
    """

    name = "store_codes"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._counts: Counter[str] = Counter()
        self._client = httpx.Client(trust_env=False)
        self._waiting: list[Call] = []

    def day(self, day: int, at: datetime) -> None:
        """Look for a store."""
        del at
        for number in range(PER_DAY):
            name, lat, lng, state = self.stage.dice.choice(self.stage.told["stores"])
            is_far = number == 0 and day % 4 == 3
            try:
                found = self._choose(name) if number else self._stand(lat, lng, is_far=is_far)
            except httpx.HTTPError:
                self._counts["missed"] += 1
                continue
            self._counts["asked"] += 1
            if is_far and found["is_far"]:
                self._counts["far"] += 1
            elif is_far or found["store"] != name or not found["picture"]:
                self._counts["astray"] += 1
            else:
                who = {"unionid": f"store-{day}-{number}", "name": f"到店客{day}-{number}"}
                self._waiting.append(("scan", {"state": state, **who}))

    def close(self, at: datetime) -> None:
        """Scan what the page shows."""
        del at
        if self._waiting:
            self._counts["came"] += len(self.stage.control.bulk(WECOM, self._waiting))
            self._waiting = []

    def counts(self) -> dict[str, int]:
        """asked: whom the page answered; far: those told that no store is near; came: who added
        a guide of the right store; astray: led elsewhere; missed: visits that Siyu broke off."""
        return dict(self._counts)

    def _stand(self, lat: float, lng: float, *, is_far: bool) -> dict[str, Any]:
        dice = self.stage.dice
        away = 20.0 if is_far else 0.0
        place = {
            "lat": lat - away + dice.uniform(-NEAR_DEGREES, NEAR_DEGREES),
            "lng": lng + dice.uniform(-NEAR_DEGREES, NEAR_DEGREES),
        }
        return self._find(place)

    def _choose(self, name: str) -> dict[str, Any]:
        listed = self._client.get(self._url("/stores")).raise_for_status().json()["items"]
        ids = {one["name"]: one["id"] for one in listed}
        return self._find({"store": ids.get(name, 0)})

    def _find(self, asked: dict[str, float]) -> dict[str, Any]:
        answer = self._client.post(self._url("/find"), json=asked).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _url(self, path: str) -> str:
        return f"{self.stage.config.siyu_url}{self.stage.told['path']}{path}"
