"""What issue 4 promises of WeCom in numbers, against the sandbox over real sockets.

    python bench/wecom.py --customers 100000 --seconds 60 [--json]

In one home (SQLite), with `siyu sandbox`, `siyu web` and `siyu worker`: the first pull of a corp
of so many customers and a guide for every 20 of them; the guides' figures and the customer list
over HTTP, as the owner and as people of each data scope; callbacks, signed and encrypted, at
`--callbacks` a second; then friends at `--friends` a second who are greeted, every second one by
words that need his name. The sandbox's own books tell how many calls the pull took and how long
each welcome was on its way since the callback was handed to the postman.
`--sizes 10000,100000` does all of it for several sizes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from growing import put_together, run_sizes
from ingest import say
from wecom_live import call_back, welcome
from wecom_place import open_place
from wecom_pool import buy, look, pull, settle

PER_GUIDE = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60, help="of callbacks, and of friends")
    parser.add_argument("--callbacks", type=int, default=200, help="a second")
    parser.add_argument("--friends", type=int, default=20, help="a second, to be greeted")
    parser.add_argument("--times", type=int, default=100, help="how often a page is asked for")
    parser.add_argument("--sizes", default="", help="several numbers of customers")
    told = parser.parse_args()
    result = grow(told) if told.sizes else measure(told)
    print(json.dumps(result, indent=None if told.json else 2))


def grow(told: argparse.Namespace) -> dict[str, Any]:
    """All of it at several sizes; growth is of the time a customer costs."""
    sizes = [int(size) for size in told.sizes.split(",")]
    names = ("seconds", "callbacks", "friends", "times")
    common = [word for name in names for word in (f"--{name}", str(vars(told)[name]))]
    found = run_sizes(__file__, sizes, lambda size: [*common, "--customers", str(size)])
    rates = [one["pull"]["customers_per_s"] for one in found]
    return put_together(sizes, found, {"pull": rates[0] / rates[-1]})


def measure(told: argparse.Namespace) -> dict[str, Any]:
    """One home, all parts."""
    guides = max(40, told.customers // PER_GUIDE)
    result: dict[str, Any] = {"customers": told.customers}
    with open_place() as place:
        settle(place, told.customers, guides)
        key = place.begin()
        with place.siyu():
            result["pull"] = pull(place, told.customers)
            say(f"pull: {result['pull']}")
            result["orders"] = buy(place, told.customers, key)
            result |= place.brand("organise")
            result["pages"] = look(place, told.times)
            say(f"pages: {result['pages']}")
            result["callbacks"] = call_back(place, told.seconds, told.callbacks)
            say(f"callbacks: {result['callbacks']}")
            result["welcomes"] = welcome(place, told.seconds, told.friends)
    return result


if __name__ == "__main__":
    main()
