"""The vendors' own clients talk to the running product; people see it on the customer's page."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.end_to_end.product import Product, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("product")]
SECONDS = 2.0
PHONE = "13912345678"


@pytest.fixture(scope="module")
def shop_key(product: Product) -> str:
    return product.run("keys", "create", "shop")


@pytest.fixture(scope="module")
def app_key(product: Product) -> str:
    return product.run("keys", "create", "app")


def timeline_of(product: Product, identity: str) -> list[dict[str, Any]]:
    """What the customer page shows of the one customer found by an identity."""
    found = product.get("/customers", q=identity)["items"]
    if not found:
        return []
    [customer] = found
    return list(product.get(f"/customers/{customer['id']}/timeline")["items"])


def wait_for_names(
    product: Product, identity: str, names: set[str], *, flushed: float
) -> list[dict[str, Any]]:
    """The timeline, read until it shows `names`, at most two seconds from the flush."""
    shown = wait_for(
        lambda: timeline_of(product, identity),
        lambda items: names <= {item["name"] for item in items},
        flushed + SECONDS - time.monotonic(),
    )
    took = time.monotonic() - flushed
    assert names <= {item["name"] for item in shown}, (names, [item["name"] for item in shown])
    print(f"on the timeline after {took:.2f} s")
    return shown


def send_by_segment(product: Product, key: str) -> float:
    """Events of a shop's server; when its client was told to flush."""
    from segment.analytics.client import Client

    failures: list[object] = []
    client = Client(key, host=product.url, on_error=lambda error, _: failures.append(error))
    client.identify(
        "shop-7",
        {"phone": PHONE, "level": "gold"},
        context={"externalIds": [{"id": "o-union-7", "type": "wx_unionid"}]},
    )
    client.track("shop-7", "Product Viewed", {"sku": "tea-1"})
    flushed = time.monotonic()
    client.flush()
    client.join()
    assert failures == []
    return flushed


def send_by_sensors(product: Product, key: str) -> float:
    """Events of an app's server; when its client was told to flush."""
    import sensorsanalytics as sa

    consumer = sa.BatchConsumer(f"{product.url}/sa?project=default&token={key}")
    client = sa.SensorsAnalytics(consumer)
    client.bind(
        sa.SensorsAnalyticsIdentity(sa.SensorsAnalyticsIdentity.LOGIN_ID, "app-7"),
        sa.SensorsAnalyticsIdentity(sa.SensorsAnalyticsIdentity.MOBILE, PHONE),
    )
    client.track("app-7", "AddToCart", {"sku": "tea-2"}, is_login_id=True)
    flushed = time.monotonic()
    client.flush()
    client.close()
    return flushed


def test_events_of_segments_client_are_on_the_timeline_within_two_seconds(product, shop_key):
    flushed = send_by_segment(product, shop_key)
    shown = wait_for_names(product, "shop-7", {"identified", "product_viewed"}, flushed=flushed)
    viewed = next(item for item in shown if item["name"] == "product_viewed")
    assert (viewed["source"], viewed["properties"]["sku"]) == ("shop", "tea-1")


def test_events_of_sensors_client_are_on_the_timeline_within_two_seconds(product, app_key):
    flushed = send_by_sensors(product, app_key)
    shown = wait_for_names(product, "app-7", {"alias", "add_to_cart"}, flushed=flushed)
    added = next(item for item in shown if item["name"] == "add_to_cart")
    assert (added["source"], added["properties"]["sku"]) == ("app", "tea-2")


def test_the_phone_both_clients_told_makes_one_customer_and_the_page_says_why(
    product, shop_key, app_key
):
    send_by_segment(product, shop_key)
    flushed = send_by_sensors(product, app_key)
    names = {"product_viewed", "add_to_cart"}
    wait_for_names(product, "shop-7", names, flushed=flushed)
    found = {
        product.get("/customers", q=identity)["items"][0]["id"]
        for identity in ("shop-7", "app-7", PHONE)
    }
    assert len(found) == 1
    why = product.get(f"/customers/{found.pop()}/why")
    values = {node["id"]: node["namespace"] for node in why["nodes"]}
    joined = {
        (edge["source"], frozenset((values[edge["a"]], values[edge["b"]])))
        for edge in why["edges"]
        if edge["state"] == "joined"
    }
    assert ("shop", frozenset(("user_id", "phone"))) in joined or (
        "shop",
        frozenset(("wx_unionid", "phone")),
    ) in joined
    assert ("app", frozenset(("user_id", "phone"))) in joined
    assert why["summary"]
