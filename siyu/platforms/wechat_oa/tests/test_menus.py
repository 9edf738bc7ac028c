"""Menus for some fans, against the sandbox; and how the platform words them."""

from __future__ import annotations

import pytest

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.ports.menus import MenuButton, MenuRule


def menu(name: str, url: str = "") -> tuple[MenuButton, ...]:
    if url:
        return (MenuButton(name=name, kind="view", value=url),)
    return (MenuButton(name=name, kind="click", value="K"),)


def names(buttons) -> list[str]:
    return [button.name for button in buttons]


def test_a_menu_for_some_needs_the_menu_for_all(connector):
    with pytest.raises(PlatformRefused) as caught:
        connector.menus.publish_menu(menu("老客"), MenuRule(client="ios"))
    assert (caught.value.platform_code, caught.value.code) == ("65303", "wechat.no_default_menu")


def test_the_menu_made_last_that_fits_a_fan_is_shown(connector, sandbox):
    menus = connector.menus
    fan = sandbox.control("follow", {"unionid": "oU1"})
    (tag,) = connector.tags.create_tags("", ["老客"])
    menus.publish_menu(menu("大家"))
    tagged = menus.publish_menu(menu("老客"), MenuRule(tag_id=tag.remote_id))
    apple = menus.publish_menu(menu("苹果"), MenuRule(tag_id=tag.remote_id, client="ios"))
    assert names(menus.match_menu(fan["openid"])) == ["大家"]
    connector.tags.mark("", fan["openid"], [tag.remote_id], [])
    assert names(menus.match_menu(fan["openid"])) == ["老客"]
    sandbox.control("use_client", {**fan, "client": 1})
    assert names(menus.match_menu(fan["openid"])) == ["苹果"]
    listed = menus.list_conditional()
    assert [one.remote_id for one in listed] == [apple, tagged]
    assert listed[0].rule == MenuRule(tag_id=tag.remote_id, client="ios")
    assert names(listed[1].buttons) == ["老客"]
    for _ in range(2):
        menus.delete_conditional(apple)
    assert names(menus.match_menu(fan["openid"])) == ["老客"]
    menus.delete_menu()
    assert menus.list_conditional() == []
    assert menus.match_menu(fan["openid"]) == ()


def test_only_tag_and_phone_may_be_asked_for(connector, sandbox):
    connector.menus.publish_menu(menu("大家"))
    for rule in (MenuRule(), MenuRule(client="windows")):
        with pytest.raises(Refused):
            connector.menus.publish_menu(menu("老客"), rule)
    body = {"button": [{"type": "click", "name": "a", "key": "K"}]}
    for asked, code in (({}, "65304"), ({"language": "en", "tag_id": "100"}, "65320")):
        with pytest.raises(PlatformRefused) as caught:
            connector.menus._client.add_conditional_menu({**body, "matchrule": asked})
        assert caught.value.platform_code == code


def test_links_of_all_these_menus_lead_to_three_domains(connector):
    connector.menus.publish_menu(menu("大家"))
    for number in range(3):
        link = menu("链接", f"https://shop{number}.example/a")
        connector.menus.publish_menu(link, MenuRule(client="ios"))
    with pytest.raises(PlatformRefused) as caught:
        connector.menus.publish_menu(menu("链接", "https://shop4.example/"), MenuRule(client="ios"))
    assert caught.value.platform_code == "65316"


def test_a_stranger_sees_no_menu(connector):
    connector.menus.publish_menu(menu("大家"))
    with pytest.raises(PlatformRefused) as caught:
        connector.menus.match_menu("oNobody")
    assert caught.value.platform_code == "65302"
