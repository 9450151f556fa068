"""DuckDB as the kit opens it sees what it was opened for: no other file, no network, no extension."""

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import many_orders
from clv import duck, engines, order_tables, parquet_files, tables
from clv.errors import InputError

SOURCE = Path(duck.__file__).parent
REFUSED = (duckdb.PermissionException, duckdb.InvalidInputException, duckdb.CatalogException)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    (tmp_path / "it's ours").mkdir()
    path = tmp_path / "it's ours" / "orders.parquet"
    many_orders.table(20).to_parquet(path)
    (path.parent / "others.parquet").write_bytes(path.read_bytes())
    (path.parent / "secret.txt").write_text("nobody's business", "utf-8")
    return path


def refused(table: "order_tables.ibis.Table", statement: str) -> str:
    with pytest.raises(REFUSED) as error:
        table.get_backend().con.execute(statement).fetchall()
    return str(error.value)


class TestAConnectionOfTheKit:
    @pytest.mark.parametrize(
        "path",
        ["/etc/passwd", "/proc/self/environ", "{folder}/secret.txt", "{folder}/../it''s ours/secret.txt"],
    )
    def test_reads_no_other_file(self, orders: Path, path: str) -> None:
        folder = str(orders.parent).replace("'", "''")
        said = refused(parquet_files.opened(orders), f"FROM read_text('{path.format(folder=folder)}')")
        assert "disabled by configuration" in said

    def test_reads_no_file_beside_its_own(self, orders: Path) -> None:
        beside = str(orders.with_name("others.parquet")).replace("'", "''")
        refused(parquet_files.opened(orders), f"FROM '{beside}'")
        refused(parquet_files.opened(orders), f"FROM '{beside.replace('others', '*')}'")
        assert parquet_files.opened(orders).count().to_pandas() == len(many_orders.table(20))

    def test_asks_no_network(self, orders: Path) -> None:
        for address in (
            "http://127.0.0.1:9/x.parquet",
            "https://127.0.0.1:9/x.parquet",
            "s3://bucket/x.parquet",
        ):
            refused(parquet_files.opened(orders), f"FROM read_parquet('{address}')")
        with pytest.raises(duckdb.Error, match="requires the extension httpfs"):  # which nobody may load
            parquet_files.opened(orders).get_backend().con.execute("ATTACH 'https://127.0.0.1:9/x.duckdb'")

    @pytest.mark.parametrize(
        "statement",
        [
            "COPY (SELECT 1) TO '{folder}/new.csv'",
            "COPY (SELECT 1) TO '{folder}/orders.parquet'",
            "ATTACH '{folder}/new.duckdb' AS there",
            "EXPORT DATABASE '{folder}/new'",
        ],
    )
    def test_writes_nowhere(self, orders: Path, statement: str) -> None:
        before = {path.name: path.read_bytes() for path in orders.parent.iterdir()}
        refused(parquet_files.opened(orders), statement.format(folder=str(orders.parent).replace("'", "''")))
        assert {path.name: path.read_bytes() for path in orders.parent.iterdir()} == before

    @pytest.mark.parametrize(
        "statement",
        ["INSTALL httpfs", "INSTALL h3 FROM community", "LOAD httpfs", "LOAD '/tmp/x.duckdb_extension'"],
    )
    def test_takes_no_extension(self, orders: Path, statement: str) -> None:
        refused(parquet_files.opened(orders), statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "SET allowed_paths = ['/etc/passwd']",
            "SET autoload_known_extensions = true",
            "SET memory_limit = '1TB'",
            "SET temp_directory = '/'",
            "PRAGMA profiling_output = '/tmp/profile'",
        ],
    )
    def test_keeps_its_settings(self, orders: Path, statement: str) -> None:
        refused(parquet_files.opened(orders), statement)

    @pytest.mark.parametrize("made", ["of a frame", "of nothing", "of an engine"])
    def test_is_shut_however_it_was_made(self, made: str) -> None:
        if made == "of an engine":
            with engines.opened("duckdb") as backend, pytest.raises(REFUSED):
                backend.con.execute("FROM read_text('/etc/passwd')")
            return
        backend = (
            duck.of_frame(pd.DataFrame({"a": [1]})).get_backend() if made == "of a frame" else duck.connect()
        )
        with pytest.raises(REFUSED):
            backend.con.execute("FROM read_text('/etc/passwd')")

    def test_sees_no_variable_of_the_program(self) -> None:
        secret = pd.DataFrame({"a": [1]})  # DuckDB would take a variable's name for a table
        with pytest.raises(duckdb.CatalogException):
            duck.connect().con.execute("FROM secret")
        assert len(secret)


class TestWhatItIsOpenedFor:
    def test_a_link_is_followed_to_the_file_that_it_names(self, orders: Path, tmp_path: Path) -> None:
        (tmp_path / "months").mkdir()
        (tmp_path / "months" / "1.parquet").symlink_to(orders)
        for path in (
            tmp_path / "months",
            tmp_path / "months" / "1.parquet",
            tmp_path / "months" / "*.parquet",
        ):
            assert parquet_files.opened(path).count().to_pandas() == len(many_orders.table(20))

    def test_a_folder_gives_its_parts_at_any_depth(self, orders: Path, tmp_path: Path) -> None:
        deep = tmp_path / "lake [2026]" / "year" / "month"
        deep.mkdir(parents=True)
        many_orders.table(20).to_parquet(deep / "1.parquet")
        assert parquet_files.opened(tmp_path / "lake [2026]").count().to_pandas() == len(
            many_orders.table(20)
        )
        with pytest.raises(InputError, match="holds no Parquet file"):
            (tmp_path / "empty").mkdir()
            parquet_files.opened(tmp_path / "empty")

    def test_a_relative_path_is_one_of_this_folder(
        self, orders: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(orders.parent)
        assert parquet_files.opened(Path("orders.parquet")).count().to_pandas() == len(many_orders.table(20))
        assert engines.read(duck.connect(), "o*s.parquet", tables.ORDERS).count().to_pandas()

    def test_it_still_writes_the_rest_to_its_own_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLV_DUCKDB_MEMORY", "80MB")
        query = "SELECT count(*) FROM (SELECT hash(range)::VARCHAR AS h FROM range(3000000) GROUP BY h)"
        assert duck.connect().con.execute(query).fetchone() == (3_000_000,)


def test_nothing_opens_duckdb_but_duck() -> None:
    opens = re.compile(r"duckdb\.(connect|sql|query|execute|read_\w+|from_\w+)\(")
    found = {
        p.relative_to(SOURCE).as_posix() for p in SOURCE.rglob("*.py") if opens.search(p.read_text("utf-8"))
    }
    assert found == {"duck.py"}
