"""Who is one person: laws of joining, what must not join, a sample of known people, mistakes, the command."""

import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import customers, extras, identity, plots, shop_reading, shopfile, tables
from clv.cli import main
from clv.errors import SettingError
from clv.extras import ExtraRead
from clv.identity import Resolved
from clv.keeping import hidden, persons_kept
from clv.keeping.kept import Bundle
from clv.merging import doubts, levels, mistakes
from clv.reading import link_files
from conftest import orders_table
from every_figure import Legible, labels, said

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
README = (SAMPLES / "README.md").read_text("utf-8")
KEYS = ["order_id", "source", "kind", "value"]


def placed(*rows: tuple[str, str | None], days: list[int] | None = None) -> pd.DataFrame:
    """Return ORDERS of (number, customer), a day apart unless said otherwise."""
    day = pd.to_datetime("2026-01-01") + pd.to_timedelta(days or range(len(rows)), unit="D")
    log = pd.DataFrame({"customer_id": [who for _, who in rows], "paid_at": day, "amount": 10.0})
    made = orders_table(log).assign(order_id=[number for number, _ in rows])
    return tables.check(made, tables.ORDERS)


def keyed(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=KEYS, dtype="str")


def linked(*rows: tuple[int, str, str, str | None]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["person", "kind", "value", "source"]).assign(row=range(len(rows)))
    return tables.check(found, link_files.LINKS)


def who(resolved: Resolved) -> list[str]:
    return resolved.orders["customer_id"].fillna("?").tolist()


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


# Laws -----------------------------------------------------------------------------------------------------


def test_a_strong_key_joins_and_the_earliest_id_is_the_persons_name() -> None:
    made = placed(("1", "b"), ("2", "a"), ("3", "c"))
    found = identity.resolve(made, keyed(("1", "s", "phone", "P"), ("2", "t", "phone", "P")))
    assert who(found) == ["b", "b", "c"]
    assert found.aliases[["a", "b", "c"]].tolist() == ["b", "b", "c"]
    told = found.persons[["person", "ids", "sources", "orders", "keys", "confidence"]]
    assert told.to_numpy().tolist() == [
        ["b", 2, "s, t", 2, "phone 1", "high"], ["c", 1, "", 1, "", "one id"]
    ]  # fmt: skip


def test_joining_goes_on_over_several_keys() -> None:
    made = placed(*(("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")))
    found = identity.resolve(
        made,
        keyed(
            ("1", "s", "phone", "P"), ("2", "t", "phone", "P"), ("2", "t", "unionid", "U"),
            ("3", "u", "unionid", "U"), ("4", "u", "unionid", "V"),
        ),
    )  # fmt: skip
    assert who(found) == ["a", "a", "a", "d"]


def test_an_order_without_a_buyer_gets_one_by_its_key() -> None:
    made = placed(("1", None), ("2", "a"), ("3", None), ("4", None), ("5", None))
    key = "0123456789abcdef0123456789abcdef"
    found = identity.resolve(
        made,
        keyed(
            ("1", "s", "phone", "P"), ("2", "s", "phone", "P"), ("3", "s", "phone", key),
            ("4", "s", "phone", key), ("5", "s", "city", "C"),
        ),
    )  # fmt: skip
    assert who(found) == ["a", "a", "c_0123456789ab", "c_0123456789ab", "?"]
    assert found.persons.set_index("person").loc["c_0123456789ab", ["ids", "orders"]].tolist() == [0, 2]
    assert who(identity.resolve(made, found.conflicts.iloc[:0].reindex(columns=KEYS).astype("str"))) == [
        "?", "a", "?", "?", "?"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["openid", "nick", "account"])
def test_a_login_joins_within_its_export_only(kind: str) -> None:
    made = placed(("1", "a"), ("2", "b"), ("3", "c"))
    found = identity.resolve(made, keyed(("1", "s", kind, "N"), ("2", "s", kind, "N"), ("3", "t", kind, "N")))
    assert who(found) == ["a", "a", "c"]
    assert found.persons["confidence"].tolist() == ["high" if kind == "account" else "medium", "one id"]


WEAK = ["receiver_phone", "masked_phone", "name", "surname", "city", "address", "oaid"]


@pytest.mark.parametrize("level", ["none", "links", "strong"])
def test_weak_keys_never_join_not_one_and_not_all_together(level: str) -> None:
    made = placed(("1", "a"), ("2", "b"))
    every = [(number, "s", kind, "X") for number in ("1", "2") for kind in WEAK]
    assert who(identity.resolve(made, keyed(*every), level=level)) == ["a", "b"]
    for kind in WEAK:
        pair = keyed(("1", "s", kind, "X"), ("2", "s", kind, "X"))
        assert who(identity.resolve(made, pair, level=level)) == ["a", "b"]


def test_weak_keys_are_shown_as_possible_and_join_at_looser_alone() -> None:
    made = placed(("1", "a"), ("2", "b"), ("3", "c"))
    rows = [(n, "s", kind, "X") for n in ("1", "2") for kind in ("masked_phone", "surname", "city")]
    keys = keyed(*rows, ("3", "s", "masked_phone", "X"), ("3", "s", "surname", "X"), ("3", "s", "city", "Y"))
    strict = identity.resolve(made, keys)
    assert identity.possible(strict, keys).query("groups > 0").to_numpy().tolist() == [
        ["masked phone + surname + city", 1, 2]
    ]
    loose = identity.resolve(made, keys, level="looser")
    assert who(loose) == ["a", "a", "c"]
    assert loose.persons["confidence"].tolist() == ["low", "one id"]


def test_a_receivers_phone_is_compared_with_buyers_own_phones_at_looser() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(
        ("1", "s", "phone", "P"), ("1", "s", "surname", "X"),
        ("2", "t", "receiver_phone", "P"), ("2", "t", "surname", "X"),
    )  # fmt: skip
    assert who(identity.resolve(made, keys)) == ["a", "b"]
    assert who(identity.resolve(made, keys, level="looser")) == ["a", "a"]


def random_shop(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return orders, keys and links of people with two ids each, some of whose keys are somebody else's."""
    rng = np.random.default_rng(seed)
    person, side = rng.integers(0, 30, 90), rng.integers(0, 2, 90)
    ids = [None if rng.random() < 0.1 else f"id{p:02d}{s}" for p, s in zip(person, side, strict=True)]
    days = rng.integers(0, 90, 90).tolist()
    made = placed(*((f"o{n:03d}", one) for n, one in enumerate(ids)), days=days)
    kinds = ["phone", "email", "unionid", "member_id", "openid", "nick", "masked_phone", "surname", "city"]
    rows = [
        (
            f"o{n:03d}",
            f"export{side[n]}",
            kind,
            str(person[n] if rng.random() < 0.96 else rng.integers(0, 30)),
        )
        for n in range(90)
        for kind in kinds
        if rng.random() < 0.3
    ]
    pairs = [
        (n, kind, value, None)
        for n, one in enumerate(rng.integers(0, 30, 6))
        for kind, value in (("phone", str(one)), ("customer_id", f"id{one:02d}1"))
    ]
    return made, keyed(*rows), linked(*pairs)


def test_the_random_shops_join_and_quarrel() -> None:
    found = [identity.resolve(*random_shop(seed)[:2], links=random_shop(seed)[2]) for seed in range(4)]
    assert min(one.joined_ids for one in found) >= 15
    assert sum(len(one.conflicts) for one in found) >= 8
    assert {"high", "one id"} <= set(pd.concat([one.persons for one in found])["confidence"])


def partition(resolved: Resolved) -> set[frozenset[str]]:
    ids = resolved.ids[resolved.ids["in_orders"]]
    return set(ids.groupby("person")["customer_id"].agg(frozenset))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", identity.LEVELS)
def test_no_order_of_rows_shows(seed: int, level: str) -> None:
    made, keys, links = random_shop(seed)
    one = identity.resolve(made, keys, links=links, level=level)
    mixed = [table.sample(frac=1, random_state=seed).reset_index(drop=True) for table in (made, keys, links)]
    other = identity.resolve(mixed[0], mixed[1], links=mixed[2], level=level)
    by_number = other.orders.set_index("order_id").loc[made["order_id"], "customer_id"]
    assert by_number.fillna("?").tolist() == who(one)
    assert one.persons.equals(other.persons)
    assert one.conflicts.equals(other.conflicts)


@pytest.mark.parametrize("seed", range(4))
def test_only_customer_ids_change_and_who_is_not_joined_keeps_the_id(seed: int) -> None:
    made, keys, links = random_shop(seed)
    found = identity.resolve(made, keys, links=links)
    assert found.orders.drop(columns="customer_id").equals(made.drop(columns="customer_id"))
    assert found.unjoined.equals(made)
    before = made["customer_id"].dropna()
    assert found.orders.loc[before.index, "customer_id"].equals(before.map(found.aliases).astype("str"))
    assert set(found.aliases[before.unique()]) <= set(before)
    alone = found.persons.query("ids == 1")["person"]
    assert alone.isin(before).all()
    assert found.persons["orders"].sum() == found.orders["customer_id"].notna().sum()
    assert found.persons["ids"].sum() == before.nunique()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", ["links", "strong", "looser"])
def test_no_person_is_joined_from_two_platform_ids_of_one_kind(seed: int, level: str) -> None:
    made, keys, links = random_shop(seed)
    found = identity.resolve(made, keys, links=links, level=level)
    several = found.persons.loc[found.persons["ids"] > 1, "person"]
    who_is = found.orders.set_index("order_id")["customer_id"]
    ids = keys[keys["kind"].isin(["unionid", "openid", "member_id"])]
    ids = ids.assign(person=ids["order_id"].map(who_is))
    counts = ids[ids["person"].isin(several)].groupby(["person", "kind", "source"])["value"].nunique()
    assert len(counts) or level == "links"
    assert (counts == 1).all()
    assert found.persons["ids"].max() <= doubts.MOST_OF_PERSON


@pytest.mark.parametrize("seed", range(4))
def test_strong_joins_all_that_it_joins_within_looser(seed: int) -> None:
    made, keys, links = random_shop(seed)
    strict, loose = (identity.resolve(made, keys, links=links, level=name) for name in ("strong", "looser"))
    assert all(any(part <= whole for whole in partition(loose)) for part in partition(strict))
    weak = keys["kind"].isin(WEAK)
    without = identity.resolve(made, keys[~weak], links=links)
    assert partition(without) == partition(strict)


# What must not join ---------------------------------------------------------------------------------------


def test_a_counters_phone_joins_nobody_and_is_reported() -> None:
    ids = [f"id{n}" for n in range(6)]
    made = placed(*((f"{n}", name) for n, name in enumerate(ids)))
    keys = keyed(*((f"{n}", "s", "phone", "P" * 32) for n in range(6)))
    found = identity.resolve(made, keys)
    assert who(found) == ids
    row = found.conflicts.iloc[0]
    assert (row["why"], row["kind"], row["customers"], row["orders"]) == ("shared by too many", "phone", 6, 6)
    assert row["key"] == "c_" + "P" * 12
    five = identity.resolve(made.iloc[:5], keys.iloc[:5])
    assert set(who(five)) == {"id0"} and five.conflicts.empty


def test_a_key_on_very_many_orders_of_a_day_is_a_counters() -> None:
    made = placed(*((f"{n}", "a" if n else "b") for n in range(11)), days=[0] * 11)
    keys = keyed(*((f"{n}", "s", "phone", "P") for n in range(11)))
    found = identity.resolve(made, keys)
    assert who(found) == ["b", *["a"] * 10]
    assert found.conflicts["why"].tolist() == ["too many orders on one day"]
    assert set(who(identity.resolve(made.iloc[1:], keys.iloc[1:]))) == {"a"}


def test_a_couple_with_one_phone_and_two_unionids_is_two_people() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(
        ("1", "s", "phone", "P"), ("2", "s", "phone", "P"),
        ("1", "s", "unionid", "U"), ("2", "s", "unionid", "V"),
    )  # fmt: skip
    found = identity.resolve(made, keys)
    assert who(found) == ["a", "b"]
    assert found.conflicts["why"].tolist() == ["joins people with different ids"]
    elsewhere = keys.assign(source=["s", "t", "s", "t"])  # two apps of different owners: one person has two
    assert who(identity.resolve(made, elsewhere)) == ["a", "a"]


def test_in_a_chain_the_weakest_keys_give_way() -> None:
    made = placed(("1", "a"), ("2", "b"), ("3", "c"))
    keys = keyed(
        ("1", "s", "unionid", "U"), ("1", "s", "phone", "P"), ("2", "s", "phone", "P"),
        ("2", "s", "email", "E"), ("3", "s", "email", "E"), ("3", "s", "unionid", "V"),
    )  # fmt: skip
    found = identity.resolve(made, keys)
    assert who(found) == ["a", "a", "c"]
    assert found.conflicts[["why", "kind"]].to_numpy().tolist() == [
        ["part of a chain that joins people with different ids", "email"]
    ]


def test_an_id_that_has_two_unionids_itself_is_reported_and_joins_nobody() -> None:
    made = placed(("1", "a"), ("2", "a"), ("3", "b"), ("4", "c"))
    keys = keyed(
        ("1", "s", "unionid", "U"), ("2", "s", "unionid", "V"), ("3", "t", "unionid", "U"),
        ("4", "t", "unionid", "V"),
    )  # fmt: skip
    found = identity.resolve(made, keys)
    assert who(found) == ["a", "a", "b", "c"]
    whys = found.conflicts["why"].tolist()
    assert whys.count("joins people with different ids") == 2
    person = found.conflicts[found.conflicts["person"].notna()].iloc[0]
    assert (person["person"], person["kind"], person["count"]) == ("a", "unionid", 2)


def test_two_birthdays_make_a_person_doubtful_and_are_reported() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(("1", "s", "phone", "P"), ("2", "t", "phone", "P"))
    members = pd.DataFrame({"birthday": ["05-20", "12-11"], "gender": ["female", "female"]}, index=["a", "b"])
    found = identity.resolve(made, keys, members=members.rename_axis("customer_id"))
    assert found.conflicts[["why", "kind", "person", "count"]].to_numpy().tolist() == [
        ["members' rows differ", "birthday", "a", 2]
    ]
    assert found.persons["confidence"].tolist() == ["low"]


def test_many_addresses_and_many_orders_of_a_day_are_reported() -> None:
    made = placed(*((f"{n}", "a") for n in range(21)), days=[0] * 21)
    found = identity.resolve(made, keyed(*((f"{n}", "s", "address", f"road {n}") for n in range(21))))
    assert found.conflicts[["why", "count"]].to_numpy().tolist() == [
        ["too many addresses", 21], ["too many orders on one day", 21]
    ]  # fmt: skip
    assert identity.resolve(made.iloc[:10], keyed()).conflicts.empty


# Links ----------------------------------------------------------------------------------------------------


def test_a_link_file_joins_keys_and_ids_with_medium_confidence() -> None:
    made = placed(("1", "a"), ("2", "b"), ("3", "c"))
    keys = keyed(("1", "s", "phone", "P"), ("2", "t", "nick", "N"))
    links = linked((0, "phone", "P", None), (0, "nick", "N", "t"), (0, "customer_id", "c", None))
    for level in ("links", "strong"):
        found = identity.resolve(made, keys, links=links, level=level)
        assert who(found) == ["a", "a", "a"]
        assert found.persons["confidence"].tolist() == ["medium"]
    assert dict(found.link_rows) == {
        "used": 3, "in no order": 0, "of several exports": 0, "weak": 0, "shared": 0
    }  # fmt: skip
    assert who(identity.resolve(made, keys, links=links, level="none")) == ["a", "b", "c"]


def test_two_keys_on_every_id_are_as_good_as_a_phone() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(("1", "s", "nick", "N"), ("2", "s", "nick", "N"))
    once = identity.resolve(made, keys)
    links = linked((0, "customer_id", "a", None), (0, "customer_id", "b", None))
    twice = identity.resolve(made, keys, links=links)
    assert once.persons[["confidence", "support"]].to_numpy().tolist() == [["medium", 1]]
    assert twice.persons[["confidence", "support"]].to_numpy().tolist() == [["high", 2]]


def test_what_became_of_each_row_of_the_link_file_is_counted() -> None:
    made = placed(*((f"{n}", f"id{n}") for n in range(9)))
    shared = [(f"{n}", "s", "phone", "P") for n in range(6)]
    keys = keyed(*shared, ("6", "s", "nick", "N"), ("7", "t", "nick", "N"), ("8", "s", "unionid", "U"))
    links = linked(
        (0, "phone", "P", None), (0, "customer_id", "id8", None),
        (1, "nick", "N", None), (1, "unionid", "U", None),
        (2, "name", "X", None), (2, "phone", "Q", None),
    )  # fmt: skip
    found = identity.resolve(made, keys, links=links)
    assert dict(found.link_rows) == {
        "used": 2, "in no order": 1, "of several exports": 1, "weak": 1, "shared": 1
    }  # fmt: skip
    assert found.joined_ids == 0


def test_a_link_that_joins_people_with_different_ids_is_not_believed() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(("1", "s", "unionid", "U"), ("2", "s", "unionid", "V"))
    links = linked((0, "unionid", "U", None), (0, "unionid", "V", None))
    found = identity.resolve(made, keys, links=links)
    assert who(found) == ["a", "b"]
    assert found.conflicts[["why", "kind"]].to_numpy().tolist() == [
        ["joins people with different ids", "link"]
    ]


def test_persons_of_the_link_file_who_share_an_id_are_one() -> None:
    made = placed(("1", "a"), ("2", "b"))
    keys = keyed(("1", "s", "nick", "N"), ("2", "s", "unionid", "U"))
    links = linked(
        (0, "nick", "N", None), (0, "phone", "P", None), (1, "phone", "P", None), (1, "unionid", "U", None)
    )
    assert who(identity.resolve(made, keys, links=links)) == ["a", "a"]


# The other tables -----------------------------------------------------------------------------------------


@pytest.fixture
def two_in_one() -> Resolved:
    made = placed(("1", "a"), ("2", "b"), ("3", "c"))
    return identity.resolve(made, keyed(("1", "s", "phone", "P"), ("2", "t", "phone", "P")))


def test_ids_elsewhere_become_persons_and_strangers_stay(two_in_one: Resolved) -> None:
    ids = pd.Series(["b", "x", None, "c_P", "a"], index=[5, 4, 3, 2, 1], dtype="str")
    found = identity.in_other_tables(ids, two_in_one.aliases)
    assert found.fillna("?").tolist() == ["a", "x", "?", "a", "a"]
    assert found.index.tolist() == [5, 4, 3, 2, 1]


def test_of_members_a_no_beats_a_yes_and_points_are_added_up(two_in_one: Resolved) -> None:
    table = pd.DataFrame(
        {
            "consent_sms": pd.array([True, False, True], dtype="boolean"),
            "birthday": ["05-20", "05-21", "01-01"],
            "points": [10.0, 5.0, 1.0],
            "points_expire_on": pd.to_datetime(["2026-12-31", "2026-06-30", "2026-12-31"]),
        },
        index=pd.Index(["a", "b", "x"], name="customer_id"),
    )
    found = identity.of_extra(ExtraRead(tables.check(table, tables.MEMBERS)), two_in_one.aliases)
    assert found.table.index.tolist() == ["a", "x"]
    assert found.table["consent_sms"].tolist() == [False, True]
    assert found.table["points"].tolist() == [15.0, 1.0]
    assert found.table["birthday"].isna().tolist() == [True, False]
    assert found.table.at["a", "points_expire_on"] == pd.Timestamp("2026-06-30")
    assert any("both yes and no" in note for note in found.notes)


def test_who_was_in_both_arms_of_a_campaign_is_left_out_of_it(two_in_one: Resolved) -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "a", "b"],
            "campaign": ["spring", "spring", "spring", "autumn", "autumn"],
            "offer": "coupon",
            "channel": "sms",
            "arm": ["send", "control", "control", "send", "send"],
            "segment": None,
            "sent_on": pd.Timestamp("2026-01-01"),
            "runs_until": pd.NaT,
        }
    )
    found = identity.of_extra(ExtraRead(tables.check(table, extras.PAST_CAMPAIGNS)), two_in_one.aliases)
    assert found.table[["customer_id", "campaign"]].to_numpy().tolist() == [["c", "spring"], ["a", "autumn"]]
    assert found.notes == ("1 persons were in both arms of a campaign by two ids and are left out of it.",)


def test_what_was_resolved_is_kept_and_comes_back(two_in_one: Resolved, tmp_path: Path) -> None:
    packed = persons_kept.packed(two_in_one)
    frames = {}
    for name, frame in packed.frames.items():
        frame.to_parquet(tmp_path / name)
        frames[name] = pd.read_parquet(tmp_path / name)
    back = persons_kept.unpacked(Bundle(frames, packed.words))
    assert back.orders.equals(two_in_one.orders)
    assert back.persons.equals(two_in_one.persons)
    assert back.aliases.equals(two_in_one.aliases)
    assert (back.level, back.link_rows) == (two_in_one.level, dict(two_in_one.link_rows))


# What if, and mistakes ------------------------------------------------------------------------------------


def test_histories_are_those_of_the_customers_table(cdnow_orders: pd.DataFrame) -> None:
    right = customers.summarise(cdnow_orders, until="1998-06-30")[["frequency", "recency", "T", "orders"]]
    mine = levels.histories(cdnow_orders, until="1998-06-30").loc[right.index]
    assert (mine == right).all(axis=None)


def test_f1_counts_pairs_of_orders() -> None:
    truth = np.array([0, 0, 0, 1, 1])
    assert mistakes.f1(truth, truth) == 1.0
    assert mistakes.f1(truth, np.array([0, 0, 2, 1, 1])) == pytest.approx(2 * 2 / (4 + 2))
    assert mistakes.f1(truth, np.zeros(5, dtype=int)) == pytest.approx(2 * 4 / (4 + 10))
    assert mistakes.f1(truth, np.arange(5)) == 0.0


def test_mistakes_befall_as_many_as_they_are_told(rng: np.random.Generator) -> None:
    truth = np.repeat(np.arange(1000), 3)
    split = mistakes.split(truth, 0.1, rng=rng)
    torn = pd.Series(split).groupby(truth).nunique()
    assert (
        60 <= (torn == 2).sum() <= 90
    )  # of the hundred, a quarter has all three orders under one id by chance
    joined = mistakes.wrongly_joined(truth, 0.1, rng=rng)
    assert len(np.unique(joined)) == 950
    assert (pd.Series(truth).groupby(joined).nunique() == 2).sum() == 50


@pytest.fixture(scope="module")
def some_orders(cdnow_orders: pd.DataFrame) -> pd.DataFrame:
    chosen = np.random.default_rng(1).choice(cdnow_orders["customer_id"].unique(), 1500, replace=False)
    return cdnow_orders[cdnow_orders["customer_id"].isin(chosen)].reset_index(drop=True)


@pytest.fixture(scope="module")
def stated(some_orders: pd.DataFrame) -> pd.DataFrame:
    found = identity.mistakes(
        some_orders, until="1998-06-30", shares=(0.05, 0.2), draws=20, rng=np.random.default_rng(2)
    )
    return found.set_index(["mistake", "share"])


def test_splitting_hides_returns_and_joining_invents_them(stated: pd.DataFrame) -> None:
    for name in ("repeat_rate", "purchases"):
        assert (stated.loc["split", name] < 0).all() and (stated.loc["joined", name] > 0).all()
        assert stated.at[("split", 0.2), f"{name}_high"] < 0 < stated.at[("joined", 0.2), f"{name}_low"]
    assert (stated["f1"] < 1).all()
    for name in ("split", "joined"):
        assert stated.at[(name, 0.2), "f1"] < stated.at[(name, 0.05), "f1"]


def test_joining_two_and_two_adds_the_purchases_that_arithmetic_says(
    some_orders: pd.DataFrame, stated: pd.DataFrame
) -> None:
    """Of n customers a share m joined leaves n (1 - m / 2), and each pair has one repeat more."""
    table = levels.histories(some_orders, until="1998-06-30")
    n, days = len(table), (table["frequency"] + 1).sum()
    left = n - round(0.2 * n / 2)
    added = (days - left) / left - table["frequency"].mean()
    assert stated.at[("joined", 0.2), "purchases"] == pytest.approx(
        added, rel=0.02
    )  # days in common are rare


def test_fresh_mistakes_lie_within_the_stated_bounds(some_orders: pd.DataFrame, stated: pd.DataFrame) -> None:
    inside = []
    for seed in range(16):
        fresh = identity.mistakes(
            some_orders, until="1998-06-30", shares=(0.2,), draws=1, rng=np.random.default_rng(100 + seed)
        ).set_index(["mistake", "share"])
        bounds = stated.loc[fresh.index]
        inside += [
            fresh[name].between(bounds[f"{name}_low"], bounds[f"{name}_high"]).to_numpy()
            for name in ("f1", "repeat_rate", "purchases", "p_alive")
        ]
    assert 0.82 <= np.mean(inside) <= 0.97


@pytest.mark.parametrize(("shares", "draws"), [((0.0,), 3), ((1.2,), 3), ((0.1,), 0)])
def test_mistakes_that_cannot_be_made_are_refused(
    some_orders: pd.DataFrame, shares: tuple[float], draws: int, rng: np.random.Generator
) -> None:
    with pytest.raises(SettingError, match="shares between 0 and 1"):
        identity.mistakes(some_orders, until="1998-06-30", shares=shares, draws=draws, rng=rng)


def test_known_customers_split_and_keyed_are_found_again(some_orders: pd.DataFrame) -> None:
    """Give everybody an id for each half of their orders, and a phone on both for seven in ten."""
    rng = np.random.default_rng(3)
    second = rng.random(len(some_orders)) < 0.5
    made = some_orders.assign(customer_id=some_orders["customer_id"] + np.where(second, ":t", ":y"))
    known = some_orders["customer_id"].isin(
        rng.choice(some_orders["customer_id"].unique(), int(0.7 * 1500), replace=False)
    )
    keys = pd.DataFrame(
        {"order_id": made["order_id"], "source": np.where(second, "t", "y"), "kind": "phone",
         "value": "P" + some_orders["customer_id"]}
    )[known].astype("str")  # fmt: skip
    found = identity.resolve(made, keys)
    truth = pd.factorize(some_orders["customer_id"])[0]
    seen = pd.factorize(found.orders["customer_id"])[0]
    assert found.conflicts["why"].isin(["too many orders on one day"]).all()
    assert pd.Series(truth).groupby(seen).nunique().max() == 1  # nobody is joined with a stranger
    before = mistakes.f1(truth, pd.factorize(made["customer_id"])[0])
    assert before < 0.75 and 0.9 < mistakes.f1(truth, seen) < 0.99


# The sample whose people are known ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pearl() -> dict[str, pd.DataFrame]:
    """Return orders, keys and links of pearl, hidden, and its planted people by the ids as shown."""
    file = shopfile.load(SAMPLES / "shops.yml")
    read = hidden.of_orders(shop_reading.read_orders(file, "pearl", until="2026-06-30"), secret=b"secret")
    links = shop_reading.read_links(file, "pearl")
    links = hidden.of_links(links, secret=b"secret", exports=["youzan", "taobao"]).table
    truth = pd.read_csv(SAMPLES / "planted_people.csv", dtype="str")
    written = truth["id"].where(truth["export"] == "youzan", "taobao:" + truth["id"])
    people = pd.Series(truth["person"].to_numpy(), index=hidden.shown(written, secret=b"secret").to_numpy())
    return {"orders": read.orders, "keys": read.keys, "links": links, "people": people}


@pytest.fixture(scope="module")
def resolved(pearl: dict[str, pd.DataFrame]) -> dict[str, Resolved]:
    given = pearl["orders"], pearl["keys"]
    return {level: identity.resolve(*given, links=pearl["links"], level=level) for level in identity.LEVELS}


def pairs(groups: pd.Series) -> float:
    size = groups.value_counts()
    return float((size * (size - 1) / 2).sum())


def quality(found: Resolved, people: pd.Series) -> tuple[float, float]:
    """Return precision and recall over pairs of customer ids."""
    person = people.index.to_series().map(found.aliases).to_numpy()
    both = pairs(pd.Series(person + "|" + people.to_numpy()))
    told, true = pairs(pd.Series(person)), pairs(people)
    return (both / told if told else 1.0), both / true


def test_nobody_in_the_sample_is_real() -> None:
    for name, encoding in (
        ("youzan_orders.csv", "utf-8-sig"),
        ("ExportOrderList202607011000.csv", "gb18030"),
    ):
        text = (SAMPLES / "pearl" / name).read_text(encoding)
        phones = re.findall(r"(?<![\d.])1\d{10}(?!\d)", text)
        assert len(phones) > 100 and all(phone.startswith("1000") for phone in phones)


def test_the_readme_says_who_is_in_the_sample(pearl: dict[str, pd.DataFrame]) -> None:
    planted = pd.read_csv(SAMPLES / "planted_people.csv", dtype="str")
    both = planted.groupby("person")["export"].nunique().eq(2).sum()
    phones = planted[planted["export"] == "youzan"].groupby("person").size().gt(1).sum()
    assert f"- {both} people bought in both channels" in README
    assert f"- {phones} people changed their phone" in README
    assert pearl["orders"]["customer_id"].nunique() == 526


def test_every_customer_id_of_the_sample_is_planted(pearl: dict[str, pd.DataFrame]) -> None:
    assert set(pearl["orders"]["customer_id"].dropna()) == set(pearl["people"].index)
    assert pearl["people"].nunique() == 450


def test_strong_keys_join_no_strangers_and_find_what_the_readme_says(
    pearl: dict[str, pd.DataFrame], resolved: dict[str, Resolved]
) -> None:
    found = {level: quality(one, pearl["people"]) for level, one in resolved.items()}
    assert found["none"] == (1.0, 0.0)
    assert found["links"][0] == found["strong"][0] == 1.0
    assert 0 < found["links"][1] < found["strong"][1] < found["looser"][1]
    assert found["looser"][0] < 1.0
    for level in ("links", "strong", "looser"):
        precision, recall = found[level]
        assert re.search(
            rf"^\| {level} \| {len(resolved[level].persons)} \| {precision:.2f} \| {recall:.2f} \|",
            README,
            re.M,
        )


def test_the_counters_phone_of_the_sample_joins_nobody(resolved: dict[str, Resolved]) -> None:
    shared = resolved["strong"].conflicts
    assert shared[["why", "kind", "customers"]].to_numpy().tolist() == [["shared by too many", "phone", 12]]


def test_joining_moves_the_repeat_rate_towards_the_truth(pearl: dict[str, pd.DataFrame]) -> None:
    table = identity.what_if(
        pearl["orders"], pearl["keys"], links=pearl["links"], until="2026-06-30"
    ).set_index("level")
    person = pearl["orders"]["customer_id"].map(pearl["people"])
    truth = levels.numbers(pearl["orders"].assign(customer_id=person), until="2026-06-30")
    rates = table["repeat_rate"]
    assert rates["none"] < rates["links"] < rates["strong"] < truth["repeat_rate"] < rates["looser"]
    assert table["customers"].tolist() == sorted(table["customers"], reverse=True)
    assert table.loc["strong", "low"] < truth["repeat_rate"] < table.loc["strong", "high"]
    assert table["changed"].to_dict()["strong"] == 0 and (table.drop("strong")["changed"] > 0).all()
    for name, value in (
        ("none", rates["none"]),
        ("strong", rates["strong"]),
        ("truth", truth["repeat_rate"]),
    ):
        assert f"{value:.1%}".replace("%", " %") in README, name


def test_links_that_fit_no_order_are_counted(resolved: dict[str, Resolved]) -> None:
    assert dict(resolved["strong"].link_rows) == {
        "used": 56, "in no order": 8, "of several exports": 0, "weak": 0, "shared": 0
    }  # fmt: skip


def test_what_was_read_of_the_sample_has_persons_everywhere(resolved: dict[str, Resolved]) -> None:
    file = shopfile.load(SAMPLES / "shops.yml")
    read = hidden.of_orders(shop_reading.read_orders(file, "pearl", until="2026-06-30"), secret=b"secret")
    found = identity.of_read(read, resolved["strong"])
    assert found.orders["customer_id"].nunique() == len(resolved["strong"].persons)
    assert found.returns["customer_id"].isin(found.orders["customer_id"]).sum() >= 14
    nobody = found.losses[found.losses["stage"] == "customers"]
    assert nobody["orders"].sum() == found.orders["customer_id"].isna().sum()
    assert nobody["money"].sum() == pytest.approx(
        found.orders.loc[found.orders["customer_id"].isna(), "amount"].sum()
    )
    assert "78 customer ids are those of 39 persons" in " ".join(found.notes)


def test_losses_know_of_orders_whose_buyer_a_key_told() -> None:
    file = shopfile.load(SAMPLES / "shops.yml")
    read = hidden.of_orders(shop_reading.read_orders(file, "pearl", until="2026-06-30"), secret=b"secret")
    nameless = read.orders["customer_id"].isna()
    first = read.orders.loc[nameless, "order_id"].iloc[0]
    more = keyed((first, "youzan", "phone", "f" * 32))
    found = identity.of_read(read, identity.resolve(read.orders, pd.concat([read.keys, more])))
    left = found.losses[found.losses["stage"] == "customers"]
    assert left[["reason", "orders"]].to_numpy().tolist() == [
        ["no buyer named, nor found by a key", nameless.sum() - 1]
    ]
    assert "1 orders name no buyer, but a key tells who it was." in found.notes
    assert found.money_in == pytest.approx(
        found.orders["amount"].sum() + found.losses.query("stage == 'read'")["money"].sum(), abs=0.005
    )


# The command ----------------------------------------------------------------------------------------------


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["identity", *map(str, arguments)])
    return left.value.code


def test_the_command_writes_three_tables_of_pseudonyms(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    assert run(SAMPLES / "shops.yml", "--shop", "pearl", "--out", tmp_path / "out") == 0
    out = capsys.readouterr().out
    assert "526 customer ids are 487 persons (22 joined with high confidence, 17 joined with medium" in out
    folder = tmp_path / "out" / "pearl"
    assert sorted(path.name for path in folder.iterdir()) == ["conflicts.csv", "persons.csv", "what_if.csv"]
    persons = pd.read_csv(folder / "persons.csv", encoding="utf-8-sig")
    assert persons["person"].str.fullmatch("c_[0-9a-f]{12}").all() and persons["person"].is_unique
    assert pd.read_csv(folder / "what_if.csv", encoding="utf-8-sig")["level"].tolist() == list(
        identity.LEVELS
    )
    written = "".join(path.read_text("utf-8-sig") for path in folder.iterdir())
    planted = pd.read_csv(SAMPLES / "planted_people.csv", dtype="str")["id"]
    assert not any(one in written for one in planted) and "1000800088" not in written


def test_the_command_shows_no_raw_id_of_a_shop_that_shows_them(tmp_path: Path) -> None:
    text = (SAMPLES / "shops.yml").read_text("utf-8").replace("defaults:", "")
    lines = text.replace("    links: pearl/links.csv", "    customer_ids: raw\n    links: pearl/links.csv")
    lines = re.sub(
        r"(?m)^(    |        )(orders|items|links): pearl/", rf"\1\2: {SAMPLES.as_posix()}/pearl/", lines
    )
    pearl = "shops:\n" + lines[lines.index("  pearl:") :].split("\n# Further")[0]
    (tmp_path / "shops.yml").write_text(pearl, "utf-8")
    assert run(tmp_path / "shops.yml", "--out", tmp_path) == 0
    persons = pd.read_csv(tmp_path / "pearl" / "persons.csv", encoding="utf-8-sig")
    assert persons["person"].str.fullmatch("c_[0-9a-f]{12}").all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--shop", "perl"], "did you mean 'pearl'"),
        (["--shop", "pearl", "--until", "yesterday"], "until is 'yesterday'"),
        (
            ["--shop", "pearl", "--until", "2001-01-01"],
            "the last day 2001-01-01 lies before the first paid order",
        ),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture, arguments: list[str], said: str
) -> None:
    assert run(SAMPLES / "shops.yml", *arguments, "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.csv"))


def test_one_shop_that_fails_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    good = f"platform: csv, orders: {SAMPLES.as_posix()}/gift/orders.csv, date_format: '%d/%m/%Y %H:%M'"
    columns = (
        "columns: {order_id: Order no, customer_id: Client, paid_at: Paid on, amount: Sum, status: State}"
    )
    text = f"shops:\n  bad: {{platform: csv, orders: none.csv}}\n  good: {{{good}, {columns}}}\n"
    (tmp_path / "shops.yml").write_text(text, "utf-8")
    assert run(tmp_path / "shops.yml", "--out", tmp_path / "out") == 1
    said = capsys.readouterr()
    assert "bad: nothing written." in said.err and "good: " in said.out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good"]


def test_the_command_says_which_links_were_of_no_use(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    rows = "1,a,2026-01-01,10\n2,b,2026-01-02,10\n3,a,2026-02-01,10\n"
    (tmp_path / "orders.csv").write_text("order_id,customer_id,paid_at,amount\n" + rows, "utf-8")
    pairs = "customer_id,same_as\na,b\na,13900001111\nb,139****1111\n"
    (tmp_path / "links.csv").write_text(pairs, "utf-8")
    text = "shops:\n  one: {platform: csv, orders: orders.csv, links: links.csv}\n"
    (tmp_path / "shops.yml").write_text(text, "utf-8")
    assert run(tmp_path / "shops.yml", "--out", tmp_path / "out") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("one: 1 of 6 rows of the link file name nobody")
    assert said[-1] == "one: Rows of the link file that join nobody: 1 in no order."
    assert "13900001111" not in " ".join(said)


def test_half_written_tables_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(SAMPLES / "shops.yml", "--shop", "pearl", "--out", tmp_path) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "pearl").iterdir()}
    module = sys.modules["clv.commands.table_files"]
    write = module.write

    def fail(frame: pd.DataFrame, path: Path, **more: object) -> None:
        if path.name == "what_if.csv":
            raise OSError(28, "no space left on device")
        write(frame, path, **more)

    monkeypatch.setattr(module, "write", fail)
    assert run(SAMPLES / "shops.yml", "--shop", "pearl", "--until", "2026-01-31", "--out", tmp_path) == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "pearl").iterdir()} == before


# The figure -----------------------------------------------------------------------------------------------


def ways(**changes: object) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "level": list(identity.LEVELS),
            "way": ["Every id a customer", "What the link file says", "Strong keys too", "Weak keys too"],
            "customers": [526, 498, 487, 437],
            "repeat_rate": [0.386, 0.400, 0.407, 0.462],
            "low": [0.352, 0.364, 0.371, 0.423],
            "high": [0.421, 0.436, 0.444, 0.502],
        }
    )
    return table.assign(**changes)


class TestIdentityLevels(Legible):
    @pytest.fixture(
        params=[
            ways(),
            ways(repeat_rate=0.27, low=0.26, high=0.28, customers=2800),
            ways(repeat_rate=np.nan),
        ],
        ids=["joined", "nothing to join", "nobody"],
    )
    def draw(self, request: pytest.FixtureRequest):
        return lambda ax: plots.identity_levels(request.param, own="strong", ax=ax)

    def test_says_customers_and_share_of_each_way(self):
        ax = plots.identity_levels(ways(), own="strong")
        assert said(ax)[:2] == ["526 customers\n38.6 %", "498 customers\n40.0 %"]
        assert labels(ax.yaxis)[2] == "Strong keys too"
