"""Connected components on Spark: large-star and small-star, round after round.

Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii, "Connected Components in MapReduce and
Beyond" (SoCC 2014). Each round writes its links, which cuts the lineage, and ends when a round
changed nothing; then every link leads to the smallest number of its component.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from siyu.lake.spark.delta_files import spark_uri
from siyu.lake.spark.exports import new_folder
from siyu.lake.spark.session import limited, spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Numbers = NDArray[np.int32]
LINKS = "u BIGINT, v BIGINT"
_ROW_GROUP = 1_000_000
TIMEOUT_S = 3600.0
_TIDY = "SELECT DISTINCT greatest(u, v) AS u, least(u, v) AS v FROM links WHERE u <> v"
_LARGE_STAR = """
WITH both AS (SELECT u, v FROM links UNION ALL SELECT v AS u, u AS v FROM links),
least_of AS (SELECT u, least(u, min(v)) AS least FROM both GROUP BY u)
SELECT DISTINCT both.v AS u, least_of.least AS v
FROM both JOIN least_of ON least_of.u = both.u
WHERE both.v > both.u AND both.v <> least_of.least
"""
_SMALL_STAR = """
WITH least_of AS (SELECT u, min(v) AS least FROM links GROUP BY u)
SELECT links.v AS u, least_of.least AS v
FROM links JOIN least_of ON least_of.u = links.u
WHERE links.v <> least_of.least
UNION
SELECT u, least AS v FROM least_of
"""


def label_components(left: Numbers, right: Numbers, count: int) -> Numbers:
    """For each of `count` numbers, the smallest number of its component.

    left, right: the ends of each link, numbers below `count`.
    """
    spark = spark_session().newSession()
    folder = new_folder()
    try:
        table = pa.table({"u": left.astype(np.int64), "v": right.astype(np.int64)})
        pq.write_table(table, str(folder / "given.parquet"), row_group_size=_ROW_GROUP)
        links = _read(spark, folder / "given.parquet")
        with limited(spark, TIMEOUT_S):
            stars = _settle(spark, links, folder)
        found = pq.read_table(str(stars)) if list(stars.glob("*.parquet")) else table.slice(0, 0)
        labels = np.arange(count, dtype=np.int32)
        labels[found["u"].to_numpy()] = found["v"].to_numpy()
        return labels
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(spark: SparkSession, links: DataFrame, folder: Path) -> Path:
    """The folder of the links after the last round: each from a number to its component's."""
    place = folder / "0"
    _write(_run(spark, _TIDY, links), place)
    before = None
    for turn in range(1, 1000):
        now = _sum(spark, place)
        if now == before:
            break
        before = now
        large = _run(spark, _LARGE_STAR, _read(spark, place))
        following = folder / str(turn)
        _write(_run(spark, _SMALL_STAR, large), following)
        shutil.rmtree(place, ignore_errors=True)
        place = following
    return place


def _run(spark: SparkSession, sql: str, links: DataFrame) -> DataFrame:
    links.createOrReplaceTempView("links")
    return spark.sql(sql)


def _read(spark: SparkSession, place: Path) -> DataFrame:
    return spark.read.schema(LINKS).parquet(spark_uri(str(place)))


def _write(links: DataFrame, place: Path) -> None:
    links.write.parquet(spark_uri(str(place)))


def _sum(spark: SparkSession, place: Path) -> tuple[int, int]:
    """What two equal sets of links have in common, and different ones practically never."""
    [row] = (
        _read(spark, place).selectExpr("count(*) AS n", "bit_xor(xxhash64(u, v)) AS x").collect()
    )
    return int(row["n"]), int(row["x"] or 0)
