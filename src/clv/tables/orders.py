"""Tables of what the exports hold: orders, their lines and terms, what was paid back, what was left out."""

import pandera.pandas as pa

from clv.tables.columns import DAY, SANE, column

ORDERS = pa.DataFrameSchema(
    {
        "order_id": column(str, "the order's number in the export", unique=True),
        "customer_id": column(str, "who bought; missing where the export names nobody", nullable=True),
        "paid_at": column(DAY, "when it was paid, in the shop's local time"),
        "amount": column(float, "money that the shop kept, net of refunds", pa.Check.gt(0), SANE),
        "refunded": column(float, "money paid back, already taken off `amount`", pa.Check.ge(0)),
        "category": column(str, "category with most money in the order", nullable=True),
        "channel": column(str, "where the order was placed", nullable=True),
        "is_gift": column(bool, "bought for somebody else's account"),
    },
    name="orders",
    strict=True,
    coerce=True,
)

LINES = pa.DataFrameSchema(
    {
        "order_id": column(str, "the order that the line belongs to"),
        "title": column(str, "the product's name", nullable=True),
        "category": column(str, "the product's category", nullable=True),
        "sku": column(str, "the product's number", nullable=True),
        "quantity": column(float, "pieces"),
        "amount": column(float, "money of the line as the export gives it"),
    },
    name="lines",
    strict=True,
    coerce=True,
)

LOSSES = pa.DataFrameSchema(
    {
        "stage": column(
            str,
            "'read': left out of orders; 'customers': an order, but nobody's",
            pa.Check.isin(["read", "customers"]),
        ),
        "reason": column(str, "why, in plain words"),
        "rows": column("int64", "rows of the export", pa.Check.ge(0)),
        "orders": column("int64", "distinct orders", pa.Check.ge(0)),
        "money": column(float, "money of these rows as the export gives it"),
    },
    name="losses",
    strict=True,
    coerce=True,
)

RETURNS = pa.DataFrameSchema(
    {
        "customer_id": column(str, "who was paid back"),
        "paid_at": column(DAY, "when the order had been paid"),
        "refunded": column(float, "money paid back", pa.Check.gt(0), SANE),
    },
    name="returns",
    strict=True,
    coerce=True,
)

TERMS = pa.DataFrameSchema(
    {
        "order_id": column(str, "the order", unique=True),
        "list_amount": column(
            float, "money before anything was taken off", pa.Check.ge(0), SANE, nullable=True
        ),
        "discount": column(
            float, "money taken off; missing where unknown", pa.Check.ge(0), SANE, nullable=True
        ),
        "delivered_on": column(DAY, "when it arrived, or was said to have", nullable=True),
        "price_index": column(
            float, "price index of the day of payment", pa.Check.gt(0), SANE, nullable=True
        ),
    },
    name="terms",
    strict=True,
    coerce=True,
)
