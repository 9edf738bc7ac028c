"""The vendors' own clients against a running server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from siyu.core.tests.place import Place, make_place

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home: Path = tmp_path_factory.mktemp("home")
    with make_place(home) as found:
        found.start("web", "worker")
        yield found


def facts_named(place: Place, *names: str) -> dict[str, str]:
    """Identities by name of the facts, waited for up to two seconds."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        found = {name: identities for name, _, identities in place.facts() if name in names}
        if set(found) == set(names):
            break
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("is_gzip", [False, True])
def test_events_of_segments_client_arrive_within_two_seconds(place: Place, is_gzip):
    from segment.analytics.client import Client

    failures: list[object] = []
    client = Client(
        place.key, host=place.url, gzip=is_gzip, on_error=lambda error, _: failures.append(error)
    )
    mark = "zipped" if is_gzip else "plain"
    ids = {"externalIds": [{"id": f"o-{mark}", "type": "wx_unionid", "collection": "users"}]}
    client.identify("u1", {"phone": "13912345678"}, context=ids)
    client.track("u1", f"Order Viewed {mark}", {"order_id": "o1"})
    client.page("u1", "shop", "home")
    client.alias("a1", "u1")
    client.flush()
    found = facts_named(place, f"order_viewed_{mark}", "identified", "page_viewed", "alias")
    client.join()
    assert failures == []
    assert found[f"order_viewed_{mark}"] == "user_id:shop:u1"
    assert f"wx_unionid::o-{mark}" in found["identified"]
    assert "phone::+8613912345678" in found["identified"]
    assert "anonymous_id:shop:a1" in found["alias"]


def test_a_wrong_key_reaches_segments_client_as_an_error(place: Place):
    from segment.analytics.client import Client
    from segment.analytics.request import APIError

    client = Client("swk_wrong", host=place.url, sync_mode=True, max_retries=0)
    with pytest.raises(APIError) as caught:
        client.track("u1", "Order Viewed")
    assert (caught.value.status, caught.value.code) == (401, "write_key.unknown")


@pytest.mark.parametrize("kind", ["single", "batch"])
def test_events_of_sensors_client_arrive_within_two_seconds(place: Place, kind):
    import sensorsanalytics as sa

    url = f"{place.url}/sa?project=default&token={place.key}"
    consumer = sa.DefaultConsumer(url) if kind == "single" else sa.BatchConsumer(url)
    client = sa.SensorsAnalytics(consumer)
    client.track("u2", f"ViewProduct_{kind}", {"sku": "s1"}, is_login_id=True)
    client.track_signup("u2", "a2")
    client.profile_set("u2", {"level": 3}, is_login_id=True)
    client.bind(
        sa.SensorsAnalyticsIdentity(sa.SensorsAnalyticsIdentity.LOGIN_ID, "u2"),
        sa.SensorsAnalyticsIdentity(sa.SensorsAnalyticsIdentity.MOBILE, "13987654321"),
    )
    client.track_by_id(
        f"ById_{kind}",
        {"sku": "s2"},
        sa.SensorsAnalyticsIdentity(sa.SensorsAnalyticsIdentity.EMAIL, "lin@example.cn"),
    )
    client.flush()
    found = facts_named(place, f"view_product_{kind}", f"by_id_{kind}", "signed_up", "alias")
    client.close()
    assert found[f"view_product_{kind}"] == "user_id:shop:u2"
    assert found["signed_up"] == "user_id:shop:u2 anonymous_id:shop:a2"
    assert "phone::+8613987654321" in found["alias"]
    assert found[f"by_id_{kind}"] == "email::lin@example.cn"
