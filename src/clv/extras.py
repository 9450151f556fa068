"""What a shop knows beside its orders: members and their consents, contacts, past campaigns.

CSV or Excel files with our column names, or the Chinese ones of a customer export; unknown columns are passed
over, nearly right ones refused. Consent is never guessed: an empty cell is no consent, and of two rows of one
customer the one that says no counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import contact_files, extra_cells, extra_headers, point_files
from clv.reading.extra_files import Gathered, Manner, gather
from clv.reading.one_each import one_each

Paths = str | Path | Iterable[str | Path]
AS_WRITTEN = Manner()

PAST_CAMPAIGNS = pa.DataFrameSchema(
    {
        "customer_id": pa.Column(str, description="who was on the list"),
        "campaign": pa.Column(str, description="which campaign"),
        "offer": pa.Column(str, nullable=True, description="what was offered; may be missing for control"),
        "channel": pa.Column(
            str, pa.Check.isin(tables.CHANNELS), nullable=True, description="how; may be missing for control"
        ),
        "arm": pa.Column(str, pa.Check.isin(["send", "control"]), description="sent to, or left alone"),
        "segment": pa.Column(str, nullable=True, description="the customer's segment then, where known"),
        "sent_on": pa.Column("datetime64[ns]", description="the day of sending"),
        "runs_until": pa.Column(
            "datetime64[ns]", nullable=True, description="the last day on which an order counts, where known"
        ),
    },
    unique=["customer_id", "campaign"],
    name="past campaigns",
    strict=True,
    coerce=True,
)


@dataclass(frozen=True, eq=False)
class ExtraRead:
    """A table read from a shop's extra files, and sentences on what was found in them."""

    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def nothing(contract: pa.DataFrameSchema) -> ExtraRead:
    """Return an empty table, as a shop has that names no such file."""
    return ExtraRead(tables.check(pd.DataFrame(columns=list(contract.columns)), contract))


def members(paths: Paths, *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read members: one row per customer, with the columns that the files have.

    Parameters
    ----------
    paths
        Files or globs, CSV or Excel.
    manner
        How the shop's orders name customers.

    Returns
    -------
    The MEMBERS table, by customer_id. Equal rows of one customer count once. Of differing rows the consent
    that says no holds, and any other value on which they differ is left empty: nobody knows which is right.

    Raises
    ------
    InputError
        A file or a column is not what it should be, or a consent is neither yes nor no.
    """
    found = gather(paths, extra_headers.MEMBERS, need=(), manner=manner, what="members")
    there = [name for name in extra_headers.MEMBERS if found.has(name).any()]
    if not there:
        known = ", ".join(extra_headers.MEMBERS)
        raise InputError(
            tell(
                "{names} says nothing about members; known columns: {known}.",
                names=", ".join(found.names[:3]),
                known=known,
            )
        )
    values, notes = _member_values(found, there, manner)
    rows = found.rows[["customer_id"]].assign(**values)
    table, doubts = one_each(rows, consents=[name for name in there if name in extra_headers.CONSENTS])
    return ExtraRead(tables.check(table, tables.MEMBERS), (*found.notes, *notes, *doubts))


def _member_values(
    found: Gathered, there: list[str], manner: Manner
) -> tuple[dict[str, pd.Series], tuple[str, ...]]:
    values = {name: extra_cells.consent(found, name) for name in there if name in extra_headers.CONSENTS}
    values |= {name: found.rows[name] for name in ("consent_basis", "tier") if name in there}
    doubtful = {
        "birthday": lambda name: extra_cells.birthday(found, name),
        "gender": lambda name: extra_cells.gender(found, name),
        "joined_on": lambda name: extra_cells.day(found, name, manner),
        "points": lambda name: extra_cells.points(found, name),
        "points_expire_on": lambda name: extra_cells.day(found, name, manner),
    }
    read = {name: how(name) for name, how in doubtful.items() if name in there}
    values |= {name: value for name, (value, _) in read.items()}
    born = {"born": extra_cells.decade(found, "birthday")} if "birthday" in there else {}
    notes = tuple(note for _, said in read.values() for note in said)
    return {name: values[name] for name in there} | born, notes


def contacts(paths: Paths | Mapping[str, Paths], *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read contacts: one row per message, answer, opt-out or complaint, by time.

    A file has one row per event (at, event), or one per message (sent_at) with a column per answer, in which
    stands when it came, or yes: then it counts at the time of sending. A message that failed was not sent;
    what came of it all the same counts. Equal rows count once, so that files may overlap.

    Parameters
    ----------
    paths
        Files or globs, CSV or Excel, with a column channel; or such of each channel, which need none.
    manner
        How the shop's orders name customers.

    Returns
    -------
    The CONTACTS table.

    Raises
    ------
    InputError
        A file or column is not what it should be, or a cell of channel, event, status or a time is empty or
        unreadable: an opt-out that is passed over would be a message too many.
    SettingError
        There is no such channel.
    """
    rows, notes = contact_files.read(paths, manner=manner)
    # by all columns, so that no order of files or rows shows
    by = ["at", "customer_id", "event", "channel", "campaign", "runs_until"]
    return ExtraRead(_checked(rows, tables.CONTACTS, by=by), notes)


def points(paths: Paths, *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read the changes of points: one row per change, by day.

    Returns
    -------
    The POINTS table; equal rows count once, so that files may overlap. Rows that contradict themselves (what
    was earned lies below 0, or expires before it is earned) are left out and counted.

    Raises
    ------
    InputError
        A file, column or cell is not what it should be.
    """
    table, notes = point_files.read(paths, manner=manner)
    return ExtraRead(tables.check(table.reset_index(drop=True), tables.POINTS), notes)


def visits(paths: Paths, *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read visits: one row per product that was viewed, liked or put into the cart, or per log-in, by time.

    Returns
    -------
    The VISITS table.

    Raises
    ------
    InputError
        A file, column or cell is not what it should be.
    """
    found = gather(paths, extra_headers.VISITS, need=("at",), manner=manner, what="visits")
    extra_cells.filled(found, "at")
    kind = extra_cells.words(found, "kind", extra_headers.VISIT_KINDS).fillna("viewed")
    table = found.rows[["customer_id", "sku", "category"]].assign(
        at=extra_cells.moment(found, "at", manner), kind=kind
    )
    by = ["at", "customer_id", "kind", "sku", "category"]
    return ExtraRead(_checked(table[list(tables.VISITS.columns)], tables.VISITS, by=by), found.notes)


def gift_givers(paths: Paths, *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read who gave which gift order: order_id, customer_id; one row per order.

    Raises
    ------
    InputError
        A file or column is not what it should be, or an order has two givers.
    """
    found = gather(paths, extra_headers.GIFT_GIVERS, need=("order_id",), manner=manner, what="gift_givers")
    extra_cells.filled(found, "order_id")
    table = found.rows[["order_id", "customer_id"]].drop_duplicates()
    twice = table.duplicated("order_id").reindex(found.rows.index, fill_value=False)
    extra_cells.refuse(found, "order_id", twice, "keep the one who paid", verb="has two givers")
    return ExtraRead(table.sort_values("order_id", ignore_index=True), found.notes)


def past_campaigns(paths: Paths, *, manner: Manner = AS_WRITTEN) -> ExtraRead:
    """Read past campaigns: one row per customer of a campaign, those who were left alone too.

    Returns
    -------
    The PAST_CAMPAIGNS table, by day, campaign and customer.

    Raises
    ------
    InputError
        A file, column or cell is not what it should be, or a customer stands twice in a campaign.
    """
    need = ("campaign", "offer", "channel", "arm", "sent_on")
    found = gather(paths, extra_headers.PAST, need=need, manner=manner, what="past_campaigns")
    for name in ("campaign", "arm", "sent_on"):
        extra_cells.filled(found, name)
    arm = extra_cells.words(found, "arm", extra_headers.ARMS)
    for name in ("offer", "channel"):
        extra_cells.filled(found, name, where=arm.eq("send"))
    table = found.rows[["customer_id", "campaign", "offer"]].assign(
        channel=extra_cells.words(found, "channel", extra_headers.CHANNELS),
        arm=arm,
        segment=found.rows["segment"],
        sent_on=extra_cells.moment(found, "sent_on", manner).dt.normalize(),
        runs_until=extra_cells.moment(found, "runs_until", manner).dt.normalize(),
    )
    twice = (
        table.drop_duplicates().duplicated(["customer_id", "campaign"]).reindex(table.index, fill_value=False)
    )
    extra_cells.refuse(
        found, "campaign", twice, "keep the row of what was really done", verb="names a customer twice"
    )
    return ExtraRead(_checked(table, PAST_CAMPAIGNS, by=["sent_on", "campaign", "customer_id"]), found.notes)


def _checked(table: pd.DataFrame, contract: pa.DataFrameSchema, *, by: list[str]) -> pd.DataFrame:
    ordered = table.drop_duplicates().sort_values(by, kind="stable", ignore_index=True)
    return tables.check(ordered, contract)


def met(found: pd.DataFrame, customers: pd.DataFrame) -> float:
    """Return the share of members that occur among the customers of the orders; 0 where there are no members.

    Parameters
    ----------
    found
        MEMBERS, or any table with customers as its index.
    customers
        CUSTOMERS, or any table with customers as its index.
    """
    return float(found.index.isin(customers.index).mean()) if len(found) else 0.0
