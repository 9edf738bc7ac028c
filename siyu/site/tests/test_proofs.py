"""A platform that asks whether the domain is ours gets the file it gave us."""

from __future__ import annotations

import pytest
from django.test import Client

from siyu.core.runtime import runtime

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def folder():
    made = runtime().home / "verify"
    made.mkdir()
    return made


def test_the_file_is_served_as_it_is(folder):
    (folder / "WW_verify_AbC123.txt").write_text("AbC123")
    answer = Client().get("/WW_verify_AbC123.txt")
    assert (answer.status_code, answer.content) == (200, b"AbC123")
    assert answer["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/MP_verify_x.txt", "/..%2Fsecret.txt", "/verify/a.txt"])
def test_nothing_else_is(folder, path):
    (runtime().home / "secret.txt").write_text("s")
    (folder / "a.txt").write_text("a")
    answer = Client().get(path)
    assert b"s" != answer.content != b"a"


def test_neither_a_link_nor_a_large_file(folder):
    (runtime().home / "secret.key").write_text("s")
    (folder / "link.txt").symlink_to(runtime().home / "secret.key")
    (folder / "large.txt").write_bytes(b"x" * 1025)
    assert [Client().get(f"/{name}.txt").status_code for name in ("link", "large")] == [404, 404]
