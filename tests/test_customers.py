"""Customers are what lifetimes says they are, nothing is lost on the way, and no order of rows matters."""

import warnings

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv import customers, customers_file, duck, id_ranges, split, tables
from clv.errors import InputError, NoAnswerError, SettingError
from conftest import orders_table

PAPER = ["frequency", "recency", "T", "monetary_value"]


def by_lifetimes(orders: pd.DataFrame, until: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes.utils import summary_data_from_transaction_data

        return summary_data_from_transaction_data(
            orders, "customer_id", "paid_at", monetary_value_col="amount", observation_period_end=until
        ).sort_index()


def test_cdnow_is_what_lifetimes_makes_of_it(cdnow_orders):
    ours = customers.summarise(cdnow_orders, until="1998-06-30")
    theirs = by_lifetimes(cdnow_orders, "1998-06-30")
    pd.testing.assert_frame_equal(ours[PAPER], theirs[PAPER], check_dtype=False, rtol=1e-12)


def test_an_earlier_end_sees_only_earlier_orders(cdnow_orders):
    ours = customers.summarise(cdnow_orders, until="1997-09-30")
    theirs = by_lifetimes(cdnow_orders[cdnow_orders["paid_at"] <= "1997-09-30"], "1997-09-30")
    pd.testing.assert_frame_equal(ours[PAPER], theirs[PAPER], check_dtype=False, rtol=1e-12)


some_orders = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.datetimes(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-03-31T23:59:59")),
        st.integers(1, 10_000).map(lambda cents: cents / 100),
        st.sampled_from(["ring", "necklace", None]),
    ),
    min_size=1,
    max_size=30,
).map(lambda rows: orders_table(pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount", "category"])))


@settings(max_examples=20, deadline=None)
@given(some_orders, st.randoms(use_true_random=False))
def test_any_orders_are_what_lifetimes_makes_of_them(orders, random):
    ours = customers.summarise(orders, until="2024-03-31")
    theirs = by_lifetimes(orders, "2024-03-31")
    pd.testing.assert_frame_equal(ours[PAPER], theirs[PAPER], check_dtype=False, atol=1e-9)
    shuffled = orders.sample(frac=1, random_state=random.randint(0, 2**31))
    pd.testing.assert_frame_equal(ours, customers.summarise(shuffled, until="2024-03-31"), atol=1e-9)


@settings(max_examples=20, deadline=None)
@given(some_orders)
def test_nothing_is_lost_from_orders_to_customers(orders):
    found = customers.summarise(orders)
    assert found["orders"].sum() == len(orders)
    assert found["total_spend"].sum() == pytest.approx(orders["amount"].sum(), abs=1e-6)
    days = orders.groupby("customer_id")["paid_at"].apply(lambda stamps: stamps.dt.normalize().nunique())
    assert (found["frequency"] + 1 == days).all()
    assert (found["days_since_last"] == found["T"] - found["recency"]).all()


def test_the_main_category_is_the_one_with_most_money_and_ties_follow_the_alphabet():
    orders = orders_table(
        pd.DataFrame(
            {
                "customer_id": ["a", "a", "a", "b", "b", "c"],
                "paid_at": pd.Timestamp("2024-01-01"),
                "amount": [5.0, 4.0, 4.0, 3.0, 3.0, 1.0],
                "category": ["ring", "chain", "chain", "ring", "chain", None],
            }
        )
    )
    found = customers.summarise(orders)["category"]
    assert found["a"] == "chain"
    assert found["b"] == "chain"
    assert pd.isna(found["c"])


def test_parquet_of_any_size_gives_what_a_frame_gives(cdnow_orders, tmp_path):
    path = tmp_path / "orders.parquet"
    cdnow_orders.to_parquet(path)
    pd.testing.assert_frame_equal(customers.summarise(path), customers.summarise(cdnow_orders), rtol=1e-12)


def test_customers_keep_the_contract_of_their_table(cdnow_orders):
    found = customers.summarise(cdnow_orders)
    pd.testing.assert_frame_equal(tables.check(found, tables.CUSTOMERS), found)


def test_the_models_read_the_same_numbers_from_the_short_way(cdnow_orders):
    whole = customers.summarise(cdnow_orders, until="1997-09-30")
    pd.testing.assert_frame_equal(customers.for_models(cdnow_orders, until="1997-09-30"), whole[PAPER])


def test_the_distinct_histories_stand_for_every_customer(cdnow_orders):
    whole = customers.summarise(cdnow_orders, until="1997-09-30")[PAPER[:3]]
    counted = whole.value_counts(sort=False).sort_index().rename("customers").reset_index()
    pd.testing.assert_frame_equal(customers.distinct_histories(cdnow_orders, until="1997-09-30"), counted)


def test_sums_are_exact_whatever_the_order_of_the_rows():
    log = pd.DataFrame({"customer_id": "a", "paid_at": pd.Timestamp("2024-01-01"), "amount": [0.1] * 10})
    later = log.assign(paid_at=pd.Timestamp("2024-01-02"), amount=[1e11, *[0.01] * 9])
    found = customers.summarise(orders_table(pd.concat([log, later], ignore_index=True)))
    assert found.at["a", "total_spend"] == 100_000_000_001.09
    assert found.at["a", "monetary_value"] == 100_000_000_000.09


def test_a_folder_of_parquet_is_one_table(cdnow_orders, tmp_path):
    for part, rows in enumerate(np.array_split(np.arange(len(cdnow_orders)), 3)):
        cdnow_orders.iloc[rows].to_parquet(tmp_path / f"part-{part}.parquet")
    pd.testing.assert_frame_equal(customers.summarise(tmp_path), customers.summarise(cdnow_orders))


@pytest.mark.parametrize("at_once", [10**9, 2_000, 1])  # whole, in some ranges, in as many as may be
@pytest.mark.parametrize("work", [customers.summarise, customers.for_models])
def test_customers_are_the_same_range_by_range(cdnow_orders, tmp_path, monkeypatch, work, at_once):
    cdnow_orders.to_parquet(tmp_path / "orders.parquet")
    expected = work(cdnow_orders, until="1997-09-30")
    monkeypatch.setattr(id_ranges, "_AT_ONCE", at_once)
    pd.testing.assert_frame_equal(work(tmp_path / "orders.parquet", until="1997-09-30"), expected)
    pd.testing.assert_frame_equal(work(cdnow_orders, until="1997-09-30"), expected)


@pytest.mark.parametrize("several", [2, 3, 8])
def test_every_order_lies_in_one_range_of_ids(several, monkeypatch):
    monkeypatch.setattr(id_ranges, "_AT_ONCE", -(-600 // several))
    ids = ["b"] * 300 + ["a", "B", "é", "D", "c", "E"] * 50  # half are one customer's
    orders = pd.DataFrame({"customer_id": ids, "number": range(600)})
    for collation in ("binary", "nocase.noaccent"):
        theirs = ibis.duckdb.connect()
        theirs.con.register("orders", pa.Table.from_pandas(orders))
        theirs.con.execute(f"SET default_collation = '{collation}'")
        table = theirs.table("orders")
        parts = [part.to_pandas() for part in id_ranges.parts(table, 600)]
        assert sorted(pd.concat(parts)["number"]) == list(range(600))
        assert len(parts) > 1
        whose = [set(part["customer_id"]) for part in parts]
        assert sum(map(len, whose)) == len(set.union(*whose))


def test_orders_dealt_out_by_ranges_of_ids_give_the_same_file(cdnow_orders, tmp_path, monkeypatch):
    (folder := tmp_path / "it's ours").mkdir()
    cdnow_orders.to_parquet(folder / "orders.parquet")
    until, expected = "1997-09-30", customers.summarise(cdnow_orders, until="1997-09-30")
    for at_once in (10**9, 10_000):
        monkeypatch.setattr(customers_file, "_ORDERS_AT_ONCE", at_once)
        written = customers_file.write(folder / "orders.parquet", folder / "made.parquet", until=until)
        assert written == (len(expected), (expected["frequency"] > 0).sum())
        made = pd.read_parquet(folder / "made.parquet").set_index("customer_id")
        pd.testing.assert_frame_equal(tables.check(made, tables.CUSTOMERS), expected)
    assert sorted(path.name for path in folder.iterdir()) == ["made.parquet", "orders.parquet"]


@pytest.mark.parametrize("amount", [0.0, -1.0, np.nan, np.inf, 1e14])
def test_money_that_is_none_gets_a_sentence(amount, tmp_path):
    log = orders_table(
        pd.DataFrame({"customer_id": "a", "paid_at": pd.Timestamp("2024-01-01"), "amount": [1.0, 2.0]})
    )
    log.assign(amount=[1.0, amount]).to_parquet(tmp_path / "orders.parquet")
    with pytest.raises(InputError, match="1 of 2 orders have no time of payment or an amount"):
        customers.summarise(tmp_path / "orders.parquet")


@pytest.mark.parametrize("work", [customers.summarise, customers.for_models, customers.distinct_histories])
def test_more_money_than_can_be_added_up_gets_a_sentence(work):
    one_day = pd.DataFrame({"customer_id": "a", "paid_at": pd.Timestamp("2024-01-01"), "amount": [9e13] * 11})
    with pytest.raises(InputError, match="together hold 990,000,000,000,000, more than"):
        work(orders_table(one_day))
    most = customers.summarise(orders_table(one_day.iloc[:10]))
    assert most["total_spend"].tolist() == [9e14]


def test_a_customer_that_stands_twice_gets_a_sentence(cdnow_orders):
    made = customers.summarise(cdnow_orders)
    with pytest.raises(InputError, match=r"customer_id should name each once, but 2 row\(s\) share one"):
        tables.check(pd.concat([made, made.iloc[:1]]), tables.CUSTOMERS)


def test_a_column_of_few_digits_changes_no_number(tmp_path):
    log = pd.DataFrame({"customer_id": ["1", "1", "2"], "amount": [89_171.46, 12_000.01, 9_999.99]})
    orders = orders_table(log.assign(paid_at=pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-02"])))
    narrow = pa.Table.from_pandas(orders)
    for column, kind in (("amount", pa.decimal128(10, 2)), ("customer_id", pa.int64())):
        narrow = narrow.set_column(
            narrow.schema.get_field_index(column), column, narrow[column].cast(kind, safe=False)
        )
    pq.write_table(narrow, tmp_path / "orders.parquet")
    pd.testing.assert_frame_equal(
        customers.summarise(tmp_path / "orders.parquet"), customers.summarise(orders)
    )


def test_an_empty_id_is_nobodys(tmp_path):
    log = pd.DataFrame({"customer_id": ["a", ""], "paid_at": pd.Timestamp("2024-01-01"), "amount": 1.0})
    orders_table(log).to_parquet(tmp_path / "orders.parquet")
    assert list(customers.summarise(tmp_path / "orders.parquet").index) == ["a"]


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("paid_at", pd.Timestamp("2024-01-01", tz="Asia/Shanghai"), "paid_at holds moments of a time zone"),
        ("customer_id", 1.5, "customer_id should hold text"),
    ],
)
def test_columns_of_another_kind_get_a_sentence(column, values, said, tmp_path):
    log = pd.DataFrame({"customer_id": ["a"], "paid_at": pd.Timestamp("2024-01-01"), "amount": [1.0]})
    orders_table(log).assign(**{column: values}).to_parquet(tmp_path / "orders.parquet")
    with pytest.raises(InputError, match=said):
        customers.summarise(tmp_path / "orders.parquet")


def test_too_little_memory_gets_a_sentence(cdnow_orders, tmp_path, monkeypatch):
    cdnow_orders.to_parquet(tmp_path / "orders.parquet")
    monkeypatch.setenv("CLV_DUCKDB_MEMORY", "4MB")
    with pytest.raises(SettingError, match="set CLV_DUCKDB_MEMORY higher than 4MB"):
        customers.summarise(tmp_path / "orders.parquet")


def test_the_memory_of_duckdb_can_be_stated(monkeypatch):
    monkeypatch.setenv("CLV_DUCKDB_MEMORY", "plenty")
    with pytest.raises(SettingError, match="CLV_DUCKDB_MEMORY is 'plenty'"):
        duck.connect()
    monkeypatch.setenv("CLV_DUCKDB_MEMORY", "800MB")
    opened = duck.connect()
    assert opened.con.sql("SELECT current_setting('memory_limit')").fetchone() == ("762.9 MiB",)


def test_orders_without_a_customer_are_nobody():
    log = pd.DataFrame(
        {"customer_id": ["a", None], "paid_at": pd.Timestamp("2024-01-01"), "amount": [1.0, 2.0]}
    )
    assert list(customers.summarise(orders_table(log)).index) == ["a"]
    nobody = orders_table(log.assign(customer_id=np.array([None, None], dtype=object)))
    with pytest.raises(NoAnswerError, match="names a customer"):
        customers.summarise(nobody)


@pytest.mark.parametrize(
    ("until", "said"), [("1996-01-01", "before the first order"), ("last spring", "is not a date")]
)
def test_a_wrong_last_day_gets_a_sentence(cdnow_orders, until, said):
    with pytest.raises(InputError, match=said):
        customers.summarise(cdnow_orders, until=until)


def test_a_missing_file_gets_a_sentence(tmp_path):
    with pytest.raises(InputError, match=r"there is no file 'none\.parquet'"):
        customers.summarise(tmp_path / "none.parquet")


def test_a_split_hides_and_loses_nothing(cdnow_orders):
    made = split.split(cdnow_orders, until="1998-06-30", days=273)
    assert str(made.end) == "1997-09-30"
    assert made.days == 273
    everything = customers.summarise(cdnow_orders, until="1998-06-30")
    known = made.calibration
    assert (
        known["frequency"] + 1 + made.later["purchases"] == everything.loc[known.index, "frequency"] + 1
    ).all()
    spend = known["total_spend"] + made.later["spend"]
    np.testing.assert_allclose(spend, everything.loc[known.index, "total_spend"], rtol=1e-9)
    before = made.repeats[made.repeats.index <= pd.Timestamp(made.end)]
    assert before.sum() == known["frequency"].sum()
    assert made.repeats.sum() == known["frequency"].sum() + made.later["purchases"].sum()


def test_a_quarter_is_hidden_unless_said_otherwise(cdnow_orders):
    made = split.split(cdnow_orders, until="1998-06-30")
    assert made.days == 545 // 4


@pytest.mark.parametrize("days", [-1, 545, 10_000])
def test_a_holdout_longer_than_the_history_gets_a_sentence(cdnow_orders, days):
    with pytest.raises(SettingError, match="between 1 and 544"):
        split.split(cdnow_orders, until="1998-06-30", days=days)


def test_a_file_that_holds_no_orders_gets_a_sentence(cdnow_orders, tmp_path):
    path = tmp_path / "orders.parquet"
    path.write_text("no Parquet")
    with pytest.raises(InputError, match=r"'orders\.parquet' is not a Parquet file"):
        customers.summarise(path)
    cdnow_orders.drop(columns="amount").to_parquet(path)
    with pytest.raises(InputError, match="lacks the column 'amount'"):
        customers.summarise(path)
    cdnow_orders.assign(paid_at=cdnow_orders["paid_at"].astype("str")).to_parquet(path)
    with pytest.raises(InputError, match="paid_at should hold times"):
        customers.summarise(path)
