"""What the rules say of one stranger with identities of certain kinds, whatever their values."""

from __future__ import annotations

from dataclasses import dataclass

from siyu.kernel.identity import Identity, Strength
from siyu.pool.linking import best_first
from siyu.pool.rules import EdgeState, Link, cluster, edge_strength, is_over_limit
from siyu.pool.ruling import rule_of
from siyu.pool.sightings import Sighted, first_sighting

Key = tuple[str, str]
JOINED = (EdgeState.JOINED.value, "")


@dataclass(frozen=True)
class Shape:
    """places: which columns are filled. hub: the one (among these) the others are linked to.

    strengths, degrees, strong_degrees: of the identities as stored, in order of `places`.
    edges: (position among `places`, strength) of each link to the hub. verdict: of every edge.
    """

    keys: tuple[Key, ...]
    places: tuple[int, ...]
    hub: int
    strengths: tuple[str, ...]
    degrees: tuple[int, ...]
    strong_degrees: tuple[int, ...]
    edges: tuple[tuple[int, str], ...]
    verdict: tuple[str, str] = JOINED


def judge_shape(keys: tuple[Key, ...], places: tuple[int, ...]) -> Shape | None:
    """How a stranger with these identities is stored; None when the rules would part them."""
    nodes = [_example(number, *keys[place]) for number, place in enumerate(places)]
    hub = nodes.index(best_first(list(nodes))[0])
    others = [number for number in range(len(nodes)) if number != hub]
    strengths = {n: edge_strength(nodes[hub].is_strong, nodes[n].is_strong) for n in others}
    links = [_link(n, nodes[hub].id, nodes[n].id, strengths[n]) for n in others]
    outcome = cluster({node.id: node for node in nodes}, links)
    if len(outcome.groups) != 1 or any(each != JOINED for each in outcome.verdicts.values()):
        return None
    degrees = tuple(len(others) if n == hub else 1 for n in range(len(nodes)))
    if len(nodes) == 1:
        degrees = (0,)
    strong = sum(nodes[n].is_strong for n in others)
    of_other = int(nodes[hub].is_strong)
    strong_degrees = tuple(strong if n == hub else of_other for n in range(len(nodes)))
    for node, degree, strong_degree in zip(nodes, degrees, strong_degrees, strict=True):
        if is_over_limit(rule_of(node.namespace), degree, strong_degree):
            return None
    told = tuple(Strength.STRONG.value if n.is_strong else Strength.WEAK.value for n in nodes)
    edges = tuple(strengths.items())
    return Shape(keys, places, hub, told, degrees, strong_degrees, edges)


def _example(number: int, namespace: str, scope: str) -> Sighted:
    """An identity of a kind; its value stands for any."""
    identity = Identity(namespace, scope, f"example-{number}")
    return first_sighting(number + 1, identity, at=1, source="example", platform="example")


def _link(number: int, hub: int, other: int, strength: str) -> Link:
    a, b = min(hub, other), max(hub, other)
    return Link(number, a, b, strength, 1)
