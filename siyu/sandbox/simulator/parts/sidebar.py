"""Guides open the sidebar beside a chat: they sign in, look at the customer and send a script."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import httpx

from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.parts.visiting import pass_login
from siyu.sandbox.simulator.people import Person

EVERY_DAYS, FACES_A_DAY = 2, 2


class Sidebar(Part):
    """A guide every other day, on the wire as his client would: the platform's login page, then Siyu's API.

    told: `account` (Siyu's key of it) and `corp`. What Siyu cannot answer is counted as missed.
    """

    name = "sidebar"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._counts: Counter[str] = Counter()
        self._client = httpx.Client(trust_env=False)

    def day(self, day: int, at: datetime) -> None:
        """Open the chats of some customers of one guide."""
        del at
        if day % EVERY_DAYS == 0:
            return
        customers: dict[str, list[Person]] = {}
        for person in self.stage.friends.values():
            if person.is_friend:
                customers.setdefault(person.userid, []).append(person)
        if not customers:
            return
        userid = self.stage.dice.choice(sorted(customers))
        own = customers[userid]
        chosen = self.stage.dice.sample(own, min(FACES_A_DAY, len(own)))
        self._client.cookies.clear()
        try:
            token = self._sign_in(userid)
            for person in chosen:
                self._serve(token, person)
        except httpx.HTTPError:
            self._counts["missed"] += 1

    def counts(self) -> dict[str, int]:
        """opened: times a guide signed in; faces: customers looked at; sent: scripts that went
        into a chat and were noted; missed: visits that Siyu broke off."""
        return dict(self._counts)

    def _sign_in(self, userid: str) -> str:
        """Through the platform's login page and back; the token for writing."""
        told = {"account": self.stage.told["account"]}
        pass_login(self._client, self._url("/api/sidebar/login"), told, {"member": userid})
        token: str = self._read("/api/sidebar/me")["csrf_token"]
        self._counts["opened"] += 1
        return token

    def _serve(self, token: str, person: Person) -> None:
        at = f"/api/sidebar/customers/{person.external_userid}"
        self._read(at)
        self._counts["faces"] += 1
        script = self.stage.dice.choice(self._read("/api/sidebar/scripts")["items"])
        wish = {"corp": self.stage.told["corp"], "member": person.userid}
        wish |= {"customer": person.external_userid, "text": {"content": script["text"]}}
        wishes = f"{self.stage.config.sandbox_url}/wecom/client/send"
        said = self._client.post(wishes, json=wish).raise_for_status().json()
        if said["errcode"]:
            return
        noted = self._url(f"{at}/scripts/{script['id']}/sent")
        answer = self._client.post(noted, headers={"X-CSRFToken": token}).raise_for_status()
        self._counts["sent"] += bool(answer.json()["sent"])

    def _read(self, path: str) -> Any:
        return self._client.get(self._url(path)).raise_for_status().json()

    def _url(self, path: str) -> str:
        return f"{self.stage.config.siyu_url}{path}"
