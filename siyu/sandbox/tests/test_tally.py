"""Calls are counted by path and code."""

from __future__ import annotations

import pytest

from siyu.sandbox.tally import Tally


def test_calls_and_refusals_are_counted_by_path_and_code():
    tally = Tally()
    tally.count("a", "/cgi-bin/get", 200, b'{"errcode":0,"errmsg":"ok"}')
    tally.count("a", "/cgi-bin/get", 200, b'{"errcode": 45009, "errmsg": "often"}')
    tally.count("a", "/cgi-bin/get", 503)
    tally.count("b", "/im/send", 200, b'{"data":{"error_code":28001003}}')
    assert tally.show() == {
        "a": {"/cgi-bin/get": {"calls": 3, "45009": 1, "503": 1}},
        "b": {"/im/send": {"calls": 1, "28001003": 1}},
    }


@pytest.mark.parametrize(
    "path", ["/v3/orders/T10000001", "/v3/orders/T10000002", f"/v3/orders/{'x' * 33}"]
)
def test_ids_in_paths_make_no_rows(path):
    tally = Tally()
    tally.count("a", path, 200)
    assert list(tally.show()["a"]) == ["/v3/orders/{}"]


def test_long_names_of_calls_stay():
    tally = Tally()
    tally.count("a", "/cgi-bin/externalcontact/get_groupmsg_send_result", 200)
    assert list(tally.show()["a"]) == ["/cgi-bin/externalcontact/get_groupmsg_send_result"]


def test_an_error_code_deep_in_a_body_is_data():
    tally = Tally()
    tally.count("a", "/x", 200, b'{"list":"' + b"." * 200 + b'","errcode":1}')
    assert tally.show() == {"a": {"/x": {"calls": 1}}}
