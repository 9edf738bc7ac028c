from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.kernel.identity import Namespaces

NAMESPACES = Namespaces()


def test_an_identity_is_normalised_by_its_namespace():
    assert NAMESPACES.identity("phone", "139 1234 5678").value == "+8613912345678"
    assert NAMESPACES.identity("email", " Lin@Example.COM ").value == "lin@example.com"
    assert NAMESPACES.identity("user_id", " u1 ", "shop").key == "user_id:shop:u1"


def test_an_international_domain_is_kept_as_punycode():
    assert NAMESPACES.identity("email", "lin@例子.cn").value == "lin@xn--fsqu00a.cn"


@pytest.mark.parametrize(
    "value",
    [
        "null",
        "undefined",
        "anonymous",
        "0000000",
        "-1",
        "1111111",
        "00000000-0000-0000-0000-000000000000",
        "d41d8cd98f00b204e9800998ecf8427e",
        "NaN",
    ],
)
def test_values_shared_by_strangers_are_no_identity(value):
    with pytest.raises(Refused) as error:
        NAMESPACES.identity("user_id", value, "shop")
    assert error.value.code == "identity.poison"


@pytest.mark.parametrize("value", ["", "  ", "x" * 255, "a\x00b"])
def test_empty_long_or_broken_values_are_refused(value):
    with pytest.raises(Refused) as error:
        NAMESPACES.identity("user_id", value)
    assert error.value.code == "identity.value"


def test_an_undeclared_namespace_is_refused():
    with pytest.raises(Refused) as error:
        NAMESPACES.identity("qq", "1")
    assert error.value.code == "identity.namespace"


@given(st.sampled_from(["user_id", "email", "phone"]), st.text(max_size=300))
def test_normalising_twice_changes_nothing(namespace, value):
    try:
        first = NAMESPACES.identity(namespace, value)
    except Refused:
        return
    assert NAMESPACES.identity(namespace, first.value) == first
