"""What comes next: from the category of one purchase to that of the same customer's next one.

A purchase is a purchase day, its category the one with most money on that day. In the tables each customer
counts once, so that one keen buyer makes no rule. What to recommend is learned from all moves, and judged on
purchases that it has not seen, beside two rules that need no table: the last category again, and what sells
most. Where a simple rule does as well, it should be used.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from clv import purchase_days, tables
from clv.following import foretold, learned, lifts
from clv.following.foretold import LAST, POPULAR, TABLE
from clv.following.learned import Following
from clv.language import tell
from clv.told import each, percent

FEWEST = 30  # held-out purchases, before a rule is judged
WITHOUT = (
    "No order names a category, so nothing can be said of what follows what; export the items with their "
    "categories, or with titles that name them."
)


def steps(orders: pd.DataFrame, *, until: date | str | None = None) -> pd.DataFrame:
    """Return every customer's purchase days with their category and that of the next one.

    Returns
    -------
    As `purchase_days.from_orders`, and: category (with most money on the day; of equals the first in the
    alphabet; missing where no order of the day has one), after (category of the customer's next purchase
    day; missing where there is none, or it is not known).

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    days, keys = purchase_days.from_orders(orders, until=until), ["customer_id", "day"]
    known = orders.dropna(subset=["customer_id", "category"])
    known = known.assign(day=known["paid_at"].dt.normalize(), category=known["category"].astype(str))
    money = known.groupby([*keys, "category"], as_index=False, observed=True)["amount"].sum()
    ranked = money.sort_values(["amount", "category"], ascending=[False, True], kind="stable")
    found = days.merge(ranked.drop_duplicates(keys)[[*keys, "category"]], on=keys, how="left")
    same = found["customer_id"].eq(found["customer_id"].shift(-1))
    return found.assign(after=found["category"].shift(-1).where(same))


def first_to_second(found: pd.DataFrame) -> pd.DataFrame:
    """Return what followed each category of a first purchase.

    Parameters
    ----------
    found
        What `steps` returns.

    Returns
    -------
    As `clv.following.lifts.cells`; n and of count customers. No rows where no category is known.
    """
    return _table(found[found["step"] == 1])


def latest_move(found: pd.DataFrame) -> pd.DataFrame:
    """Return what followed each category in every customer's latest move, whichever purchase it was.

    Returns
    -------
    As `first_to_second`.
    """
    moves = found.dropna(subset=["category", "after"])
    return _table(moves.drop_duplicates("customer_id", keep="last"))


def _table(moves: pd.DataFrame) -> pd.DataFrame:
    known = moves.dropna(subset=["category", "after"])
    return lifts.cells(pd.crosstab(known["category"], known["after"]))


def learn(found: pd.DataFrame) -> Following:
    """Return what follows each category, from all moves of `steps`."""
    return learned.of_moves(found)


def last_known(found: pd.DataFrame) -> pd.Series:
    """Return the category of each customer's last purchase day; missing where it is not known."""
    return found.drop_duplicates("customer_id", keep="last").set_index("customer_id")["category"]


def recommend(following: Following, last: pd.Series, *, k: int = 3) -> pd.DataFrame:
    """Return the `k` likeliest next categories of each customer.

    Parameters
    ----------
    following
        What `learn` returns.
    last
        Category of each customer's last purchase, index customer_id, as `last_known` returns it; where it is
        missing or was never seen to be followed, the mix of all is given.

    Returns
    -------
    customer_id, rank (1 to k), category, chance, low, high (90 %, of the Dirichlet), in the order of `last`.
    """
    return learned.best(following, last, k=k)


@dataclass(frozen=True, eq=False)
class Judged:
    """How often each rule named the category of the next purchase, on purchases that it had not seen.

    Attributes
    ----------
    table
        Index rule; hit_1, low_1, high_1 (share whose next category was named first; 90 %, Wilson), hit_3,
        low_3, high_3 (among the first three), log_loss (mean of minus log of the chance given to it).
        Without rows where nothing could be judged.
    against
        Index rule (the simple ones); difference_1, low_1, high_1, difference_3, low_3, high_3: hit rate of
        the table less that of the rule, on the same customers (90 %).
    customers
        Held-out next purchases: one for each customer known on `end` who bought something known later.
    end
        The last day that the rules knew.
    rule
        Which rule to use; 'most popular' where nothing could be judged.
    sentence
        The same in plain words.
    """

    table: pd.DataFrame
    against: pd.DataFrame
    customers: int
    end: date
    rule: str
    sentence: str


def judge(orders: pd.DataFrame, *, until: date | str, days: int = 0) -> Judged:
    """Return how well the table and the simple rules foretold the next category of known customers.

    Parameters
    ----------
    days
        Days at the end that are hidden; 0: a quarter of the history.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    found, last_day = steps(orders, until=until), tables.as_day(until)
    hidden = days or (last_day - found["day"].min().date()).days // 4
    end = last_day - timedelta(days=hidden)
    later = found[found["day"] > pd.Timestamp(end)].drop_duplicates("customer_id").set_index("customer_id")
    known = steps(orders, until=end)
    asked = last_known(known).to_frame("last").join(later["category"].rename("truth"), how="inner").dropna()
    if len(asked) < FEWEST:
        said = WITHOUT if found["category"].isna().all() else _too_few(len(asked), hidden)
        return Judged(_NOTHING, _NOTHING, len(asked), end, POPULAR, said)
    ranks, losses = foretold.tried(learn(known), asked)
    table = pd.DataFrame({rule: foretold.rates_of(ranks[rule], losses[rule]) for rule in ranks}).T
    against = pd.DataFrame({rule: foretold.against(ranks[TABLE], ranks[rule]) for rule in (LAST, POPULAR)}).T
    table, against = table.rename_axis("rule"), against.rename_axis("rule")
    return Judged(table, against, len(asked), end, *_verdict(table, against, len(asked)))


_NOTHING = pd.DataFrame(index=pd.Index([], name="rule"))


def _too_few(customers: int, hidden: int) -> str:
    return tell(
        "In the last {hidden:,} days {customers:,} known customers bought again with a known "
        "category; a judgement needs {fewest}, so offer what sells most.",
        hidden=hidden,
        customers=customers,
        fewest=FEWEST,
    )


def _verdict(table: pd.DataFrame, against: pd.DataFrame, customers: int) -> tuple[str, str]:
    simple = table.drop(index=TABLE)["hit_1"].idxmax()
    hits = each(
        "“{rule}” {share}",
        [{"rule": rule, "share": percent(row["hit_1"], 1)} for rule, row in table.iterrows()],
    )
    said = tell(
        "Of {customers:,} held-out next purchases, so many had the category that was named first: {hits}. ",
        customers=customers,
        hits=hits,
    )
    if (against["low_1"] > 0).all():
        return TABLE, said + tell("The table does better than both simple rules, so use it.")
    if against.at[simple, "high_1"] < 0:
        return simple, said + tell("The simple rule '{simple}' does better, so use that.", simple=simple)
    return simple, said + tell(
        "The table cannot be told apart from '{simple}', so the simple rule is enough.", simple=simple
    )
