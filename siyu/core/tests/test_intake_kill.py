"""Web and worker die at any moment; what was acknowledged is there exactly once."""

from __future__ import annotations

import http.client
import json
import os
import random
import threading
import time
from pathlib import Path

import pytest

from siyu.core.tests.intake_client import basic
from siyu.core.tests.place import Place, make_place
from siyu.core.tests.process import SABOTAGE

KILLS = int(os.environ.get("SIYU_KILLS", "5"))
CLIENTS = 4
BATCH = 20

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + 20 * KILLS)]


class Poster(threading.Thread):
    """Posts batches and repeats each until it is acknowledged; keeps its own log."""

    def __init__(self, place: Place, number: int) -> None:
        super().__init__(daemon=True)
        self._place = place
        self._number = number
        self._is_over = threading.Event()
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.odd: list[int] = []

    def run(self) -> None:
        count = 0
        while not self._is_over.is_set():
            ids = [f"{self._number}-{count}-{n}" for n in range(BATCH)]
            self.sent.update(ids)
            while not self._is_over.is_set():
                if self._post(ids):
                    self.acknowledged.extend(ids)
                    break
                time.sleep(0.02)
            count += 1

    def end(self) -> None:
        self._is_over.set()
        self.join(30)

    def _post(self, ids: list[str]) -> bool:
        batch = [{"type": "track", "event": "E", "userId": "u", "messageId": each} for each in ids]
        body = json.dumps({"batch": batch})
        connection = http.client.HTTPConnection("127.0.0.1", self._place.port, timeout=10)
        try:
            headers = {"authorization": basic(self._place.key)}
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        if answer.status != 200:
            self.odd.append(answer.status)
            return False
        return bool(content["accepted"] + content["duplicate"] == BATCH)


def run_kills(place: Place, seeds: range) -> list[Poster]:
    """Post from several clients while web and worker are killed at seeded moments."""
    place.start("web", "worker")
    posters = [Poster(place, number) for number in range(CLIENTS)]
    for poster in posters:
        poster.start()
    for seed in seeds:
        moment = random.Random(seed)
        time.sleep(moment.uniform(0.05, 0.6))
        victims = moment.choice([("web",), ("worker",), ("web", "worker")])
        for victim in victims:
            place.kill(victim)
        place.start(*victims)
    time.sleep(0.2)
    for poster in posters:
        poster.end()
    return posters


def test_acknowledged_events_survive_kills_exactly_once(tmp_path: Path):
    with make_place(tmp_path) as place:
        posters = run_kills(place, range(KILLS))
        acknowledged = [each for poster in posters for each in poster.acknowledged]
        place.wait_for(len(acknowledged), 60)
        time.sleep(0.5)
        counts = place.counts()
    assert len(acknowledged) >= KILLS * BATCH
    assert [each for each in acknowledged if not counts[each]] == []
    assert [each for each, count in counts.items() if count > 1] == []
    assert set(counts) <= set().union(*(poster.sent for poster in posters))
    assert {status for poster in posters for status in poster.odd} <= {503}


def test_an_inbox_that_acknowledges_too_early_is_caught(tmp_path: Path):
    with make_place(tmp_path) as place:
        place.environment[SABOTAGE] = "1"
        place.start("worker")
        lost = next(
            filter(None, (kill_while_posting(place, attempt) for attempt in range(5))), set()
        )
    assert lost


def kill_while_posting(place: Place, attempt: int) -> set[str]:
    """The events that were acknowledged and are gone."""
    place.start("web")
    posters = [Poster(place, attempt * CLIENTS + number) for number in range(CLIENTS)]
    for poster in posters:
        poster.start()
    time.sleep(1)
    place.kill("web")
    for poster in posters:
        poster.end()
    acknowledged = {each for poster in posters for each in poster.acknowledged}
    place.wait_for(len(acknowledged), 3)
    return acknowledged - set(place.counts())
