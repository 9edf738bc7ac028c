"""Named places in the code where a test may let the process die by SIGKILL.

`SIYU_FAILPOINT=name` or `name:3` (at the third time). Without the variable nothing happens.
"""

from __future__ import annotations

import os
import signal
import threading

_lock = threading.Lock()
_hits = 0
_name, _, _count = os.environ.get("SIYU_FAILPOINT", "").partition(":")


def failpoint(name: str) -> None:
    """Die here when the environment asks for it."""
    global _hits  # noqa: PLW0603 - counts over the whole process
    if name != _name:
        return
    with _lock:
        _hits += 1
        if _hits >= int(_count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
