"""The tables of the kit: one contract per table, with types, units and meaning.

ORDERS      one row per order that the shop kept money from
LINES       one row per line item of an order
LOSSES      one row per reason for which rows or money were left out
CUSTOMERS   one row per customer, as BG/NBD and its relatives read them
SCORES      one row per customer, what a fitted model says
SEGMENTS    one row per customer, where a segmentation scheme puts it
RETURNS     one row per order of which money was paid back, the wholly refunded ones too
MEMBERS     one row per customer, what else the shop knows: consent, birthday, points, tier
CONTACTS    one row per message, answer, opt-out or complaint
TERMS       one row per order: what was taken off its price, when it arrived, the price index of its day
POINTS      one row per change of a customer's points
VISITS      one row per visit: something viewed, put into the cart, liked
SENDLIST    one row per customer of a campaign, those who are left alone too
"""

from datetime import date

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from clv.errors import InputError


def _column(
    dtype: object, meaning: str, *checks: pa.Check, nullable: bool = False, **rules: object
) -> pa.Column:
    return pa.Column(dtype, list(checks), nullable=nullable, description=meaning, **rules)


def _known(dtype: object, meaning: str, *checks: pa.Check) -> pa.Column:
    """Return a column of what is not always known."""
    return _column(dtype, meaning, *checks, nullable=True)


MONEY_DIGITS = 4  # that sums of money are rounded to, so that equal sums are equal numbers
_SANE = pa.Check.lt(1e18)  # money beyond that is no money, infinity included
_DAY = "datetime64[ns]"
_customer_index = pa.Index(str, name="customer_id", unique=True, description="who; one row each")

ORDERS = pa.DataFrameSchema(
    {
        "order_id": _column(str, "the order's number in the export", unique=True),
        "customer_id": _column(str, "who bought; missing where the export names nobody", nullable=True),
        "paid_at": _column(_DAY, "when it was paid, in the shop's local time"),
        "amount": _column(float, "money that the shop kept, net of refunds", pa.Check.gt(0), _SANE),
        "refunded": _column(float, "money paid back, already taken off `amount`", pa.Check.ge(0)),
        "category": _column(str, "category with most money in the order", nullable=True),
        "channel": _column(str, "where the order was placed", nullable=True),
        "is_gift": _column(bool, "bought for somebody else's account"),
    },
    name="orders",
    strict=True,
    coerce=True,
)

LINES = pa.DataFrameSchema(
    {
        "order_id": _column(str, "the order that the line belongs to"),
        "title": _column(str, "the product's name", nullable=True),
        "category": _column(str, "the product's category", nullable=True),
        "sku": _column(str, "the product's number", nullable=True),
        "quantity": _column(float, "pieces"),
        "amount": _column(float, "money of the line as the export gives it"),
    },
    name="lines",
    strict=True,
    coerce=True,
)

LOSSES = pa.DataFrameSchema(
    {
        "stage": _column(
            str,
            "'read': left out of orders; 'customers': an order, but nobody's",
            pa.Check.isin(["read", "customers"]),
        ),
        "reason": _column(str, "why, in plain words"),
        "rows": _column("int64", "rows of the export", pa.Check.ge(0)),
        "orders": _column("int64", "distinct orders", pa.Check.ge(0)),
        "money": _column(float, "money of these rows as the export gives it"),
    },
    name="losses",
    strict=True,
    coerce=True,
)

CUSTOMERS = pa.DataFrameSchema(
    {
        "frequency": _column("int64", "repeat purchase days (the first day does not count)", pa.Check.ge(0)),
        "recency": _column("int64", "days from the first to the last purchase day", pa.Check.ge(0)),
        "T": _column("int64", "days from the first purchase day to the end of observation", pa.Check.ge(0)),
        "monetary_value": _column(
            float, "mean money of the repeat purchase days; 0 without any", pa.Check.ge(0), _SANE
        ),
        "orders": _column("int64", "orders, same-day orders counted one by one", pa.Check.ge(1)),
        "total_spend": _column(float, "money of all orders", pa.Check.gt(0), _SANE),
        "first_order": _column(_DAY, "first purchase day"),
        "last_order": _column(_DAY, "last purchase day"),
        "days_since_last": _column("int64", "T - recency", pa.Check.ge(0)),
        "category": _column(str, "category with most money", nullable=True),
        "channel": _column(str, "channel with most money", nullable=True),
    },
    checks=[pa.Check(lambda c: c["recency"] <= c["T"], error="recency must not exceed T")],
    index=_customer_index,
    name="customers",
    strict=True,
    coerce=True,
)

_ANSWERS = {
    "p_alive": "chance of still being a customer",
    "p_buy": "chance of at least one purchase day within the horizon",
    "purchases": "expected purchase days within the horizon",
    "clv": "expected discounted money within the CLV horizon",
    "residual_value": "expected discounted money after the CLV horizon, for ever",
    "next_purchase_days": "days until the chance to have bought again reaches one half (inf: over 10 years)",
}
SCORES = pa.DataFrameSchema(
    {
        name + end: _column(float, meaning + note, pa.Check.ge(0))
        for name, meaning in _ANSWERS.items()
        for end, note in (("", ""), ("_low", ", 5 % bound"), ("_high", ", 95 % bound"))
    },
    index=_customer_index,
    name="scores",
    strict=True,
    coerce=True,
)

SEGMENTS = pa.DataFrameSchema(
    {
        "segment": _column(str, "the segment's name in English"),
        "segment_zh": _column(str, "the segment's name in Chinese"),
        "code": _column(str, "levels of the scheme's axes (R5F2M4), or number of the band or cluster"),
        "bits": _column(
            str, "R, F, M near, often, much (1) or not (0)", pa.Check.str_matches("^R[01]F[01]M[01]$")
        ),
        "score": _column(float, "what the scheme sorts by; missing where it only names cells", nullable=True),
    },
    index=_customer_index,
    name="segments",
    strict=True,
    coerce=True,
)

RETURNS = pa.DataFrameSchema(
    {
        "customer_id": _column(str, "who was paid back"),
        "paid_at": _column(_DAY, "when the order had been paid"),
        "refunded": _column(float, "money paid back", pa.Check.gt(0), _SANE),
    },
    name="returns",
    strict=True,
    coerce=True,
)

CHANNELS = ("sms", "wecom", "phone", "email")


def _may_be_left_out(dtype: object, meaning: str, *checks: pa.Check) -> pa.Column:
    return _column(dtype, meaning, *checks, nullable=True, required=False)


MEMBERS = pa.DataFrameSchema(
    {
        # not bool: to turn a missing consent, or a text, into bool would make it a yes
        **{
            f"consent_{name}": _may_be_left_out(pd.BooleanDtype(), f"agreed to be reached by {name}")
            for name in CHANNELS
        },
        "consent_basis": _may_be_left_out(str, "where and when the customer agreed"),
        "birthday": _may_be_left_out(str, "month and day, MM-DD", pa.Check.str_matches(r"^[01]\d-[0-3]\d$")),
        "tier": _may_be_left_out(str, "the shop's own tier"),
        "gender": _may_be_left_out(str, "as the customer says", pa.Check.isin(["female", "male"])),
        "born": _may_be_left_out(str, "decade of birth, 1990s", pa.Check.str_matches(r"^(19|20)\d0s$")),
        "joined_on": _may_be_left_out(_DAY, "when the customer became a member"),
        "points": _may_be_left_out(float, "points that can be used", pa.Check.ge(0)),
        "points_expire_on": _may_be_left_out(_DAY, "when they expire"),
    },
    index=_customer_index,
    name="members",
    strict=True,
    coerce=True,
)

EVENTS = ("sent", "opened", "clicked", "replied", "opted_out", "complained")

CONTACTS = pa.DataFrameSchema(
    {
        "customer_id": _column(str, "who was reached, or answered"),
        "channel": _column(str, "by which channel", pa.Check.isin(CHANNELS)),
        "at": _column(_DAY, "when"),
        "event": _column(str, "what happened", pa.Check.isin(EVENTS)),
        "campaign": _column(str, "in which campaign; missing where in none", nullable=True),
        "runs_until": _column(_DAY, "the last day of that campaign; missing where unknown", nullable=True),
    },
    name="contacts",
    strict=True,
    coerce=True,
)

TERMS = pa.DataFrameSchema(
    {
        "order_id": _column(str, "the order", unique=True),
        "list_amount": _column(
            float, "money before anything was taken off", pa.Check.ge(0), _SANE, nullable=True
        ),
        "discount": _column(
            float, "money taken off; missing where unknown", pa.Check.ge(0), _SANE, nullable=True
        ),
        "delivered_on": _known(_DAY, "when it arrived, or was said to have"),
        "price_index": _column(
            float, "price index of the day of payment", pa.Check.gt(0), _SANE, nullable=True
        ),
    },
    name="terms",
    strict=True,
    coerce=True,
)

POINT_KINDS = ("earned", "used", "expired", "adjusted")

POINTS = pa.DataFrameSchema(
    {
        "customer_id": _column(str, "whose points"),
        "at": _column(_DAY, "on which day"),
        "kind": _column(str, "what happened", pa.Check.isin(POINT_KINDS)),
        "points": _column(float, "how many; above 0, but for what was adjusted", _SANE),
        "reason": _column(str, "why: a purchase, a check-in, ...; missing where not said", nullable=True),
        "expires_on": _column(_DAY, "the last day of points earned; missing where none", nullable=True),
    },
    checks=[
        pa.Check(lambda p: p["points"].gt(0) | p["kind"].eq("adjusted"), error="points must be above 0"),
        pa.Check(lambda p: p["points"].ne(0), error="a change of 0 points is none"),
    ],
    name="points",
    strict=True,
    coerce=True,
)

VISIT_KINDS = ("viewed", "favourited", "carted", "logged_in")

VISITS = pa.DataFrameSchema(
    {
        "customer_id": _column(str, "who"),
        "at": _column(_DAY, "when"),
        "kind": _column(str, "what", pa.Check.isin(VISIT_KINDS)),
        "sku": _column(str, "of which product", nullable=True),
        "category": _column(str, "of which category", nullable=True),
    },
    name="visits",
    strict=True,
    coerce=True,
)

SENDLIST = pa.DataFrameSchema(
    {
        "customer_id": _column(str, "who, as the reports call them", unique=True),
        "channel": _column(str, "by which channel", pa.Check.isin(CHANNELS)),
        "arm": _column(
            str, "'send', or 'control': left alone, to compare with", pa.Check.isin(["send", "control"])
        ),
        "segment": _column(str, "the customer's segment when the list was made"),
        "offer": _column(str, "the offer's name"),
        "offer_text": _column(str, "the offer in words"),
        "code": _column(str, "the customer's own code for it; empty for control"),
        "send_on": _column(str, "day of sending, 2026-07-01"),
        "send_from": _column(str, "not before this time"),
        "send_to": _column(str, "not after this time"),
        "subject": _column(str, "what an e-mail has above it; empty for other channels and for control"),
        "message": _column(str, "what is said; empty for control"),
        "reason": _column(str, "why this customer, in plain words that may be shown"),
        "consent_basis": _column(str, "why the customer may be reached by this channel"),
        "expires_on": _column(str, "the offer's last day; afterwards the list is to be deleted"),
        "campaign": _column(str, "the campaign's name; so a list can be kept as a past campaign"),
        "answers_until": _column(str, "the last day on which an order counts as an answer"),
    },
    name="list",
    strict=True,
    coerce=True,
)


def as_day(value: object) -> date:
    """Return a day from a date, a moment, or text such as 2026-06-30.

    Raises
    ------
    InputError
        It names no day.
    """
    if isinstance(value, date) and not pd.isna(value):
        return pd.Timestamp(value).date()
    try:
        found = date.fromisoformat(str(value).strip())
    except ValueError:
        raise InputError(f"{value!r} is not a date; write it as 2026-06-30.") from None
    if not 1900 <= found.year <= 2200:
        raise InputError(f"the year {found.year} is no year of a shop; write the day as 2026-06-30.")
    return found


def check(frame: pd.DataFrame, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Return `frame` as its contract wants it, or say in one sentence what is wrong with it.

    Raises
    ------
    InputError
        Naming the table, the column, the rule, how many rows break it and the first row's number.
    """
    try:
        return contract.validate(frame, lazy=True)
    except SchemaErrors as error:
        raise InputError(_sentence(error.failure_cases, contract)) from None


def _sentence(failures: pd.DataFrame, contract: pa.DataFrameSchema) -> str:
    first = failures.iloc[0]
    rule = str(first["check"])
    if rule in ("column_in_dataframe", "column_in_schema"):
        verb = "lacks the column" if rule == "column_in_dataframe" else "has an unknown column"
        return f"the {contract.name} table {verb} {first['failure_case']!r}."
    if first["schema_context"] == "DataFrameSchema":
        rows = failures.loc[failures["check"] == rule, "index"].nunique()
        return f"the {contract.name} table breaks the rule '{rule}' in {rows} row(s)."
    rows = (failures["check"] == rule) & (failures["column"] == first["column"])
    return f"{contract.name}.{first['column']} breaks the rule {rule} in {rows.sum()} row(s)."
