"""How fast do events come in, and through the pool?

`python bench/ingest.py --json` starts `siyu web` and `siyu worker` on an empty temporary home
(SQLite), posts batches of 100 Segment events with three identifiers each, and measures from the
first post until every event has gone through all stages. The peer is the same job written the
ordinary way (`ingest_peer.py`), in the same run. Then events come at half the measured rate, some
of which let their people into a journey by way of a segment: the time from the post to the entry.
`--known 1000000` fills the pool first and lets half of the visits be those of known customers;
`--sizes 100000,1000000,10000000` measures how the rate falls as the pool grows.
Medians over `--runs`; progress on stderr; one JSON object on stdout.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from growing import put_together, run_sizes
from ingest_journey import (
    Watcher,
    claimants_of,
    make_journey,
    mark_claims,
    post_paced,
)
from ingest_journey import (
    summarise as summarise_journey,
)

BATCH = 100
VISITORS = 300
EVENTS_PER_VISIT = 10
CONNECTIONS = 4
SINGLES = 3_000
SINGLE_CONNECTIONS = 16
PEER_EVENTS = 2_000
PATIENCE = 120.0
ROOT = Path(__file__).resolve().parent.parent


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def make_events(count: int, seed: int, known: int = 0) -> list[dict]:
    """A shop's day: 300 visitors at a time, about ten events a visit, every third visit a return.

    Everybody has a user id, a device id (another one on return) and a WeChat UnionID. known: that
    many customers `v1`, `v2`… are in the pool, and every second visitor is one of them.
    """
    dice = random.Random(seed)
    started = datetime.now(UTC) - timedelta(hours=2)
    people = 0
    visits: list[tuple[int, int]] = []
    events = []
    for number in range(count):
        if len(visits) < VISITORS:
            visits.append((people, 0))
            people += 1
        place = dice.randrange(len(visits))
        person, device = visits[place]
        if dice.random() < 1 / EVENTS_PER_VISIT:
            is_return = dice.random() < 1 / 3
            visits[place] = (dice.randrange(people), 1) if is_return else (people, 0)
            people += not is_return
        at = started + timedelta(milliseconds=number)
        is_known = known > 0 and person % 2 == 0
        user = pick_known(person, known) if is_known else f"u{seed}-{person}"
        unionid = {"id": f"o-{user}", "type": "wx_unionid", "collection": "users"}
        event = {
            "messageId": f"{seed}-{number}-{dice.getrandbits(64):016x}",
            "userId": user,
            "anonymousId": f"a{seed}-{person}-{device}",
            "timestamp": at.isoformat(),
            "context": {
                "library": {"name": "analytics-python", "version": "2.4.0"},
                "externalIds": [unionid | {"encoding": "none"}],
            },
        }
        events.append(event | make_call(dice, number))
    return events


def pick_known(person: int, known: int) -> str:
    """Somebody of the pool, anywhere in it, always the same for one visitor."""
    return f"v{person * 2_654_435_761 % known + 1}"


def make_call(dice: random.Random, number: int) -> dict:
    kind = dice.random()
    sku = f"sku-{dice.randrange(500)}"
    if kind < 0.3:
        return {"type": "page", "name": "商品页", "properties": {"path": f"/p/{sku}"}}
    product = {"sku": sku, "price": 19.9, "quantity": 1}
    if kind < 0.95:
        return {"type": "track", "event": "Product Viewed", "properties": product}
    if kind < 0.97:
        order = {"order_id": f"bench-{number}", "revenue": 19.9, "products": [product]}
        return {"type": "track", "event": "Order Completed", "properties": order}
    return {"type": "identify", "traits": {"level": dice.randrange(5)}}


def make_requests(items: list[bytes], path: str, key: str) -> list[bytes]:
    """Whole HTTP requests, made before the clock starts."""
    auth = base64.b64encode(f"{key}:".encode()).decode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {auth}\r\n"
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in items]


def batches(events: list[dict]) -> list[bytes]:
    sent_at = datetime.now(UTC).isoformat()
    return [
        json.dumps({"batch": events[start : start + BATCH], "sentAt": sent_at}).encode()
        for start in range(0, len(events), BATCH)
    ]


class Wire:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> dict:
        """Send a whole request; the JSON answer. RuntimeError when it is not 200."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        if b" 200 " not in lines[0]:
            raise RuntimeError(data.decode(errors="replace"))
        size = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        while len(body) < size:
            body += self._receive()
        if lines[0].startswith(b"http/1.0"):
            self._socket.close()
            self._socket = None
        return json.loads(body)

    def _receive(self) -> bytes:
        part = self._socket.recv(65_536)
        if not part:
            raise RuntimeError("connection closed")
        return part


def post_all(port: int, requests: list[bytes], connections: int) -> int:
    """Post everything over several connections; how many events were accepted."""
    left = iter(requests)
    lock = threading.Lock()

    def run(_: int) -> int:
        wire, accepted = Wire(port), 0
        while True:
            with lock:
                request = next(left, None)
            if request is None:
                return accepted
            accepted += wire.ask(request)["accepted"]

    with ThreadPoolExecutor(connections) as threads:
        return sum(threads.map(run, range(connections)))


@contextmanager
def processes(
    commands: list[list[str]], environment: dict[str, str]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes while the block runs."""
    running = [
        subprocess.Popen(
            command, env=environment, cwd=ROOT, start_new_session=True, stdout=sys.stderr
        )
        for command in commands
    ]
    try:
        yield running
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(
    holds: Callable[[], bool], what: str, pause: float = 0.02, patience: float = PATIENCE
) -> None:
    """Return when it holds; TimeoutError with `what` when it does not in `patience` seconds."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(pause)


def is_listening(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def run_siyu(arguments: list[str], environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "siyu", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def migrate(environment: dict[str, str]) -> None:
    code = "from siyu.site.boot import boot, migrate; boot(); migrate()"
    subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, stdout=sys.stderr
    )


def worked_off(home: Path) -> int:
    """Facts that went through all stages, committed."""
    with sqlite3.connect(f"file:{home / 'siyu.db'}?mode=ro", uri=True, timeout=30) as file:
        row = file.execute("SELECT accepted_total FROM core_intakestate").fetchone()
    return row[0] if row else 0


def fill_pool(home: Path, known: int) -> None:
    """Customers with an identity each, as in `bench/segments.py`."""
    from segments import make_state

    say(f"filling the pool with {known:,}")
    make_state(home / "siyu.db", known)


def measure_siyu(events: list[dict], known: int, seconds: float) -> dict[str, Any]:
    """One run on a home of its own."""
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        home, port = Path(folder), free_port()
        environment = {
            **os.environ,
            "SIYU_HOME": folder,
            "SIYU_PORT": str(port),
            "SIYU_DATABASE_URL": "",
            "SIYU_LOG_LEVEL": "warning",
        }
        migrate(environment)
        if known:
            fill_pool(home, known)
        make_journey(environment, ROOT)
        key = run_siyu(["keys", "create", "bench"], environment).split()[0]
        commands = [[sys.executable, "-m", "siyu", word] for word in ("web", "worker")]
        requests = make_requests(batches(events), "/v1/batch", key)
        with processes(commands, environment):
            wait_until(lambda: is_listening(port), "web")
            warm_up(port, key)
            wait_until(lambda: worked_off(home) >= BATCH, "worker")
            result: dict[str, Any] = timed(home, port, key, requests, len(events))
            rate = result["end_to_end_events_per_s"] / 2
            paced = pace(home, port, key, make_paced(rate, seconds, known), rate)
            return result | paced | check(environment, len(events) + paced["paced_events"])


def warm_up(port: int, key: str) -> None:
    """One batch before the clock starts: both processes have imported and connected."""
    post_all(port, make_requests(batches(make_events(BATCH, 999_983)), "/v1/batch", key), 1)


def timed(home: Path, port: int, key: str, requests: list[bytes], count: int) -> dict[str, float]:
    before = worked_off(home)
    started = time.perf_counter()
    accepted = post_all(port, requests, CONNECTIONS)
    answered = time.perf_counter() - started
    wait_until(lambda: worked_off(home) >= before + count, "the pool", 0.01)
    through = time.perf_counter() - started
    again = post_all(port, requests[:: max(1, len(requests) // 10)], 1)
    singles = [json.dumps(event).encode() for event in make_events(SINGLES, 7)]
    single_requests = make_requests(singles, "/v1/track", key)
    started = time.perf_counter()
    post_all(port, single_requests, SINGLE_CONNECTIONS)
    took = time.perf_counter() - started
    wait_until(lambda: worked_off(home) >= before + count + SINGLES, "the pool", 0.01)
    return {
        "accepted_events_per_s": count / answered,
        "end_to_end_events_per_s": count / through,
        "single_requests_per_s": SINGLES / took,
        "not_accepted": count - accepted,
        "accepted_again": again,
    }


def make_paced(rate: float, seconds: float, known: int) -> list[dict]:
    """Events for so many seconds at this rate, whole batches."""
    return make_events(max(1, int(rate * seconds) // BATCH) * BATCH, 8, known)


def pace(home: Path, port: int, key: str, events: list[dict], rate: float) -> dict[str, Any]:
    """Events at half the load; how long it takes from one to its journey."""
    count = len(events)
    claims = mark_claims(events)
    requests = make_requests(batches(events), "/v1/batch", key)
    before = worked_off(home)
    watcher = Watcher(home)
    watcher.start()
    posted = post_paced(Wire(port).ask, requests, claimants_of(events, BATCH), rate)
    wait_until(lambda: worked_off(home) >= before + count, "the pool", 0.01)
    watcher.wait_for(claims)
    say(f"journey: {claims} claims at {rate:.0f}/s")
    return {"paced_events": count, "journey_ms": summarise_journey(posted, watcher.seen)}


def check(environment: dict[str, str], count: int) -> dict[str, float]:
    """What is in the history, compared with what was posted."""
    query = "SELECT count(*) AS n, count(DISTINCT customer_id) AS c FROM events"
    rows = run_siyu(["query", query, "--format", "json"], environment)
    kept, customers = find_numbers(rows)
    expected = count + BATCH + SINGLES
    return {
        "lost": max(0, expected - kept),
        "duplicates": max(0, kept - expected),
        "customers": customers,
    }


def find_numbers(text: str) -> tuple[int, int]:
    """The one row of `siyu query --json`, whichever way it writes rows."""
    answer = json.loads(text)
    rows = answer["rows"] if isinstance(answer, dict) else answer
    row = rows[0]
    first, second = row.values() if isinstance(row, dict) else row
    return int(first), int(second)


def measure_peer(events: list[dict]) -> float:
    """Events a second of the ordinary way."""
    with tempfile.TemporaryDirectory(prefix="peer-bench-") as folder:
        port = free_port()
        server = ["-m", "granian", "--interface", "wsgi", "--log-level", "warning"]
        place = ["--port", str(port), "--working-dir", str(ROOT / "bench")]
        command = [sys.executable, *server, *place, "ingest_peer:application"]
        with processes([command], {**os.environ, "PEER_FOLDER": folder}):
            wait_until(lambda: is_listening(port), "peer")
            requests = make_requests(batches(events), "/v1/batch", "x")
            started = time.perf_counter()
            post_all(port, requests, 1)
            return len(events) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--known", type=int, default=0, help="customers in the pool before")
    parser.add_argument("--sizes", default="", help="several numbers of customers before")
    parser.add_argument("--paced-seconds", type=float, default=20, help="at half the load")
    arguments = parser.parse_args()
    result = grow(arguments) if arguments.sizes else measure(arguments)
    if arguments.json:
        print(json.dumps(result))
    else:
        print(json.dumps(result, indent=2))


def grow(arguments: argparse.Namespace) -> dict[str, Any]:
    """The bench over pools of several sizes; growth is of the time an event costs."""
    sizes = [int(size) for size in arguments.sizes.split(",")]
    common = ["--events", str(arguments.events), "--runs", str(arguments.runs)]
    found = run_sizes(__file__, sizes, lambda size: [*common, "--known", str(size)])
    rates = [one["end_to_end_events_per_s"] for one in found]
    return put_together(sizes, found, {"end_to_end": rates[0] / rates[-1]})


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Several runs and their medians."""
    count = max(BATCH, arguments.events - arguments.events % BATCH)
    runs: list[dict[str, Any]] = []
    peers: list[float] = []
    for number in range(arguments.runs):
        events = make_events(count, number + 1, arguments.known)
        runs.append(measure_siyu(events, arguments.known, arguments.paced_seconds))
        peers.append(measure_peer(events[:PEER_EVENTS]))
        say(f"run {number + 1}/{arguments.runs}: {runs[-1]} peer {peers[-1]:.0f}/s")
    return summarise(runs, peers, count) | {"known": arguments.known}


def summarise(runs: list[dict[str, Any]], peers: list[float], count: int) -> dict[str, Any]:
    """Medians of rates, sums of what must be zero."""

    def median(name: str) -> int:
        return round(statistics.median(run[name] for run in runs))

    end_to_end, peer = median("end_to_end_events_per_s"), statistics.median(peers)
    return {
        "end_to_end_events_per_s": end_to_end,
        "accepted_events_per_s": median("accepted_events_per_s"),
        "single_requests_per_s": median("single_requests_per_s"),
        "lost": int(sum(run["lost"] + run["not_accepted"] for run in runs)),
        "duplicates": int(sum(run["duplicates"] + run["accepted_again"] for run in runs)),
        "peer_events_per_s": round(peer),
        "ratio": round(end_to_end / peer, 1),
        "journey_ms": {
            name: round(statistics.median(run["journey_ms"][name] for run in runs))
            for name in runs[0]["journey_ms"]
        },
        "events": count,
        "customers": median("customers"),
        "batch": BATCH,
        "runs": len(runs),
        "cpus": os.cpu_count() or 0,
    }


if __name__ == "__main__":
    main()
