"""Orders in a database give what the same orders give as a file, and its secrets stay where they are."""

import contextlib
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from clv import batch, cli, customers, databases, orders, parameters, shopfile, sources
from clv.databases import marks, opening, refusals
from clv.declaring import addresses
from clv.errors import ClvError, InputError, SettingError
from clv.keeping import kept
from clv.orders import OrdersRead
from clv.running import notebook_files, plan
from clv.shop import Shop
from database_servers import OWNER, SECRET, NotInstalledError, free_port, mariadb, postgresql
from tiny_notebooks import Tiny, everything, write

DATABASES_PAGE = Path(__file__).parents[1] / "docs/databases.md"
ROWS = """Order No,client,paid,amount,state,back,what,note,sure
6912345678901234567,007,2026-01-05 10:00:00,100.50,paid,,ring,a,true
6912345678901234568,7,2026-01-05 10:00:01,19.90,paid,,"chain, gold",b,true
6912345678901234568,7,2026-01-05 10:00:01,5.10,paid,,,b,true
6912345678901234568,7,2026-01-05 10:00:01,5.10,paid,,,b,true
6912345678901234569,周,2026-02-01 00:00:00,80.00,paid,20.00,ring,c,false
6912345678901234570,周,2026-02-03 09:30:00,50.00,paid,50.00,ring,d,false
6912345678901234571,x y,2026-02-04 12:00:00,70.00,cancelled,,ring,e,true
6912345678901234572,x y,,70.00,unpaid,,ring,f,true
6912345678901234573,,2026-02-05 08:00:00,33.33,paid,,ring,g,true
6912345678901234574,007,2026-02-28 23:59:59,0.00,paid,,ring,h,true
6912345678901234575,007 ,2026-03-01 00:00:00,12.00,paid,,'ring,i,true
6912345678901234576,7,2026-04-01 00:00:00,12.00,paid,,ring,j,true
6912345678901234577,7,2026-03-02 00:00:00,15.00,paid,,ring,k,true
6912345678901234577,7,2026-03-02 00:00:00,15.00,paid,,ring,l,true
"""
COLUMNS = {
    "order_id": "Order No", "customer_id": "client", "paid_at": "paid", "amount": "amount", "status": "state",
    "refund": "back", "title": "what",
}  # fmt: skip
TYPES = {
    "Order No": "bigint", "client": "varchar(40)", "paid": "{time}", "amount": "numeric(12,2)",
    "state": "varchar(20)", "back": "numeric(12,2)", "what": "varchar(40)", "note": "varchar(5)",
    "sure": "boolean",
}  # fmt: skip
CLEAN = {
    "order_id": "varchar(40)", "customer_id": "varchar(40)", "paid_at": "{time}", "amount": "{double}",
    "refunded": "{double}", "category": "varchar(40)", "channel": "varchar(40)", "is_gift": "boolean",
}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """A database that tests may fill: its address without the table, and who runs a statement in it."""

    kind: str
    address: str
    run: Callable[..., list]

    def at(self, table: str) -> str:
        return f"{self.address}?table={table}"

    def fill(self, table: str, types: dict[str, str], rows: pd.DataFrame) -> str:
        """Make a table of these rows, and return its address."""
        mark = {"mysql": "`", "postgresql": '"', "duckdb": '"'}[self.kind]
        words = {"mysql": ("datetime(6)", "double")}.get(self.kind, ("timestamp", "double precision"))
        kinds = {name: kind.format(time=words[0], double=words[1]) for name, kind in types.items()}
        self.run(f"DROP TABLE IF EXISTS {table}")
        columns = ", ".join(f"{mark}{name}{mark} {kind}" for name, kind in kinds.items())
        more = " CHARACTER SET utf8mb4" if self.kind == "mysql" else ""
        self.run(f"CREATE TABLE {table} ({columns}){more}")
        holder = "?" if self.kind == "duckdb" else "%s"
        tidy = rows[list(types)].astype(object).where(rows[list(types)].notna(), None)
        values = [tuple(map(_plain, row)) for row in tidy.itertuples(index=False)]
        self.run(f"INSERT INTO {table} VALUES ({', '.join([holder] * len(types))})", values)
        return self.at(table)


def _plain(value: object) -> object:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def raw_rows() -> pd.DataFrame:
    """The rows of ROWS as a database has them: in no order, with types."""
    path = "\n".join(ROWS.splitlines())
    found = pd.read_csv(pd.io.common.StringIO(path), dtype="str", keep_default_na=False)
    found = found.mask(found == "").sample(frac=1, random_state=7)
    return found.assign(sure=found["sure"].eq("true"))


def started(stack: contextlib.ExitStack, server: Callable) -> int:
    """Return the port of a server that ends with `stack`; skips the test where it is not installed."""
    try:
        return stack.enter_context(server())
    except NotInstalledError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def server() -> Iterator[Database]:
    pytest.importorskip("psycopg")
    import psycopg

    with contextlib.ExitStack() as stack:
        port = started(stack, postgresql)
        who = {"host": "127.0.0.1", "port": port, "user": OWNER, "password": SECRET, "autocommit": True}
        with psycopg.connect(dbname="postgres", **who) as first:
            first.execute("CREATE DATABASE shop")
        with psycopg.connect(dbname="shop", **who) as connection:

            def run(statement: str, values: list | None = None) -> list:
                with connection.cursor() as cursor:
                    if values is None:
                        cursor.execute(statement)
                    else:
                        cursor.executemany(statement, values)
                    return cursor.fetchall() if cursor.description and values is None else []

            run("CREATE EXTENSION pg_stat_statements")
            place = f"postgresql://{OWNER}:${{SHOP_DB_PASSWORD}}@127.0.0.1:{port}/shop"
            yield Database("postgresql", place, run)


@pytest.fixture(scope="module")
def mysql() -> Iterator[Database]:
    pymysql = pytest.importorskip("pymysql")
    with contextlib.ExitStack() as stack:
        port = started(stack, mariadb)
        who = {"host": "127.0.0.1", "port": port, "user": OWNER, "password": SECRET, "charset": "utf8mb4"}
        with pymysql.connect(autocommit=True, **who) as connection:

            def run(statement: str, values: list | None = None) -> list:
                with connection.cursor() as cursor:
                    cursor.execute(statement) if values is None else cursor.executemany(statement, values)
                    return list(cursor.fetchall()) if values is None else []

            run("CREATE DATABASE shop")
            run("USE shop")
            yield Database("mysql", f"mysql://{OWNER}:${{SHOP_DB_PASSWORD}}@127.0.0.1:{port}/shop", run)


@pytest.fixture
def file(tmp_path: Path) -> Database:
    path = tmp_path / "shop.duckdb"

    def run(statement: str, values: list | None = None) -> list:
        with duckdb.connect(path) as connection:
            if values is None:
                return connection.execute(statement).fetchall()
            if values:
                connection.register("given", pd.DataFrame(values))
                connection.execute(statement.partition(" VALUES")[0] + " SELECT * FROM given")
            return []

    return Database("duckdb", f"duckdb:///{path}", run)


@pytest.fixture(params=["server", "mysql", "file"])
def database(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DB_PASSWORD", SECRET)
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))


def same(one: OrdersRead, other: OrdersRead) -> None:
    """Hold everything that was read to be equal, but where it was read, and the order of an order's lines."""
    for field in fields(OrdersRead):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name == "lines":
            by = list(mine.columns)
            mine, theirs = (f.sort_values(by, ignore_index=True) for f in (mine, theirs))
        if isinstance(mine, pd.DataFrame):
            pd.testing.assert_frame_equal(mine, theirs)
        elif field.name != "files":
            assert mine == theirs, field.name


class TestRowsAreThoseOfAFile:
    def test_a_raw_table_is_cleaned_as_its_export_is(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "orders.csv").write_text(ROWS, "utf-8")
        how = {"platform": "csv", "columns": COLUMNS, "until": "2026-03-31"}
        expected = orders.read(tmp_path / "orders.csv", **how)
        assert len(expected.losses) >= 6 and len(expected.orders) == 6  # the rows are as dirty as they look
        found = orders.read(database.fill("raw", TYPES, raw_rows()), **how)
        same(found, expected)
        assert found.files == (
            ("shop" + ".duckdb" * (database.kind == "duckdb") + "/raw", database.kind, 14),
        )

    def test_only_known_columns_leave_the_database(self, database: Database) -> None:
        address = addresses.parsed(database.fill("raw", TYPES, raw_rows()))
        how = {"platform": sources.load("csv"), "column_map": COLUMNS, "timezone": None}
        table = databases.export(address, **how).table
        assert set(table) == {*COLUMNS.values(), "all columns of the row"}
        assert set(table["Order No"]) >= {"6912345678901234567", "6912345678901234577"}
        assert set(table["amount"]) >= {"100.50", "33.33"} and "007" in set(table["client"])

    def test_a_platforms_own_headers_are_known(self, server: Database, tmp_path: Path) -> None:
        path = Path(__file__).parents[1] / "data/samples/gold/ExportOrderList202607010915.csv"
        expected = orders.read(path, platform="taobao")
        cells = pd.read_csv(path, dtype="str", encoding="gb18030", keep_default_na=False)
        assert len(cells) > 500
        address = server.fill('"订单"', dict.fromkeys(cells.columns, "text"), cells)
        same(orders.read(address.replace('"', ""), platform="taobao"), expected)

    def test_columns_that_differ_in_a_blank_are_two(self, file: Database) -> None:
        file.run('CREATE TABLE odd ("order_id" INT, "order_id " INT, paid_at TIMESTAMP, amount INT)')
        file.run("INSERT INTO odd VALUES (1, 2, '2026-01-05', 3)")
        assert orders.read(file.at("odd"), platform="csv").orders["order_id"].tolist() == ["1"]

    def test_a_database_in_use_is_one_sentence(self, file: Database) -> None:
        file.fill("raw", TYPES, raw_rows())
        with (
            duckdb.connect(addresses.parsed(file.address + "?table=raw").database),
            pytest.raises(InputError, match=r"shop\.duckdb is open in another program that writes to it"),
        ):
            orders.read(file.at("raw"), platform="csv", columns=COLUMNS)

    def test_a_table_and_files_are_one_shop(self, file: Database, tmp_path: Path) -> None:
        rows = ROWS.splitlines(keepends=True)
        (tmp_path / "orders.csv").write_text("".join(rows[:4] + rows[5:9]), "utf-8")
        file.fill("raw", TYPES, raw_rows())
        told = (tmp_path / "orders.csv", addresses.parsed(file.at("raw")))
        found = orders.read(told, platform="csv", columns=COLUMNS)
        alone = orders.read(file.at("raw"), platform="csv", columns=COLUMNS)
        pd.testing.assert_frame_equal(found.orders, alone.orders)
        assert [name for name, _, _ in found.files] == ["orders.csv", "shop.duckdb/raw"]

    def test_times_of_the_whole_world_need_the_shops_zone(self, database: Database) -> None:
        kind = "timestamp" if database.kind == "mysql" else "timestamptz"
        rows = pd.DataFrame({"order_id": ["1"], "customer_id": ["a"], "paid_at": ["2026-01-05 20:00:00"]})
        if database.kind != "mysql":
            rows["paid_at"] += "+00"
        else:
            database.run("SET time_zone = '+00:00'")
        types = {
            "order_id": "varchar(9)",
            "customer_id": "varchar(9)",
            "paid_at": kind,
            "amount": "numeric(9,2)",
        }
        address = database.fill("world", types, rows.assign(amount=10))
        with pytest.raises(InputError, match="paid_at holds moments of a time zone; say `timezone"):
            orders.read(address, platform="csv")
        found = orders.read(address, platform="csv", timezone="Asia/Shanghai")
        assert found.orders["paid_at"].tolist() == [pd.Timestamp("2026-01-06 04:00")]

    def test_days_come_alike_whatever_the_servers_own_form(self, server: Database) -> None:
        server.fill("raw", TYPES, raw_rows())
        server.run("ALTER ROLE owner SET datestyle = 'German'")
        try:
            read = orders.read(server.at("raw"), platform="csv", columns=COLUMNS)
        finally:
            server.run("ALTER ROLE owner RESET datestyle")
        assert read.orders["paid_at"].min() == pd.Timestamp("2026-01-05 10:00")


class TestWhatChangesIsSeen:
    def test_any_cell_counts_and_the_order_of_rows_does_not(self, database: Database) -> None:
        rows = raw_rows()
        address = addresses.parsed(database.fill("raw", TYPES, rows))
        first = marks.of(address)
        database.fill("raw", TYPES, rows.iloc[::-1])
        assert marks.of(address) == first
        changed = [
            rows.assign(back=rows["back"].mask(rows["note"].eq("a"), "1.00")),
            rows.assign(note=rows["note"].mask(rows["note"].eq("l"), "k")),  # a column that nobody reads
            rows.assign(client=rows["client"].mask(rows["note"].eq("g"), "")),  # missing is not empty
            rows.iloc[1:],
            pd.concat([rows, rows.iloc[:1]]),
            rows.rename(columns={"note": "n"}),
        ]
        found = {first}
        for frame in changed:
            kinds = {name: TYPES.get(name, "varchar(5)") for name in frame}
            database.fill("raw", kinds, frame)
            found.add(marks.of(address))
        assert len(found) == 1 + len(changed)

    def test_a_shop_is_read_again_when_its_table_changed(
        self, server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reads, really = [], orders.read
        monkeypatch.setattr(orders, "read", lambda *a, **k: reads.append(1) or really(*a, **k))
        server.fill("raw", TYPES, raw_rows())
        path = shop_file(tmp_path, server.at("raw"), platform="csv", columns=COLUMNS)
        before = Shop.open(path, "gold").fingerprint()
        Shop.open(path, "gold").orders(), Shop.open(path, "gold").orders()
        assert len(reads) == 1
        server.run("UPDATE raw SET amount = amount + 1 WHERE note = 'a'")
        assert Shop.open(path, "gold").fingerprint() != before
        assert Shop.open(path, "gold").orders()["amount"].iloc[0] == 101.5
        assert len(reads) == 2


def shop_file(folder: Path, where: str | list, **more: object) -> Path:
    """Write a shop file of one shop, gold; JSON is YAML."""
    entry = {"orders": where, "currency": "CNY", **more}
    (folder / "shops.yml").write_text(json.dumps({"shops": {"gold": entry}}), "utf-8")
    return folder / "shops.yml"


@pytest.fixture
def sold(cdnow_orders: pd.DataFrame) -> pd.DataFrame:
    """Some 3,000 clean orders: cents, refunds, ties of categories, nameless ones."""
    some = cdnow_orders["customer_id"].drop_duplicates().head(1000)
    few = cdnow_orders[cdnow_orders["customer_id"].isin(some)].sort_values("paid_at", ignore_index=True)
    names = itertools.cycle(["b", "B", "ä", "金", None])
    return few.assign(
        order_id=[f"O{n:05}" for n in range(len(few))],
        customer_id=few["customer_id"].where(few.index % 50 != 7),
        category=[next(names) for _ in few.index],
        channel="web",
        amount=few["amount"].where(few.index % 3 > 0, 10.0),
        refunded=[10.0 if n % 3 == 0 else 0.0 for n in few.index],
    )


class TestCleanOrders:
    """Orders that `clv orders` wrote come back as they were; customers are added up where these lie."""

    @pytest.fixture
    def expected(self, sold: pd.DataFrame) -> pd.DataFrame:
        return customers.summarise(sold, until="1998-06-30")

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_come_back_from_a_file_as_they_were(
        self, sold: pd.DataFrame, tmp_path: Path, ending: str
    ) -> None:
        path = tmp_path / f"orders.{ending}"
        sold.to_csv(path, index=False) if ending == "csv" else sold.to_parquet(path)
        found = orders.read(path, platform="clean")
        pd.testing.assert_frame_equal(found.orders, sold, check_dtype=False)
        assert found.losses["reason"].tolist() == ["part of kept orders paid back", "no buyer named"]
        assert found.returns["refunded"].sum() == sold.loc[sold["customer_id"].notna(), "refunded"].sum()

    def test_come_back_from_a_database_as_they_were(self, database: Database, sold: pd.DataFrame) -> None:
        found = orders.read(database.fill("clean", CLEAN, sold), platform="clean")
        pd.testing.assert_frame_equal(found.orders, sold, check_dtype=False)

    def test_customers_are_those_of_the_file(
        self, database: Database, sold: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path
    ) -> None:
        address = database.fill("clean", CLEAN | {"amount": "numeric(12,2)"}, sold)
        path = shop_file(tmp_path, address, platform="clean", until="1998-06-30", customer_ids="raw")
        pd.testing.assert_frame_equal(Shop.open(path, "gold").customers(), expected)

    def test_rows_are_added_up_by_the_server(
        self, server: Database, sold: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path
    ) -> None:
        path = shop_file(tmp_path, server.fill("clean", CLEAN, sold), platform="clean")
        server.run("SELECT pg_stat_statements_reset()")
        found = Shop.open(path, "gold", until="1998-06-30").customers()
        said = server.run("SELECT rows, query FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat%'")
        assert len(found) == len(expected) == max(rows for rows, query in said if "FETCH" in query)
        assert sum(rows for rows, _ in said) < len(expected) + 200 < len(sold)  # a few are of the catalogue
        assert any("GROUP BY" in query and "clean" in query for _, query in said)

    def test_shop_customers_and_orders_agree(
        self, file: Database, sold: pd.DataFrame, tmp_path: Path
    ) -> None:
        file.fill("clean", CLEAN, sold)
        shop = Shop.open(shop_file(tmp_path, file.at("clean"), platform="clean"), "gold")
        assert shop.until == sold["paid_at"].max().date()
        found = shop.customers()
        pd.testing.assert_frame_equal(found, customers.summarise(shop.orders(), until=shop.until))
        assert found.index.str.startswith("c_").all()

    @pytest.mark.parametrize("form", ["file", "folder", "parts"])
    def test_parquet_is_added_up_where_it_lies(
        self,
        sold: pd.DataFrame,
        expected: pd.DataFrame,
        tmp_path: Path,
        form: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        (tmp_path / "lake").mkdir()
        for n in range(3):
            sold.iloc[n::3].to_parquet(tmp_path / "lake" / f"part-{n}.parquet")
        sold.to_parquet(tmp_path / "orders.parquet")
        where = {"file": "orders.parquet", "folder": "lake", "parts": "lake/part-*.parquet"}[form]
        monkeypatch.setattr(orders, "read", lambda *_, **__: pytest.fail("rows were read"))
        path = shop_file(tmp_path, where, platform="clean", customer_ids="raw")
        found = Shop.open(path, "gold", until="1998-06-30").customers()
        pd.testing.assert_frame_equal(found, expected)

    def test_equal_money_goes_by_characters_in_every_language(
        self, server: Database, sold: pd.DataFrame, tmp_path: Path
    ) -> None:
        few = sold[sold["customer_id"].notna()].head(40).assign(customer_id="one", amount=10.0)
        few = few.assign(category=["a", "B"] * 20)
        address = server.fill("clean", CLEAN, few)
        server.run('ALTER TABLE clean ALTER category TYPE text COLLATE "en-x-icu"')
        assert server.run("SELECT min(category) FROM clean") == [("a",)]
        path = shop_file(tmp_path, address, platform="clean")
        assert Shop.open(path, "gold").customers()["category"].tolist() == ["B"]

    def test_two_rows_of_one_number_are_no_clean_table(
        self, file: Database, sold: pd.DataFrame, tmp_path: Path
    ) -> None:
        file.fill("clean", CLEAN, pd.concat([sold, sold.head(2)]))
        shop = Shop.open(shop_file(tmp_path, file.at("clean"), platform="clean"), "gold", until="1998-06-30")
        with pytest.raises(
            InputError, match=r"shop 'gold': 2 of [\d,]+ rows have no order number of their own"
        ):
            shop.customers()

    def test_a_table_that_is_not_clean_is_one_sentence(
        self, file: Database, sold: pd.DataFrame, tmp_path: Path
    ) -> None:
        path = shop_file(tmp_path, file.at("clean"), platform="clean")
        file.fill("clean", {n: t for n, t in CLEAN.items() if n != "refunded"}, sold)
        with pytest.raises(
            InputError, match=r"shop\.duckdb/clean: the orders table lacks the column 'refunded'"
        ):
            Shop.open(path, "gold").customers()
        file.fill("clean", CLEAN, sold.assign(amount=sold["amount"].where(sold.index > 4, -1.0)))
        with pytest.raises(InputError, match=r"5 of .* orders have no time of payment or an amount that is"):
            Shop.open(path, "gold").customers()

    def test_what_shapes_customers_is_not_passed_over(
        self, file: Database, sold: pd.DataFrame, tmp_path: Path
    ) -> None:
        file.fill("clean", CLEAN, sold.assign(is_gift=sold.index % 2 == 0))
        path = shop_file(tmp_path, file.at("clean"), platform="clean", gifts="leave out")
        shop = Shop.open(path, "gold")
        assert len(shop.customers()) == shop.orders()["customer_id"].nunique() < sold["customer_id"].nunique()

    def test_the_command_line_refuses_two_rows_of_one_number(
        self, database: Database, sold: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture
    ) -> None:
        address = database.fill("clean", CLEAN, pd.concat([sold, sold.head(2)]))
        with pytest.raises(SystemExit) as left:
            cli.main(["customers", address, "--out", str(tmp_path / "customers.csv")])
        assert left.value.code == 2
        assert "2 of" in (said := capsys.readouterr().err) and "have no order number of their own" in said
        assert not (tmp_path / "customers.csv").exists()

    @pytest.mark.parametrize(("kind", "paid"), [("postgresql", "timestamptz"), ("mysql", "datetime")])
    def test_the_view_that_the_page_shows_does(
        self, kind: str, paid: str, request: pytest.FixtureRequest, tmp_path: Path
    ) -> None:
        database = request.getfixturevalue({"postgresql": "server"}.get(kind, kind))
        views = re.findall(r"^    CREATE VIEW (?:.+\n)+", DATABASES_PAGE.read_text("utf-8"), re.MULTILINE)
        database.run("DROP VIEW IF EXISTS clv_orders")
        database.run("DROP TABLE IF EXISTS sales")
        database.run(
            f"CREATE TABLE sales (no bigint, client bigint, paid_on {paid}, total numeric(10,2), "
            "refund numeric(10,2), item_group varchar(20), shop varchar(20), state varchar(20))"
        )
        zone = "+08" if kind == "postgresql" else ""
        database.run(
            f"INSERT INTO sales VALUES (1, 7, '2026-01-02 00:30{zone}', 100.5, 0, 'ring', 'web', 'paid'), "
            f"(2, 7, '2026-02-02 23:30{zone}', 80, 30.25, 'ring', 'web', 'paid'), "
            f"(3, 8, '2026-02-03 10:00{zone}', 60, 60, 'ring', 'web', 'paid'), "
            f"(4, 9, '2026-02-03 10:00{zone}', 60, 0, 'ring', 'web', 'open')"
        )
        database.run(views[kind == "mysql"].strip().rstrip(";"))
        path = shop_file(tmp_path, database.at("clv_orders"), platform="clean", customer_ids="raw")
        shop = Shop.open(path, "gold", until="2026-02-28")
        (found,) = shop.customers().reset_index().to_dict("records")
        assert (found["customer_id"], found["frequency"], found["recency"], found["T"]) == ("7", 1, 31, 57)
        assert (found["monetary_value"], found["total_spend"]) == (49.75, 150.25)
        assert shop.orders()["amount"].tolist() == [100.5, 49.75]

    def test_the_command_line_takes_an_address(
        self, server: Database, sold: pd.DataFrame, expected: pd.DataFrame, tmp_path: Path
    ) -> None:
        address, out = server.fill("clean", CLEAN, sold), tmp_path / "customers.parquet"
        with pytest.raises(SystemExit) as left:
            cli.main(["customers", address, "--until", "1998-06-30", "--out", str(out)])
        assert left.value.code == 0
        pd.testing.assert_frame_equal(pd.read_parquet(out), expected)


class TestNothingIsWritten:
    def test_a_server_refuses_to_write_for_us(self, server: Database) -> None:
        server.fill("raw", TYPES, raw_rows())
        with (
            pytest.raises(InputError, match="broke off \\(error 25006\\)"),
            databases.opened(addresses.parsed(server.at("raw"))) as table,
        ):
            table.get_backend().con.execute("CREATE TABLE mine (a int)")

    def test_mysql_refuses_too(self, mysql: Database) -> None:
        mysql.fill("raw", TYPES, raw_rows())
        with (
            pytest.raises(InputError, match="broke off \\(error 1792\\)"),
            databases.opened(addresses.parsed(mysql.at("raw"))) as table,
        ):
            table.get_backend().raw_sql("CREATE TABLE mine (a int)")

    def test_a_duckdb_file_stays_as_it_is(self, file: Database, tmp_path: Path) -> None:
        file.fill("raw", TYPES, raw_rows())
        before = (tmp_path / "shop.duckdb").read_bytes()
        orders.read(file.at("raw"), platform="csv", columns=COLUMNS)
        marks.of(addresses.parsed(file.at("raw")))
        assert (tmp_path / "shop.duckdb").read_bytes() == before
        assert not list(tmp_path.glob("*.wal"))


class TestSecrets:
    @pytest.mark.parametrize(
        "address",
        [
            f"postgresql://owner:{SECRET}@db.example.com/shop?table=orders",
            "postgresql://owner:geheim@db.example.com/shop?table=orders",
            "postgresql://owner:ge${X}heim@db.example.com/shop?table=orders",
            "mysql://owner:geheim@db.example.com:3306/shop?table=orders",
            "postgresql:/owner:geheim@db.example.com/shop?table=orders",
            "postgresql://owner:geheim@db.example.com/shop",
            "postgresql://db.example.com/shop?table=orders&password=geheim",
            "postgre://owner:geheim@db.example.com/shop?table=orders",
            "postgresql://owner:geheim@/?table=orders",
            "jdbc:postgresql://owner:geheim@db.example.com/shop?table=orders",
            "postgresql:owner:geheim@db.example.com/shop?table=orders",
            "host=db.example.com password=geheim",
            "postgresql://owner:an?geheim@db.example.com/shop?table=orders",
            "postgresql://db.example.com/shop?table=orders&geheim",
        ],
    )
    @pytest.mark.parametrize("key", ["orders", "members"])
    def test_a_password_in_the_clear_is_refused_and_not_repeated(
        self, tmp_path: Path, address: str, key: str
    ) -> None:
        where = {"orders": "orders.csv", key: address}
        path = shop_file(tmp_path, where.pop("orders"), platform="csv", **where)
        with pytest.raises(SettingError, match=r"shops\.yml, line 1, shop 'gold'") as refused:
            shopfile.load(path)
        assert "geheim" not in str(refused.value) and "anybody" not in str(refused.value)

    def test_what_to_write_in_its_place(self, tmp_path: Path) -> None:
        path = shop_file(tmp_path, "mysql://me:geheim@localhost/shop?table=orders", platform="csv")
        with pytest.raises(
            SettingError, match=r"in the clear; put it .* write \$\{SHOP_DB_PASSWORD\} in its place"
        ):
            shopfile.load(path)

    def test_a_variable_that_is_not_set_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SHOP_DB_PASSWORD")
        with pytest.raises(InputError, match="no variable SHOP_DB_PASSWORD"):
            marks.of(addresses.parsed("postgresql://o:${SHOP_DB_PASSWORD}@127.0.0.1:1/shop?table=orders"))

    def test_libpqs_own_variables_do(self, server: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        server.fill("raw", TYPES, raw_rows())
        monkeypatch.delenv("SHOP_DB_PASSWORD")
        monkeypatch.setenv("PGPASSWORD", SECRET)
        assert marks.of(addresses.parsed(server.at("raw").replace(":${SHOP_DB_PASSWORD}", "")))

    def test_stand_in_nothing_that_is_kept_or_shown(self, server: Database, tmp_path: Path) -> None:
        server.fill("raw", TYPES, raw_rows())
        path = shop_file(tmp_path, server.at("raw"), platform="csv", columns=COLUMNS)
        shop = Shop.open(path, "gold")
        shown = f"{shop!r} {shop.file!r} {shop.file.sources('gold')} {shop.fingerprint()} {shop.read()}"
        shop.customers()
        files = [p for p in kept._root().rglob("*") if p.is_file()]
        assert files and SECRET not in shown
        assert not any(SECRET.encode() in p.read_bytes() for p in files)


class TestRefusals:
    """Whatever a database refuses is one sentence: no traceback, no user, no password."""

    @pytest.fixture
    def clerk(self, server: Database) -> str:
        """The address of a table for a role that may read nothing."""
        server.fill("raw", TYPES, raw_rows())
        server.run("DROP ROLE IF EXISTS clerk")
        server.run("CREATE ROLE clerk LOGIN PASSWORD 'of a clerk'")
        return server.at("raw").replace(f"{OWNER}:${{SHOP_DB_PASSWORD}}", "clerk:${CLERK}")

    def said(self, address: str) -> str:
        with pytest.raises(InputError) as refused:
            orders.read(address, platform="csv", columns=COLUMNS)
        said = str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        assert "\n" not in said and OWNER not in said and "clerk" not in said and SECRET not in said
        assert refused.value.exit_code == 2
        return said

    def test_of_postgresql(self, server: Database, clerk: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLERK", "of a clerk")
        at = server.at("raw")
        place = "shop at 127.0.0.1"
        assert (
            self.said(clerk)
            == f"this user may not read raw in {place}; who runs the database can grant SELECT."
        )
        assert f"no table public.rows in {place}" in self.said(server.at("public.rows"))
        assert f"no table nowhere.raw in {place}" in self.said(server.at("nowhere.raw"))
        assert "there is no database shoe at 127.0.0.1" in self.said(at.replace("/shop?", "/shoe?"))
        monkeypatch.setenv("CLERK", "of another")
        assert f"{place} refuses this user or password (see CLERK)" in self.said(clerk)
        monkeypatch.setenv("CLERK", "")
        assert f"{place} refuses this user or password (see CLERK)" in self.said(clerk)
        down = at.replace(addresses.parsed(at).port, str(free_port()))
        assert f"{place} does not answer; is it running" in self.said(down)
        assert "nowhere.invalid does not answer" in self.said(at.replace("127.0.0.1", "nowhere.invalid"))
        assert "is no number from 1 to 65535" in self.said(at.replace(addresses.parsed(at).port, "a"))

    def test_of_encryption(self, server: Database, encrypted: None) -> None:
        at = server.at("raw")
        place = "the database shop at 127.0.0.1"
        assert "sslmode is none of disable, allow, prefer" in self.said(f"{at}&sslmode=wrong")
        assert "there is no file 'none.crt', which sslrootcert names" in self.said(
            f"{at}&sslmode=verify-ca&sslrootcert=/none.crt"
        )
        another = f"{at}&sslmode=verify-ca&sslrootcert=/etc/ssl/certs/ca-certificates.crt"
        assert f"the certificate of {place} does not prove" in self.said(another)
        server.run("ALTER SYSTEM SET ssl = off")
        server.run("SELECT pg_reload_conf(), pg_sleep(0.5)")
        assert f"{place} offers no encryption, which sslmode asks for" in self.said(f"{at}&sslmode=require")

    @pytest.fixture
    def encrypted(self, server: Database) -> Iterator[None]:
        """The server with a certificate that nobody signed."""
        command = "openssl req -new -x509 -nodes -days 2 -subj /CN=there -out server.crt -keyout server.key"
        server.fill("raw", TYPES, raw_rows())
        try:
            server.run(f"COPY (SELECT 1) TO PROGRAM '{command} && chmod 600 server.key'")
        except Exception:
            pytest.skip("openssl is not installed")
        server.run("ALTER SYSTEM SET ssl = on")
        server.run("SELECT pg_reload_conf(), pg_sleep(0.5)")
        yield
        server.run("ALTER SYSTEM RESET ssl")
        server.run("SELECT pg_reload_conf(), pg_sleep(0.5)")

    def test_of_a_way_that_must_be_encrypted(self, server: Database, clerk: str) -> None:
        (place,) = server.run("SHOW hba_file")[0]
        rules = Path(place).read_text()
        try:
            Path(place).write_text(f"hostnossl shop clerk all reject\n{rules}")
            server.run("SELECT pg_reload_conf(), pg_sleep(0.5)")
            said = self.said(clerk.replace(":${CLERK}", ":${SHOP_DB_PASSWORD}"))
        finally:
            Path(place).write_text(rules)
            server.run("SELECT pg_reload_conf(), pg_sleep(0.5)")
        assert "lets nobody in from here without encryption; add &sslmode=require" in said

    def test_for_a_reason_that_only_the_server_knows(self, server: Database) -> None:
        server.run("DROP DATABASE IF EXISTS closed")
        server.run("CREATE DATABASE closed ALLOW_CONNECTIONS false")
        assert self.said(server.at("raw").replace("/shop?", "/closed?")) == (
            "the database closed at 127.0.0.1 refuses the connection and says: database … is not currently "
            "accepting connections."
        )
        server.run("ALTER DATABASE closed ALLOW_CONNECTIONS true CONNECTION LIMIT 0")
        server.run("DROP ROLE IF EXISTS guest")
        server.run("CREATE ROLE guest LOGIN PASSWORD 'not-for-anybody''s eyes/@:1'")
        guest = server.at("raw").replace("/shop?", "/closed?").replace(f"{OWNER}:", "guest:")
        assert "has no connection left for now; try again later" in self.said(guest)

    def test_of_mysqls_encryption(self, mysql: Database, tmp_path: Path) -> None:
        at = mysql.fill("raw", TYPES, raw_rows())
        assert "there is no file 'none.crt', which ssl_ca names" in self.said(f"{at}&ssl_ca=/none.crt")
        (tmp_path / "text.crt").write_text("no certificate")
        said = self.said(f"{at}&ssl_ca={tmp_path / 'text.crt'}")
        assert "the certificate of the database shop at 127.0.0.1 does not prove" in said
        known = Path("/etc/ssl/certs/ca-certificates.crt")
        if known.exists():
            assert "offers no encryption, which ssl_ca asks for" in self.said(f"{at}&ssl_ca={known}")
        mysql.run("SET GLOBAL require_secure_transport = ON")
        try:
            assert "where it asks for encryption, add &ssl_ca=…" in self.said(at)
        finally:
            mysql.run("SET GLOBAL require_secure_transport = OFF")

    def test_of_a_mysql_that_says_why(self) -> None:
        pymysql = pytest.importorskip("pymysql")
        with (
            pytest.raises(InputError, match="lets nobody in from here without encryption; add &ssl_ca="),
            refusals.told(addresses.parsed("mysql://db.example.com/shop?table=orders")),
        ):
            raise pymysql.OperationalError(3159, "Connections using insecure transport are prohibited")

    def test_of_a_server_of_another_kind(
        self, server: Database, mysql: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "_PATIENCE", 2)
        ports = [addresses.parsed(one.at("raw")).port for one in (server, mysql)]
        for one, theirs, other in [(server, *ports), (mysql, *reversed(ports))]:
            assert "does not answer; is it running" in self.said(one.at("raw").replace(theirs, other))

    def test_of_mysqls_day_of_zeros(self, mysql: Database, sold: pd.DataFrame) -> None:
        address = addresses.parsed(mysql.fill("clean", CLEAN, sold.head(3)))
        mysql.run("SET sql_mode = ''")
        mysql.run("UPDATE clean SET paid_at = '0000-00-00' LIMIT 1")
        mysql.run("SET sql_mode = DEFAULT")
        with (
            pytest.raises(
                InputError, match=r"clean in shop at 127\.0\.0\.1 holds a time or a number that is"
            ),
            databases.clean(address) as table,
        ):
            customers.summarise(table)

    def test_of_mysql(self, mysql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        at = mysql.fill("raw", TYPES, raw_rows())
        assert "no table rows in shop at 127.0.0.1" in self.said(mysql.at("rows"))
        assert "does not answer" in self.said(at.replace(addresses.parsed(at).port, str(free_port())))
        mysql.run('CREATE OR REPLACE USER clerk@"127.0.0.1" IDENTIFIED BY "of a clerk"')
        mysql.run('GRANT SELECT ON mysql.help_topic TO clerk@"127.0.0.1"')
        monkeypatch.setenv("CLERK", "of a clerk")
        clerk = at.replace(f"{OWNER}:${{SHOP_DB_PASSWORD}}", "clerk:${CLERK}")
        assert "refuses this user or password" in self.said(clerk)  # it may not enter this database
        assert "broke off" not in self.said(clerk.replace("/shop?", "/mysql?"))
        monkeypatch.setenv("SHOP_DB_PASSWORD", "wrong")
        assert "refuses this user or password (see SHOP_DB_PASSWORD;" in self.said(at)

    def test_of_duckdb(self, file: Database, tmp_path: Path) -> None:
        file.fill("raw", TYPES, raw_rows())
        assert "no table rows in shop.duckdb" in self.said(file.at("rows"))
        assert "there is no DuckDB file 'x.duckdb'" in self.said(
            file.at("raw").replace("shop.duckdb", "x.duckdb")
        )
        (tmp_path / "y.duckdb").write_text("no such thing")
        assert (
            self.said(file.at("raw").replace("shop.duckdb", "y.duckdb")) == "y.duckdb is not a DuckDB file."
        )

    @pytest.mark.parametrize("damage", ["half of it", "other bytes"])
    def test_of_a_damaged_file(self, file: Database, tmp_path: Path, damage: str) -> None:
        file.run("CREATE TABLE raw AS SELECT range AS no, 'x' || range AS client FROM range(300000)")
        whole = (tmp_path / "shop.duckdb").read_bytes()
        half = len(whole) // 2
        end = b"" if damage == "half of it" else b"\7" * 9000 + whole[half + 9000 :]
        (tmp_path / "shop.duckdb").write_bytes(whole[:half] + end)
        with pytest.raises(InputError, match=r"^shop\.duckdb is a damaged DuckDB file; copy it again"):
            marks.of(addresses.parsed(file.at("raw")))

    @pytest.mark.parametrize(
        ("theirs", "said"),
        [
            ('IO Error: Cannot open file "/data/shop.duckdb": Permission denied', "may not be read; ask for"),
            (
                "IO Error: Trying to read a database file with version number 99, but we can only read "
                "versions between 64 and 67.",
                "was written by another version of DuckDB; write it again with DuckDB 1",
            ),
        ],
    )
    def test_of_a_file_that_is_not_for_us(self, theirs: str, said: str) -> None:
        """What DuckDB says where it is so; nobody can refuse a file to the one who runs everything."""
        with (
            pytest.raises(InputError, match=rf"^shop\.duckdb {said}") as refused,
            refusals.told(addresses.parsed("duckdb:////data/shop.duckdb?table=raw")),
        ):
            raise duckdb.IOException(theirs)
        assert "/data" not in str(refused.value)

    def test_of_lists(self, server: Database) -> None:
        server.run("DROP TABLE IF EXISTS lists")
        server.run("CREATE TABLE lists AS SELECT array['b'] AS customer_id, now()::timestamp AS paid_at")
        with (
            pytest.raises(InputError, match=r"^shop/lists: customer_id should hold text, and holds lists"),
            databases.clean(addresses.parsed(server.at("lists"))),
        ):
            pass

    def test_name_the_table(self, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
        address = database.fill("raw", TYPES, raw_rows())
        with pytest.raises(SystemExit) as left:
            cli.main(["customers", address, "--out", str(tmp_path / "customers.csv")])
        assert left.value.code == 2
        said = capsys.readouterr().err
        assert f"{addresses.parsed(address).name}: the orders table lacks the column 'order_id'" in said

    @pytest.mark.parametrize(
        ("amount", "paid", "said"),
        [
            ("'12.50'::money", "timestamp '2026-01-02'", "such as money in PostgreSQL; make a view"),
            ("12.5", "timestamp 'infinity'", "holds a time or a number that is none, such as infinity"),
            ("'NaN'::float8", "timestamp '2026-01-02'", "1 of 1 orders have no time of payment or an amount"),
        ],
    )
    def test_of_values_that_are_none(self, server: Database, amount: str, paid: str, said: str) -> None:
        server.run("DROP TABLE IF EXISTS strange CASCADE")
        server.run(
            f"CREATE TABLE strange AS SELECT 'a' AS order_id, 'b' AS customer_id, {paid} AS paid_at, "
            f"{amount} AS amount, 0.0 AS refunded, 'c' AS category, 'd' AS channel, true AS is_gift"
        )
        with (
            pytest.raises(InputError) as refused,
            databases.clean(addresses.parsed(server.at("strange"))) as it,
        ):
            customers.summarise(it)
        assert said in str(refused.value)

    def test_of_a_file_that_another_program_holds(self, file: Database, tmp_path: Path) -> None:
        file.fill("raw", TYPES, raw_rows())
        code = (
            "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); "
            "sys.stdin.read()"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "shop.duckdb")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            other.stdout.readline()
            assert "is open in another program" in self.said(file.at("raw"))
            other.stdin.close()

    def test_of_a_table_that_is_another(self, database: Database) -> None:
        address = database.fill("raw", TYPES, raw_rows())
        with pytest.raises(
            InputError, match=r"raw has no column 'payed' \(paid_at\); the nearest header is 'paid'"
        ):
            orders.read(address, platform="csv", columns={**COLUMNS, "paid_at": "payed"})
        database.fill("raw", TYPES, raw_rows().iloc[:0])
        assert "raw has no rows" in self.said(address)

    @pytest.mark.parametrize(("driver", "extra"), [("psycopg", "postgres"), ("pymysql", "mysql")])
    def test_of_a_driver_that_is_not_there(
        self, driver: str, extra: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, driver, None)
        monkeypatch.delitem(__import__("sys").modules, "clv.databases.mysql", raising=False)
        monkeypatch.delattr(databases, "mysql", raising=False)
        kind = {"postgres": "postgresql"}.get(extra, extra)
        assert f"pip install 'clv[{extra}]' brings it" in self.said(f"{kind}://127.0.0.1:1/shop?table=orders")

    @pytest.mark.slow
    def test_cost_one_shop_of_a_batch(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
        (tmp_path / "gold.csv").write_text(ROWS, "utf-8")
        down = f"postgresql://{OWNER}:${{SHOP_DB_PASSWORD}}@127.0.0.1:{free_port()}/shop?table=orders"
        shops = {
            "gold": {"platform": "csv", "orders": "gold.csv", "columns": COLUMNS},
            "silver": {"platform": "csv", "orders": down},
        }
        (tmp_path / "shops.yml").write_text(json.dumps({"shops": shops}), "utf-8")
        write(tmp_path / "notebooks", Tiny, everything(Tiny))
        notebooks = notebook_files.chosen(notebook_files.folder(tmp_path / "shops.yml"), ["tiny"])
        todo = plan.tasks(shopfile.load(tmp_path / "shops.yml"), notebooks)
        records = {r["shop"]: r for r in batch.run(todo, out=tmp_path / "runs", jobs=1)}
        assert {shop: record["status"] for shop, record in records.items()} == {
            "gold": "ok",
            "silver": "refused",
        }
        assert "shop at 127.0.0.1 does not answer" in records["silver"]["message"]
        assert not any(SECRET.encode() in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


class TestAddresses:
    def test_a_duckdb_file_lies_beside_the_shop_file(self, file: Database, tmp_path: Path) -> None:
        file.fill("raw", TYPES, raw_rows())
        path = shop_file(tmp_path, "duckdb:///shop.duckdb?table=main.raw", platform="csv", columns=COLUMNS)
        assert len(Shop.open(path, "gold").orders()) == 7
        assert Shop.open(path, "gold").read().files == (("shop.duckdb/main.raw", "duckdb", 14),)

    def test_all_parts_may_come_from_the_environment(self) -> None:
        found = addresses.parsed("postgresql://${U}:${P}@${HOST}:${PORT}/${DB}?table=a.b&sslmode=require")
        assert (found.host, found.port, found.database) == ("${HOST}", "${PORT}", "${DB}")
        assert replace(found, options=()).options == () and found.options == (("sslmode", "require"),)
        assert found.variables == ("U", "P")

    @pytest.mark.parametrize(
        "path", ["C:/data/orders.csv", "a/b.csv", "package:lifetimes/x.csv", "a?b=c.csv"]
    )
    def test_a_path_is_none(self, path: str) -> None:
        assert not addresses.is_address(path)

    def test_one_table_of_two_systems_would_count_twice(self, tmp_path: Path) -> None:
        address = "duckdb:///shop.duckdb?table=raw"
        path = shop_file(
            tmp_path, address, platform="csv", also={"web": {"platform": "youzan", "orders": address}}
        )
        with pytest.raises(ClvError, match="its orders would count twice"):
            Shop.open(path, "gold").fingerprint()


class TestFolders:
    def test_hold_monthly_exports(self, tmp_path: Path) -> None:
        rows = ROWS.splitlines(keepends=True)
        folder = tmp_path / "exports"
        folder.mkdir()
        (folder / "2026-01.csv").write_text("".join(rows[:6]), "utf-8")
        (folder / "2026-02.CSV").write_text("".join(rows[:1] + rows[4:]), "utf-8")  # they overlap
        (folder / ".hidden.csv").write_text("no", "utf-8")
        (folder / "~$2026-02.xlsx").write_text("no", "utf-8")
        (folder / "readme.txt").write_text("no", "utf-8")
        path = shop_file(tmp_path, "exports", platform="csv", columns=COLUMNS)
        found = Shop.open(path, "gold").read()
        assert [name for name, _, _ in found.files] == ["2026-01.csv", "2026-02.CSV"]
        (tmp_path / "all.csv").write_text(ROWS, "utf-8")
        whole = orders.read(tmp_path / "all.csv", platform="csv", columns=COLUMNS)
        assert found.orders["amount"].tolist() == whole.orders["amount"].tolist()

    def test_without_exports_are_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "exports").mkdir()
        path = shop_file(tmp_path, "exports/", platform="csv")
        said = r"shops.yml, shop 'gold', orders: the folder '…/.*/exports' holds no orders \(\.csv, "
        with pytest.raises(InputError, match=said):
            Shop.open(path, "gold").orders()

    def test_leave_item_exports_to_items(self) -> None:
        file = shopfile.load(Path(__file__).parents[1] / "data/samples/shops.yml")
        entry = file.shops["gold"].model_copy(update={"orders": ["gold/ExportOrder*.csv"]})
        named = [path.name for path in replace(file, shops={"gold": entry}).order_files("gold")]
        assert named == ["ExportOrderList202507160930.csv", "ExportOrderList202607010915.csv"]
