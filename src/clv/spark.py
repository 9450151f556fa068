"""Apache Spark as the kit uses it: the user's own cluster, days that never shift, answers by Arrow.

The session is the one that is there, or the one that Spark itself would start: SPARK_HOME with its
spark-defaults.conf, MASTER, PYSPARK_SUBMIT_ARGS and SPARK_REMOTE say where. Without any of them it runs on
this machine and listens on loopback alone.
"""

import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import ibis

from clv.errors import ClvError, InputError, SettingError
from clv.language import tell

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # a time is what the shop's clock said, in no zone
    "spark.sql.legacy.parquet.nanosAsLong": "true",  # pandas writes nanoseconds, which Spark does not know
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
_QUIET = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false"}
_LOOPBACK = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}


@contextmanager
def opened() -> Iterator[ibis.BaseBackend]:
    """Open Spark as an Ibis backend; a session that was there already stays open.

    Raises
    ------
    SettingError
        PySpark or Java is missing, or Spark does not start.
    InputError
        What Spark said while it was open, in one sentence without anybody's data.
    """
    _check_installed()
    if not os.environ.get("CLV_DEBUG"):
        _silence()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    ours = SparkSession.getActiveSession() is None
    try:
        session = _started() if ours else SparkSession.getActiveSession()
    except (PySparkException, Py4JError, OSError) as error:
        raise SettingError(
            tell(
                "Spark does not start ({error}); it needs Java 17 or 21, and its master must be there; "
                "CLV_DEBUG=1 shows its log.",
                error=kind_of(error),
            )
        ) from None
    try:
        yield _backend(session)
    except (PySparkException, Py4JError) as error:
        raise told(error) from None
    finally:
        if ours:
            session.stop()


def _check_installed() -> None:
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise SettingError(
            tell("the engine spark needs PySpark; install it with: pip install 'clv[spark]'")
        ) from None
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if java is None and "SPARK_REMOTE" not in os.environ:
        raise SettingError(
            tell("the engine spark needs Java 17 or 21; install it, or set JAVA_HOME to where it is.")
        )


def _silence() -> None:
    """Keep PySpark's own account of an error off the screen: it quotes values of the data."""
    from pyspark.logger import PySparkLogger

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).disabled = True
    logging.getLogger().addFilter(_is_not_of_py4j)  # which tells every interruption with its traceback


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    return "py4j" not in record.pathname


def _started() -> "SparkSession":
    """Start a session, with settings of ours only where the user has none."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if "SPARK_REMOTE" in os.environ:
        return SparkSession.builder.getOrCreate()
    debug = bool(os.environ.get("CLV_DEBUG"))
    with tempfile.TemporaryFile() as log:
        quietly = {} if debug else {"stderr": log, "stdout": log}
        gateway = SparkContext._gateway or launch_gateway(popen_kwargs=quietly)
    conf = SparkConf(_jvm=gateway.jvm)
    local = conf.get("spark.master", "local[*]").startswith("local")
    if local:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    wanted = {"spark.app.name": "clv", **({} if debug else _QUIET), **(_LOOPBACK if local else {})}
    for name, value in wanted.items():
        conf.setIfMissing(name, value)
    before = signal.getsignal(signal.SIGINT)
    SparkContext(conf=conf, gateway=gateway)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)  # Spark's would talk to Java in the middle of another call
    return SparkSession.builder.getOrCreate()


def _backend(session: "SparkSession") -> ibis.BaseBackend:
    from ibis.backends.pyspark import Backend

    class OverArrow(Backend):
        """Ibis' backend, whose answers come by Arrow: PySpark's own way to pandas lags behind pandas."""

        def execute(self, expr: ibis.Expr, /, **options: object) -> object:
            found = self.to_pyarrow(expr.as_table(), **options)
            return expr.__pandas_result__(found.to_pandas())

        def to_pyarrow(self, expr: ibis.Expr, /, **options: object) -> object:
            table = expr.as_table()
            found = session.sql(self.compile(table, **options)).toArrow()
            return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

    OverArrow.register_options()
    return OverArrow().connect(session, **_SETTINGS)


def told(error: Exception) -> ClvError:
    """Return what Spark said as an error of ours in one sentence: its own text may hold somebody's data."""
    text = str(error)
    if ours := re.search(r"clv\.errors\.\w+: (.+)", text):
        return InputError(ours[1])
    if lacking := re.search(r"No module named '([\w.]+)'", text):
        return SettingError(
            tell(
                "a Spark worker has no Python module {module!r}; install clv there in the versions of this "
                "machine, and name that Python by PYSPARK_PYTHON.",
                module=lacking[1],
            )
        )
    return InputError(
        tell("Spark gave up ({error}); run again with CLV_DEBUG=1 for its log.", error=kind_of(error))
    )


def kind_of(error: Exception) -> str:
    """Return the name that Spark gives to an error; its text may hold somebody's data."""
    condition = error.getCondition() if hasattr(error, "getCondition") else None
    return condition or type(error).__name__
