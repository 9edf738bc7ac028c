"""The sabotage: a web process that acknowledges callbacks a while before it keeps them."""

from __future__ import annotations

import sys
import threading

from siyu.site.boot import boot

LATER = 5.0


def be_hasty() -> None:
    """Say that everything is on disk, and write it seconds later."""
    from siyu.core.inbox import Outcome
    from siyu.core.inbox_sqlite import SqliteStore
    from siyu.core.intake import place

    class Hasty(SqliteStore):
        def commit(self, entries):
            timer = threading.Timer(LATER, super().commit, [list(entries)])
            timer.daemon = True
            timer.start()
            return [Outcome(accepted=len(entry.keys)) for entry in entries]

    vars(place)["SqliteStore"] = Hasty


if __name__ == "__main__":
    boot()
    be_hasty()
    from siyu.site.command import main

    sys.exit(main(sys.argv[1:]))
