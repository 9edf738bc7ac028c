"""OneID: from a table of links between 128-bit ids to people; ours, Splink's and SciPy's.

    python bench/oneid.py --json [--links 1000000 | --sizes 1000000,10000000,25000000] [--runs 3]

Every way starts from the same Arrow table (`a`, `b`: 16 bytes each) in memory and ends with one
person number for each id. Each run is a process of its own, so that peaks can be told apart.
Splink is a peer, not a part of Siyu: `pip install --require-hashes -r requirements/peers.txt`,
in this environment, or in another one named by `--peer-python`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from growing import put_together, run_sizes

KINDS = 5
LINKS_PER_PERSON = 2.5
WAYS = ("ours", "scipy", "splink")


def make_links(links: int, seed: int = 7) -> pa.Table:
    """Links of people with 5 kinds of ids; about 2.5 a person, in random order."""
    rng = np.random.default_rng(seed)
    people = int(links / LINKS_PER_PERSON)
    hub = rng.integers(0, people, links)
    kind = rng.integers(1, KINDS, links)
    other = np.where(rng.random(links) < 0.9, hub, (hub + 1) % people)
    is_bridge = rng.random(links) < 0.02
    other = np.where(is_bridge, other, hub)
    return pa.table({"a": _column(hub * KINDS), "b": _column(other * KINDS + kind)})


def _column(numbers: np.ndarray) -> pa.Array:
    words = np.empty((len(numbers), 2), np.uint64)
    words[:, 0] = _mix(numbers.astype(np.uint64))
    words[:, 1] = _mix(words[:, 0] + np.uint64(0x9E3779B97F4A7C15))
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(numbers), [None, pa.py_buffer(words)]
    )


def _mix(x: np.ndarray) -> np.ndarray:
    """SplitMix64, so that ids look like hashes and never repeat."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def words_of(column: pa.ChunkedArray) -> np.ndarray:
    """The ids as pairs of 64-bit words, without a copy when the column is one chunk."""
    array = column.combine_chunks() if column.num_chunks > 1 else column.chunk(0)
    buffer = array.buffers()[1]
    words = np.frombuffer(buffer, np.uint64).reshape(-1, 2)
    return words[array.offset : array.offset + len(array)]


def run_ours(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """(ids of `a`, person of each): the code of `siyu.pool.rebuild`."""
    from siyu.pool.components import cluster_links

    numbering, labels = cluster_links(words_of(table["a"]), words_of(table["b"]))
    return numbering.left, labels


def run_scipy(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Arrow's dictionary encoding, then `connected_components`."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    both = pa.chunked_array([table["a"].chunk(0), table["b"].chunk(0)])
    codes = both.combine_chunks().dictionary_encode().indices.to_numpy()
    left, right = codes[: len(table)], codes[len(table) :]
    count = int(codes.max()) + 1
    ones = np.ones(len(left), np.int8)
    graph = coo_matrix((ones, (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    return left, labels


def run_splink(links: pa.Table) -> tuple[Any, Any]:
    """`cluster_pairwise_predictions_at_threshold` on DuckDB."""
    import duckdb
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    connection = duckdb.connect()
    connection.register("links", links)
    connection.execute(
        "CREATE TABLE edges AS SELECT a AS unique_id_l, b AS unique_id_r,"
        " 1.0 AS match_probability FROM links"
    )
    connection.execute(
        "CREATE TABLE nodes AS SELECT unique_id_l AS unique_id FROM edges"
        " UNION SELECT unique_id_r FROM edges"
    )
    api = DuckDBAPI(connection=connection)
    nodes, edges = "nodes", "edges"
    if hasattr(api, "register"):
        nodes, edges = api.register("nodes"), api.register("edges")
    found = cluster_pairwise_predictions_at_threshold(
        nodes,
        edges,
        api,
        node_id_column_name="unique_id",
        edge_id_column_name_left="unique_id_l",
        edge_id_column_name_right="unique_id_r",
        threshold_match_probability=0.5,
    )
    return connection, found.physical_name


def fingerprint(way: str, answer: tuple[Any, Any]) -> dict[str, int]:
    """The partition in a form that does not depend on numbering: each link's smallest row."""
    if way == "splink":
        connection, name = answer
        people = connection.execute(
            f"SELECT c.cluster_id FROM (SELECT a, row_number() OVER () AS i FROM links) l"
            f" JOIN {name} c ON c.unique_id = l.a ORDER BY l.i"
        ).to_arrow_table()["cluster_id"]
        person = pc.dictionary_encode(people.combine_chunks()).indices.to_numpy()
    else:
        person = answer[1][answer[0]]
    first = np.full(int(person.max()) + 1, len(person), np.int64)
    np.minimum.at(first, person, np.arange(len(person)))
    rows = first[person]
    weights = _mix(np.arange(len(rows), dtype=np.uint64))
    return {
        "people": int((first < len(person)).sum()),
        "hash": int((rows.astype(np.uint64) * weights).sum(dtype=np.uint64)),
    }


def run_one(way: str, path: str) -> None:
    """The child: warm up on a little, time once, print."""
    run = {"ours": run_ours, "scipy": run_scipy, "splink": run_splink}[way]
    run(make_links(1_000))
    with pa.memory_map(path) as source:
        table = pa.ipc.open_file(source).read_all()
    table = pa.table({name: _copy(table[name]) for name in ("a", "b")})
    before = _peak()
    started = time.perf_counter()
    answer = run(table)
    seconds = time.perf_counter() - started
    peak = _peak()
    print(
        json.dumps(
            {"seconds": seconds, "peak_gb": peak, "table_gb": before} | fingerprint(way, answer)
        )
    )


def _copy(column: pa.ChunkedArray) -> pa.Array:
    """The column in memory of its own, so that no way pays for reading the file."""
    array = column.combine_chunks() if column.num_chunks > 1 else column.chunk(0)
    words = np.frombuffer(array.buffers()[1], np.uint64).copy()
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(array), [None, pa.py_buffer(words)]
    )


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2)


def measure(way: str, path: str, runs: int, python: str) -> dict[str, Any]:
    """Median of several child processes."""
    results = []
    for _ in range(runs):
        done = subprocess.run(
            [python, __file__, "--way", way, "--table", path],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        if done.returncode:
            return {"error": done.stderr.strip().splitlines()[-1:]}
        results.append(json.loads(done.stdout.strip().splitlines()[-1]))
    seconds = [result["seconds"] for result in results]
    return {
        "seconds": round(statistics.median(seconds), 3),
        "runs": [round(value, 3) for value in seconds],
        "peak_gb": max(result["peak_gb"] for result in results),
        "people": results[0]["people"],
        "hash": results[0]["hash"],
    }


def report(found: dict[str, dict[str, Any]], links: int) -> dict[str, Any]:
    """One object: seconds, ratios, whether all agree."""
    ours = found["ours"]["seconds"]
    ratio = {
        way: round(found[way]["seconds"] / ours, 2) if "seconds" in found[way] else None
        for way in WAYS[1:]
    }
    answers = {(f["people"], f["hash"]) for f in found.values() if "seconds" in f}
    return {
        "bench": "oneid",
        "links": links,
        "kinds": KINDS,
        "people": found["ours"]["people"],
        "seconds": {way: f.get("seconds") for way, f in found.items()},
        "runs": {way: f.get("runs") for way, f in found.items()},
        "peak_gb": {way: f.get("peak_gb") for way, f in found.items()},
        "ratio": ratio,
        "is_equal": len(answers) == 1,
        "links_per_s": round(links / ours),
        "problems": {way: f["error"] for way, f in found.items() if "error" in f},
    }


def grow(sizes: list[int], arguments: argparse.Namespace) -> dict[str, Any]:
    """The bench at several sizes, and how much dearer a link is at the last than at the first."""

    def flags(size: int) -> list[str]:
        peer = ["--peer-python", arguments.peer_python]
        return ["--links", str(size), "--runs", str(arguments.runs), *peer]

    found = run_sizes(__file__, sizes, flags)
    rates = {way: [one["links"] / one["seconds"][way] for one in found] for way in WAYS}
    return put_together(sizes, found, {way: rate[0] / rate[-1] for way, rate in rates.items()})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--sizes", default="", help="several numbers of links")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable, help="python that has splink")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--table", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        run_one(arguments.way, arguments.table)
        return 0
    if arguments.sizes:
        grown = grow([int(size) for size in arguments.sizes.split(",")], arguments)
        print(json.dumps(grown) if arguments.json else json.dumps(grown, indent=2))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "links.arrow")
        table = make_links(arguments.links)
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=arguments.links)
        del table
        found = {}
        for way in WAYS:
            python = arguments.peer_python if way == "splink" else sys.executable
            found[way] = measure(way, path, arguments.runs, python)
            print(f"{way}: {found[way]}", file=sys.stderr)
    result = report(found, arguments.links)
    if "error" in found["splink"]:
        hint = "Splink is missing: pip install --require-hashes -r requirements/peers.txt"
        is_here = importlib.util.find_spec("splink") is not None
        result["hint"] = "" if is_here else hint
        print(hint, file=sys.stderr)
    print(json.dumps(result) if arguments.json else json.dumps(result, indent=2))
    return 0 if result["is_equal"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
