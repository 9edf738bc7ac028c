"""What rooms on one floor ask of each other, translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from siyu.growth.neighbours import set_neighbours
from siyu.growth.types import Colleague, StorePlace
from siyu.guides.colleagues import list_department_names, list_staff_cards
from siyu.guides.queries import list_store_points
from siyu.reach.silences import set_silences
from siyu.talk.desk_queries import silences_of


def connect() -> None:
    """Let growth know of staff and stores, and reach of where to be silent."""
    set_neighbours(staff=colleagues_of, departments=list_department_names, stores=store_places)
    set_silences(silences_of)


def colleagues_of(account: str) -> Mapping[str, Colleague]:
    """Staff as growth sees them."""
    return {
        remote_id: Colleague(name=card.name, is_active=card.is_active, departments=card.departments)
        for remote_id, card in list_staff_cards(account).items()
    }


def store_places() -> Sequence[StorePlace]:
    """Stores as growth sees them."""
    return [
        StorePlace(
            id=point.id,
            code=point.code,
            name=point.name,
            city=point.city,
            address=point.address,
            hours=point.hours,
            lat=point.lat,
            lng=point.lng,
            staff=tuple((account, who) for account, who in point.staff),
        )
        for point in list_store_points()
    ]
