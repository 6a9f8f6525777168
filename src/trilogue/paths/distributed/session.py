"""The connection to Apache Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trilogue.errors import TrilogueError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    # The name of a folder is the issue: it must not be read as a number or a date.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # What comes back to the driver is bounded by how many acts we let come back.
    "spark.driver.maxResultSize": "0",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


@contextmanager
def connected(master: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Connect to a master, such as `local[2]` or `spark://host:7077`, and leave it when done.

    Nothing runs on the workers but Spark itself: they need neither Python nor this package.
    Raises `TrilogueError` where PySpark or Java is missing, or the master does not answer.
    """
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        reason = "needs PySpark: pip install 'trilogue[spark]', and Java 17 or later"
        raise TrilogueError(f"the engine spark {reason}") from None
    builder = SparkSession.builder.master(master).appName("trilogue")
    for name, value in {**_SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkException as error:
        if error.getCondition() == "JAVA_GATEWAY_EXITED":
            raise TrilogueError("Spark found no Java that it can run on: 17 or later") from None
        raise TrilogueError(f"{master}: {_first_line(error)}") from None
    except Py4JError as error:
        raise TrilogueError(f"{master}: {_first_line(error)}") from None
    if master.startswith("local"):
        # The tasks that Spark has for a shuffle by default are for clusters.
        tasks = 2 * session.sparkContext.defaultParallelism
        session.conf.set("spark.sql.shuffle.partitions", tasks)
    try:
        yield session
    except (PySparkException, Py4JError) as error:
        raise TrilogueError(f"Spark: {_first_line(error)}") from None
    finally:
        session.stop()


def _first_line(error: Exception) -> str:
    reason = getattr(error, "java_exception", None)
    text = reason.getMessage() if reason is not None else str(error)
    return (text or type(error).__name__).splitlines()[0]
