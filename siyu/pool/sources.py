"""What a person's first source is called: the fact's source, unless a slice knows better."""

from __future__ import annotations

from collections.abc import Callable

from siyu.ports.facts import Fact

Namer = Callable[[Fact], str]


def _own_source(fact: Fact) -> str:
    return fact.source


_namer: Namer = _own_source


def set_source_namer(namer: Namer) -> None:
    """Name sources by this function from now on; `site` sets it. It must be pure and quick."""
    global _namer  # noqa: PLW0603 - one per process, by design
    _namer = namer


def name_source(fact: Fact) -> str:
    """Where the person of a fact came from (`store_poster`, `wecom:ww1`)."""
    return _namer(fact)
