"""Guides open the sidebar beside a chat: they sign in, look at the customer and send a script."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

import httpx

from siyu.sandbox.simulator.parts.part import Part, Stage
from siyu.sandbox.simulator.people import Person

FACES_A_DAY = 2


class Sidebar(Part):
    """A guide a day, on the wire as his client would: the platform's login page, then Siyu's API.

    told: `account` (Siyu's key of it) and `corp`. What Siyu cannot answer is counted as missed.
    """

    name = "sidebar"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._counts: Counter[str] = Counter()

    def day(self, day: int, at: datetime) -> None:
        """Open the chats of some customers of one guide."""
        del day, at
        customers: dict[str, list[Person]] = {}
        for person in self.stage.friends.values():
            if person.is_friend:
                customers.setdefault(person.userid, []).append(person)
        if not customers:
            return
        userid = self.stage.dice.choice(sorted(customers))
        own = customers[userid]
        chosen = self.stage.dice.sample(own, min(FACES_A_DAY, len(own)))
        with httpx.Client(base_url=self.stage.config.siyu_url, trust_env=False) as client:
            try:
                token = self._sign_in(client, userid)
                for person in chosen:
                    self._serve(client, token, person)
            except httpx.HTTPError:
                self._counts["missed"] += 1

    def counts(self) -> dict[str, int]:
        """opened: times a guide signed in; faces: customers looked at; sent: scripts that went
        into a chat and were noted; missed: visits that Siyu broke off."""
        return dict(self._counts)

    def _sign_in(self, client: httpx.Client, userid: str) -> str:
        """Through the platform's login page and back; the token for writing."""
        begun = client.get("/api/sidebar/login", params={"account": self.stage.told["account"]})
        page = httpx.URL(begun.headers.get("location", ""), fragment="")
        login = httpx.get(page.copy_merge_params({"member": userid}), trust_env=False)
        back = re.search(r'url=([^"]+)"', login.raise_for_status().text)
        client.get(back[1] if back else "/")
        token: str = _read(client, "/api/sidebar/me")["csrf_token"]
        self._counts["opened"] += 1
        return token

    def _serve(self, client: httpx.Client, token: str, person: Person) -> None:
        at = f"/api/sidebar/customers/{person.external_userid}"
        _read(client, at)
        self._counts["faces"] += 1
        script = self.stage.dice.choice(_read(client, "/api/sidebar/scripts")["items"])
        wish = {"corp": self.stage.told["corp"], "member": person.userid}
        wish |= {"customer": person.external_userid, "text": {"content": script["text"]}}
        client_url = f"{self.stage.config.sandbox_url}/wecom/client/send"
        said = httpx.post(client_url, json=wish, trust_env=False).raise_for_status().json()
        if said["errcode"]:
            return
        answer = client.post(
            f"{at}/scripts/{script['id']}/sent", headers={"X-CSRFToken": token}
        ).raise_for_status()
        self._counts["sent"] += bool(answer.json()["sent"])


def _read(client: httpx.Client, path: str) -> Any:
    return client.get(path).raise_for_status().json()
