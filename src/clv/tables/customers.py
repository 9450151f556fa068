"""Tables of customers: as the models read them, what a model says of them, where a scheme puts them."""

import pandera.pandas as pa

from clv.tables.columns import CUSTOMER_INDEX, DAY, SANE, column

CUSTOMERS = pa.DataFrameSchema(
    {
        "frequency": column("int64", "repeat purchase days (the first day does not count)", pa.Check.ge(0)),
        "recency": column("int64", "days from the first to the last purchase day", pa.Check.ge(0)),
        "T": column("int64", "days from the first purchase day to the end of observation", pa.Check.ge(0)),
        "monetary_value": column(
            float, "mean money of the repeat purchase days; 0 without any", pa.Check.ge(0), SANE
        ),
        "orders": column("int64", "orders, same-day orders counted one by one", pa.Check.ge(1)),
        "total_spend": column(float, "money of all orders", pa.Check.gt(0), SANE),
        "first_order": column(DAY, "first purchase day"),
        "last_order": column(DAY, "last purchase day"),
        "days_since_last": column("int64", "T - recency", pa.Check.ge(0)),
        "category": column(str, "category with most money", nullable=True),
        "channel": column(str, "channel with most money", nullable=True),
    },
    checks=[pa.Check(lambda c: c["recency"] <= c["T"], error="recency must not exceed T")],
    index=CUSTOMER_INDEX,
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
        name + end: column(float, meaning + note, pa.Check.ge(0))
        for name, meaning in _ANSWERS.items()
        for end, note in (("", ""), ("_low", ", 5 % bound"), ("_high", ", 95 % bound"))
    },
    index=CUSTOMER_INDEX,
    name="scores",
    strict=True,
    coerce=True,
)

SEGMENTS = pa.DataFrameSchema(
    {
        "segment": column(str, "the segment's name in English"),
        "segment_zh": column(str, "the segment's name in Chinese"),
        "code": column(str, "levels of the scheme's axes (R5F2M4), or number of the band or cluster"),
        "bits": column(
            str, "R, F, M near, often, much (1) or not (0)", pa.Check.str_matches("^R[01]F[01]M[01]$")
        ),
        "score": column(float, "what the scheme sorts by; missing where it only names cells", nullable=True),
    },
    index=CUSTOMER_INDEX,
    name="segments",
    strict=True,
    coerce=True,
)
