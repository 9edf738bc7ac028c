"""One running product for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.end_to_end.product import Product, running_product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`siyu up`, ready, its owner signed in."""
    with running_product(tmp_path_factory.mktemp("product")) as found:
        yield found
