"""Tables of what a shop knows beside its orders, and of the lists that it sends."""

import pandas as pd
import pandera.pandas as pa

from clv.tables.columns import CUSTOMER_INDEX, DAY, SANE, column

CHANNELS = ("sms", "wecom", "phone", "email")


def _may_be_left_out(dtype: object, meaning: str, *checks: pa.Check) -> pa.Column:
    return column(dtype, meaning, *checks, nullable=True, required=False)


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
        "joined_on": _may_be_left_out(DAY, "when the customer became a member"),
        "points": _may_be_left_out(float, "points that can be used", pa.Check.ge(0)),
        "points_expire_on": _may_be_left_out(DAY, "when they expire"),
    },
    index=CUSTOMER_INDEX,
    name="members",
    strict=True,
    coerce=True,
)

EVENTS = ("sent", "opened", "clicked", "replied", "opted_out", "complained")

CONTACTS = pa.DataFrameSchema(
    {
        "customer_id": column(str, "who was reached, or answered"),
        "channel": column(str, "by which channel", pa.Check.isin(CHANNELS)),
        "at": column(DAY, "when"),
        "event": column(str, "what happened", pa.Check.isin(EVENTS)),
        "campaign": column(str, "in which campaign; missing where in none", nullable=True),
        "runs_until": column(DAY, "the last day of that campaign; missing where unknown", nullable=True),
    },
    name="contacts",
    strict=True,
    coerce=True,
)

POINT_KINDS = ("earned", "used", "expired", "adjusted")

POINTS = pa.DataFrameSchema(
    {
        "customer_id": column(str, "whose points"),
        "at": column(DAY, "on which day"),
        "kind": column(str, "what happened", pa.Check.isin(POINT_KINDS)),
        "points": column(float, "how many; above 0, but for what was adjusted", SANE),
        "reason": column(str, "why: a purchase, a check-in, ...; missing where not said", nullable=True),
        "expires_on": column(DAY, "the last day of points earned; missing where none", nullable=True),
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
        "customer_id": column(str, "who"),
        "at": column(DAY, "when"),
        "kind": column(str, "what", pa.Check.isin(VISIT_KINDS)),
        "sku": column(str, "of which product", nullable=True),
        "category": column(str, "of which category", nullable=True),
    },
    name="visits",
    strict=True,
    coerce=True,
)

SENDLIST = pa.DataFrameSchema(
    {
        "customer_id": column(str, "who, as the reports call them", unique=True),
        "channel": column(str, "by which channel", pa.Check.isin(CHANNELS)),
        "arm": column(
            str, "'send', or 'control': left alone, to compare with", pa.Check.isin(["send", "control"])
        ),
        "segment": column(str, "the customer's segment when the list was made"),
        "offer": column(str, "the offer's name"),
        "offer_text": column(str, "the offer in words"),
        "code": column(str, "the customer's own code for it; empty for control"),
        "send_on": column(str, "day of sending, 2026-07-01"),
        "send_from": column(str, "not before this time"),
        "send_to": column(str, "not after this time"),
        "subject": column(str, "what an e-mail has above it; empty for other channels and for control"),
        "message": column(str, "what is said; empty for control"),
        "reason": column(str, "why this customer, in plain words that may be shown"),
        "consent_basis": column(str, "why the customer may be reached by this channel"),
        "expires_on": column(str, "the offer's last day; afterwards the list is to be deleted"),
        "campaign": column(str, "the campaign's name; so a list can be kept as a past campaign"),
        "answers_until": column(str, "the last day on which an order counts as an answer"),
    },
    name="list",
    strict=True,
    coerce=True,
)
