"""A real Spark of two executors, shuffles and several parts: the same customers, fits and scores as here.

The executors are processes of their own (`local-cluster`), started as anybody's cluster is: by MASTER.
"""

import gc
import shutil
import threading
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import many_orders
from clv import cli, cluster_scores, customers, engines, order_tables, spark_files, tables, values
from clv.commands import at_scale, model_files, table_files
from clv.errors import InputError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("pyspark") is None, reason="PySpark is not installed: pip install 'clv[spark]'"
    ),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # Java that compiles little: it runs for a minute
_CONF = {
    "spark.driver.extraJavaOptions": _QUICK,
    "spark.executor.extraJavaOptions": _QUICK,
    "spark.executor.memory": "512m",
    "spark.driver.memory": "512m",
    "spark.sql.shuffle.partitions": "3",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",  # else five small partitions would become one
    "spark.shuffle.io.retryWait": "200ms",  # who asks a killed executor for its rows need not wait for long
    "spark.sql.files.openCostInBytes": "134217728",  # each file a partition of its own
}
UNTIL = "2025-12-31"
TERMS = {"days": 60.0, "clv_days": 365.0, "yearly_discount": 0.1, "margin": 0.5}


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    work = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASTER", "local-cluster[2,1,512]")
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_WORKER_DIR", str(work / "work"))
        patch.setenv("SPARK_LOCAL_DIRS", str(work / "local"))
        words = " ".join(f"--conf '{name}={value}'" for name, value in _CONF.items())
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{words} pyspark-shell")
        with engines.opened("spark") as opened:
            yield opened
    _end_java()


def _end_java() -> None:
    """End the Java that pyspark would keep until Python ends, and its sockets while nobody counts them."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)
        del gateway
        gc.collect()


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return many_orders.table()


@pytest.fixture(scope="module")
def known(orders: pd.DataFrame) -> pd.DataFrame:
    return customers.summarise(orders, until=UNTIL)


@pytest.fixture(scope="module")
def folder(orders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name Spark would take for a pattern, with the orders in five files."""
    return many_orders.in_parts(orders, tmp_path_factory.mktemp("shop") / "订单 [1]")


@pytest.fixture(scope="module")
def made(backend: ibis.BaseBackend, folder: Path) -> Path:
    """The customers that Spark made of the folder."""
    out = folder.parent / "customers.parquet"
    at_scale.write_customers(str(folder), str(out), until=UNTIL)
    return out


@pytest.fixture(scope="module")
def model(known: pd.DataFrame, folder: Path) -> Path:
    known.to_parquet(folder.parent / "here.parquet")
    out = folder.parent / "model.json"
    run("fit", str(folder.parent / "here.parquet"), "--model", "bgnbd", "--out", str(out))
    return out


def run(*arguments: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    assert left.value.code == 0


def read(path: Path, contract: object = tables.CUSTOMERS) -> pd.DataFrame:
    return table_files.read(path, contract).sort_index()


def test_customers_are_identical(known: pd.DataFrame, made: Path) -> None:
    assert len(list(made.glob("part-*.parquet"))) > 1
    pd.testing.assert_frame_equal(read(made), known, check_exact=True)


def test_the_data_can_tell_engines_apart(orders: pd.DataFrame, known: pd.DataFrame) -> None:
    named = orders.dropna(subset="customer_id")
    of_each = named.groupby(["customer_id", "category"])["amount"].sum().groupby("customer_id")
    assert (of_each.apply(lambda s: (s == s.max()).sum()) > 1).any()
    assert (named.groupby(["customer_id", named["paid_at"].dt.normalize()]).size() > 1).any()
    assert len(named) < len(orders) and known["category"].isna().any() and orders["is_gift"].any()


def test_from_orders_to_scores_by_command(
    backend: ibis.BaseBackend,
    known: pd.DataFrame,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
) -> None:
    capsys.readouterr()
    made, model, scored = (tmp_path / name for name in ("customers.parquet", "model.json", "scores.parquet"))
    end = known["first_order"].min() + pd.Timedelta(days=200)
    engine = ["--engine", "spark", "--out"]
    run("customers", str(folder), "--until", f"{end:%Y-%m-%d}", *engine, str(made))
    run("fit", str(made), "--model", "bgnbd", *engine, str(model))
    run("score", str(made), "--model", str(model), *engine, str(scored))
    said = capsys.readouterr()
    earlier = customers.summarise(many_orders.table(), until=end.date())
    assert said.err == "" and said.out.count(f"{len(earlier)} customers") == 3
    pd.testing.assert_frame_equal(read(made), earlier, check_exact=True)
    fitted = model_files.load(model)
    scores = values.score(earlier, fitted.fit, fitted.spend, rng=np.random.default_rng(20260630))
    pd.testing.assert_frame_equal(read(scored, tables.SCORES), scores, check_exact=False, rtol=1e-12)
    assert {path.name for path in tmp_path.iterdir()} == {made.name, model.name, scored.name}


def test_what_comes_back_for_a_fit_is_the_same(made: Path, folder: Path, known: pd.DataFrame) -> None:
    here, there = (at_scale.rows_for_fit(str(made), engine=name) for name in engines.NAMES)
    pd.testing.assert_frame_equal(here.histories, there.histories, check_exact=True)
    pd.testing.assert_frame_equal(here.amounts, there.amounts, check_exact=True)
    assert there.customers == len(known)


def test_a_sample_for_the_money_is_the_same(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_scale.collapsed.collapse, "__kwdefaults__", {"most_amounts": 200})
    here, there = (at_scale.rows_for_fit(str(made), engine=name) for name in engines.NAMES)
    assert there.sampled
    pd.testing.assert_frame_equal(here.amounts, there.amounts, check_exact=True)


def test_many_blocks_give_the_same_points_and_other_draws_of_the_same_law(
    backend: ibis.BaseBackend, known: pd.DataFrame, made: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_scores, "AT_ONCE", 100)
    fitted = model_files.load(model)
    table = engines.read(backend, made, tables.CUSTOMERS)
    other = spark_files.as_table(backend, spark_files.as_frame(table).repartition(3, "recency"))
    found, again = (
        cluster_scores.score(given, fitted.fit, fitted.spend, seed=7, draws=100, **TERMS)
        .to_pandas()
        .set_index("customer_id")
        .sort_index()
        for given in (table, other)
    )
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    here = values.score(known, fitted.fit, fitted.spend, rng=np.random.default_rng(7), draws=100, **TERMS)
    points = [name for name in here if not name.endswith(("_low", "_high"))]
    pd.testing.assert_frame_equal(found[points], here[points], check_exact=False, rtol=1e-12)
    for name in ("p_alive_low", "p_buy_high", "purchases_high", "clv_high"):
        assert not found[name].equals(here[name])
        assert found[name].mean() == pytest.approx(here[name].mean(), rel=0.1), name


def test_a_killed_executor_changes_nothing(
    backend: ibis.BaseBackend, folder: Path, known: pd.DataFrame, tmp_path: Path
) -> None:
    read_orders = spark_files.as_frame(engines.read(backend, folder, tables.ORDERS))
    slow = (
        read_orders.repartition(8).mapInArrow(_slowly, read_orders.schema).persist()
    )  # lost with its holder
    bought = order_tables.of_customers(spark_files.as_table(backend, slow))
    made = customers.per_customer(bought, until=tables.as_day(UNTIL))
    out = tmp_path / "customers.parquet"
    before = _executors()
    killed: list[int] = []
    killer = threading.Thread(target=_kill_one_at_work, args=(backend, before, killed))
    killer.start()
    spark_files.write_parquet(spark_files.as_frame(made), out)
    killer.join()
    slow.unpersist()
    assert killed and killed[0] not in _executors()
    pd.testing.assert_frame_equal(read(out), known, check_exact=True)


def _slowly(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    time.sleep(0.25)
    yield from batches


_slowly.__module__ = "__main__"  # sent to the executors whole: they know no tests


def _executors() -> list[int]:
    import psutil
    from pyspark import SparkContext

    java = psutil.Process(SparkContext._gateway.proc.pid)
    there = [child for child in java.children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child.pid for child in there if "CoarseGrainedExecutorBackend" in " ".join(child.cmdline())]


def _kill_one_at_work(backend: ibis.BaseBackend, executors: list[int], killed: list[int]) -> None:
    """Kill one executor as soon as a slow stage has finished some of its tasks and works on others."""
    import psutil

    tracker = backend._session.sparkContext.statusTracker()
    end = time.monotonic() + 60
    while time.monotonic() < end and not killed:
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        if any(s and s.numTasks == 8 and s.numCompletedTasks >= 3 and s.numActiveTasks for s in stages):
            psutil.Process(executors[0]).kill()
            killed.append(executors[0])
        time.sleep(0.02)


def test_what_fails_leaves_what_was_there(backend: ibis.BaseBackend, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "customers.parquet")
    before = sorted(path.name for path in (tmp_path / "customers.parquet").iterdir())
    frame = spark_files.as_frame(engines.read(backend, made, tables.CUSTOMERS))
    with pytest.raises(InputError, match=r"^recency is larger than T$"), engines.opened("spark"):
        spark_files.write_parquet(frame.mapInArrow(_fail, frame.schema), tmp_path / "customers.parquet")
    assert sorted(path.name for path in (tmp_path / "customers.parquet").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["customers.parquet"]


def _fail(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    from clv.errors import InputError

    raise InputError("recency is larger than T")
    yield from batches


_fail.__module__ = "__main__"


def test_wrong_files_get_a_sentence(backend: ibis.BaseBackend, orders: pd.DataFrame, tmp_path: Path) -> None:
    orders.drop(columns="amount").to_parquet(tmp_path / "old.parquet")
    (tmp_path / "no.parquet").write_text("no Parquet")
    moments = orders.assign(
        paid_at=orders["paid_at"].astype("datetime64[us]").dt.tz_localize("Asia/Shanghai")
    )
    moments.to_parquet(tmp_path / "moments.parquet")
    (tmp_path / "months").mkdir()
    for name, said in [
        ("none.parquet", "there is no file 'none.parquet'"),
        ("no.parquet", "'no.parquet' is not Parquet"),
        ("months", "the folder 'months' holds no Parquet file"),
        ("old.parquet", "old.parquet: the orders table lacks the column 'amount'"),
        ("moments.parquet", "paid_at holds moments of a time zone"),
    ]:
        with pytest.raises(InputError, match=said):
            engines.read(backend, tmp_path / name, tables.ORDERS)


def test_what_stands_twice_is_refused(
    backend: ibis.BaseBackend, orders: pd.DataFrame, known: pd.DataFrame, model: Path, tmp_path: Path
) -> None:
    twice = orders.dropna(subset="customer_id").iloc[:3]
    pd.concat([orders, twice]).to_parquet(tmp_path / "orders.parquet")
    with pytest.raises(
        InputError, match=r"orders.parquet: 3 of [\d,]+ orders have no order number of their own"
    ):
        at_scale.write_customers(str(tmp_path / "orders.parquet"), str(tmp_path / "c.parquet"), until=UNTIL)
    pd.concat([known, known.iloc[:2]]).to_parquet(tmp_path / "twice.parquet")
    wrong = known.assign(recency=known["recency"].where(known.index != known.index[7], 9999))
    wrong.to_parquet(tmp_path / "wrong.parquet")
    for name, said in [
        ("twice", "2 of [0-9]+ rows have no customer"),
        ("wrong", "1 of [0-9]+ .* larger than T"),
    ]:
        with pytest.raises(InputError, match=said):
            at_scale.rows_for_fit(str(tmp_path / f"{name}.parquet"), engine="spark")
        with pytest.raises(InputError, match=said):
            out = str(tmp_path / "s.parquet")
            at_scale.write_scores(
                str(tmp_path / f"{name}.parquet"), model_files.load(model), out, seed=1, **TERMS
            )


def test_an_error_of_spark_quotes_no_value(backend: ibis.BaseBackend, capfd: pytest.CaptureFixture) -> None:
    with pytest.raises(InputError, match="Spark gave up"), engines.opened("spark") as opened:
        opened.raw_sql("SELECT CAST('secret value' AS int)").toArrow()
    assert "secret value" not in "".join(capfd.readouterr())
