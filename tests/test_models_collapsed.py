"""A table of distinct rows with the number of customers of each is fitted as the customers themselves are."""

import numpy as np
import pandas as pd
import pytest

from clv import spend
from clv.bgnbd import BGNBD
from clv.btyd.histories import collapse, levels
from clv.errors import InputError, NoAnswerError
from clv.models import MODELS, fit_by_name

HISTORY = ["frequency", "recency", "T"]
MONEY = ["frequency", "monetary_value"]
every_name = pytest.mark.parametrize("name", MODELS)


def counted(customers: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return customers.groupby(columns).size().rename("customers").reset_index()


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    found = BGNBD(0.24, 31.0, 0.79, 2.43).simulate(3000, T=rng.integers(1, 400, 3000), rng=rng)
    x = np.maximum(found["frequency"], 1)
    spent = np.round(30 * rng.gamma(5.0 * x) / x / rng.gamma(4.0, size=3000), -1) + 10  # many are equal
    return found.assign(
        recency=np.ceil(found["recency"]).astype(int),
        T=found["T"].astype(int),
        monetary_value=np.where(found["frequency"] > 0, spent, 0.0),
    )


def same(one, other) -> None:
    assert one.to_json() == other.to_json()


@every_name
def test_distinct_rows_give_the_identical_fit(name: str, people: pd.DataFrame) -> None:
    rows = counted(people, HISTORY)
    assert len(rows) < len(people) / 2
    one, other = fit_by_name(name, people), fit_by_name(name, rows)
    same(one, other)
    assert other.n_customers == 3000
    np.testing.assert_array_equal(one.counts, other.counts)


@every_name
def test_collapsed_rows_may_come_in_parts_and_in_any_order(name: str, people: pd.DataFrame) -> None:
    parts = pd.concat([counted(people[:1000], HISTORY), counted(people[1000:], HISTORY)])
    same(fit_by_name(name, parts.sample(frac=1, random_state=1)), fit_by_name(name, people))


def test_times_within_a_day_are_counted_alike(people: pd.DataFrame) -> None:
    hours = people.assign(recency=people["recency"] / 24, T=people["T"] / 24)
    same(fit_by_name("bgnbd", counted(hours, HISTORY)), fit_by_name("bgnbd", hours))


def test_a_billion_customers_cost_their_distinct_rows(people: pd.DataFrame) -> None:
    rows = counted(people, HISTORY)
    many = rows.assign(customers=rows["customers"] * 400_000)
    one, other = fit_by_name("bgnbd", rows), fit_by_name("bgnbd", many)
    assert other.n_customers == 1_200_000_000
    assert other.model.parameters == pytest.approx(one.model.parameters, rel=1e-7)
    assert other.standard_errors.to_numpy() == pytest.approx(one.standard_errors / 400_000**0.5, rel=1e-5)


def test_distinct_amounts_give_the_identical_money_model(people: pd.DataFrame) -> None:
    rows = counted(people, MONEY)
    assert len(rows) < len(people) / 2
    one, other = spend.fit(people), spend.fit(rows)
    assert one.limit is None
    same(one, other)
    assert other.n_customers == (people["frequency"] > 0).sum()


def test_distinct_amounts_give_the_identical_stand_in(people: pd.DataFrame) -> None:
    few = people[:25].assign(total_spend=lambda t: t["monetary_value"] * t["frequency"] + 70)
    one, other = spend.fit(few), spend.fit(counted(few, [*MONEY, "total_spend"]))
    assert one.limit is not None
    same(one, other)


def test_rank_correlation_of_counted_rows_is_that_of_customers(people: pd.DataFrame) -> None:
    again = people[people["frequency"] > 0]
    found = spend.fit(counted(people, MONEY)).correlation
    expected = again[MONEY].corr("spearman").iloc[0, 1], np.log(again[MONEY]).corr().iloc[0, 1]
    assert (found.spearman, found.pearson) == pytest.approx(expected, rel=1e-9)
    assert found.n == len(again)


def test_counted_rows_become_customers_again_in_lifetimes(people: pd.DataFrame) -> None:
    fit = fit_by_name("bgnbd", people)
    data = fit.to_lifetimes(counted(people, HISTORY)).data
    expected = people[HISTORY].sort_values(HISTORY, ignore_index=True)
    pd.testing.assert_frame_equal(data[HISTORY], expected, check_dtype=False)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, np.nan, np.inf, "two", None])
def test_a_wrong_number_of_customers_is_counted_and_placed(wrong: object, people: pd.DataFrame) -> None:
    for columns, ask in ((HISTORY, lambda table: fit_by_name("bgnbd", table)), (MONEY, spend.fit)):
        table = counted(people, columns).astype({"customers": object})
        table.loc[[1, 4], "customers"] = wrong
        with pytest.raises(InputError, match=r"customers.* 2 row.*row 2\)") as caught:
            ask(table)
        assert "\n" not in str(caught.value)


def test_a_counted_table_without_repeat_buyers_is_refused_by_its_customers() -> None:
    table = pd.DataFrame({"frequency": [0], "recency": [0], "T": [9], "customers": [50]})
    with pytest.raises(NoAnswerError, match="none of the 50 customers"):
        fit_by_name("bgnbd", table)


def test_levels_are_the_distinct_values_however_they_are_found(rng: np.random.Generator) -> None:
    for column in (rng.integers(0, 50, 200), rng.integers(0, 10**9, 200), rng.random(200), np.zeros(0)):
        values, place = levels(column.astype(float))
        expected = np.unique(column.astype(float))
        np.testing.assert_array_equal(values, expected)
        np.testing.assert_array_equal(values[place], column)


def test_collapsing_twice_changes_nothing(people: pd.DataFrame) -> None:
    rows, counts = collapse(people)
    again = pd.DataFrame(dict(zip(HISTORY, rows, strict=True))).assign(customers=counts)
    twice, recounted = collapse(again)
    np.testing.assert_array_equal(np.stack(twice), np.stack(rows))
    np.testing.assert_array_equal(recounted, counts)
