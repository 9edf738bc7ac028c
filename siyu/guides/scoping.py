"""Which members of staff a console user sees, by where he works."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from siyu.core.access import Actor, Scope
from siyu.core.scope import StaffScope, gather, staff_scope
from siyu.guides.models import Post, Region, Staff, Store


def staff_in_scope(actor: Actor) -> StaffScope:
    """The reader of `siyu.core.scope`: himself, and who works where he works or leads."""
    own = (actor.staff_account, actor.staff_id)
    if actor.reach is Scope.SELF:
        return gather([own])
    posts = Post.objects.filter(_places(actor))
    return gather([own, *posts.values_list("staff__account", "staff__staff")])


def visible_staff(actor: Actor) -> QuerySet[Staff]:
    """The members of staff an actor sees."""
    scope = staff_scope(actor)
    return Staff.objects.all() if scope is None else Staff.objects.filter(scope.matches())


def visible_stores(actor: Actor) -> QuerySet[Store]:
    """The stores an actor sees."""
    if actor.sees_all:
        return Store.objects.all()
    if actor.reach is Scope.REGION:
        return Store.objects.filter(Q(region_id__in=_led(actor)) | Q(pk__in=_worked(actor)))
    return Store.objects.filter(pk__in=_worked(actor))


def _places(actor: Actor) -> Q:
    """The posts in the actor's stores and, when he sees regions, in those he leads."""
    places = Q(store_id__in=_worked(actor))
    if actor.reach is Scope.REGION:
        led = _led(actor)
        places |= Q(region_id__in=led) | Q(store__region_id__in=led)
    return places


def _own_posts(actor: Actor) -> QuerySet[Post]:
    own = Q(staff__staff=actor.staff_id)
    if actor.staff_account:
        own &= Q(staff__account=actor.staff_account)
    return Post.objects.filter(own) if actor.staff_id else Post.objects.none()


def _worked(actor: Actor) -> list[int]:
    stores = _own_posts(actor).filter(store__isnull=False).values_list("store_id", flat=True)
    return [store for store in stores if store is not None]


def _led(actor: Actor) -> list[int]:
    """The regions he leads with all below them."""
    paths = _own_posts(actor).filter(region__isnull=False).values_list("region__path", flat=True)
    below = Q(pk__in=())
    for path in paths:
        below |= Q(path__startswith=path)
    return list(Region.objects.filter(below).values_list("pk", flat=True))
