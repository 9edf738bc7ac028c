"""A real Spark cluster for the tests of this folder, and the switch from engine to engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from siyu.site.testing.spark import CONF, SparkCluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[SparkCluster]:
    """Master and two workers; without Java this fails with what to install, it does not skip."""
    from siyu.lake.spark.session import stop_spark

    found = SparkCluster.start()
    yield found
    stop_spark()
    found.stop()


@pytest.fixture
def use(settings, cluster):
    """`use("spark")`, `use("duckdb")`: what SIYU_ENGINE would say from here on."""
    before = settings.ENVIRONMENT

    def choose(engine: str) -> None:
        settings.ENVIRONMENT = replace(
            before, engine=engine, spark_master=cluster.master, spark_conf=tuple(CONF.items())
        )

    return choose
