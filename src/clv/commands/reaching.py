"""Who of a list may be reached, and the list as a file: what the commands of occasions share."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:
    import pandas as pd

    from clv.sending.suppression import Reachable
    from clv.shop import Shop


def written(rows: "pd.DataFrame", out: Path, shop: "Shop", name: str) -> None:
    """Write a list as text that only its owner can read, and say where."""
    from clv.sending import lists

    folder = out / shop.id
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(
            tell("the folder {folder} cannot be made ({strerror}).", folder=folder, strerror=error.strerror)
        ) from None
    path = folder / name
    text = rows.reset_index().astype("str").where(rows.reset_index().notna(), "")
    lists.write_csv(text, path)
    click.echo(tell("{rows:,} rows in {path}", rows=len(rows), path=path))


def _reach(shop: "Shop", channel: str) -> Callable[["pd.DataFrame", date], "Reachable"]:
    """Return what says of rows by customer and a day who may be reached by the channel then."""
    from functools import partial

    from clv.offering.channels import CHANNELS
    from clv.sending import suppression

    asked = partial(
        suppression.allowed, channels={channel: CHANNELS[channel]}, members=shop.members(),
        contacts=shop.contacts(), orders=_lately(shop.orders(), shop), returns=_lately(shop.returns(), shop),
        campaigns=shop.past_campaigns(),
    )  # fmt: skip
    return lambda rows, day: asked(rows, on=day)


def _lately(paid: "pd.DataFrame", shop: "Shop") -> "pd.DataFrame":
    """Return what was paid in the days that suppression looks back to from any day to come."""
    import pandas as pd

    return paid[paid["paid_at"] >= pd.Timestamp(shop.until) - pd.Timedelta(days=31)]


def first_day(shop: "Shop") -> "pd.Timestamp":
    """Return the day after the last day of observation."""
    import pandas as pd

    return pd.Timestamp(shop.until) + pd.Timedelta(days=1)


def allowed(rows: "pd.DataFrame", shop: "Shop", channel: str, *, called: str) -> "pd.DataFrame":
    """Return the rows of those who may be reached on the day after the last, and say what became of all."""
    from clv.told import each

    found = _reach(shop, channel)(rows, first_day(shop).date())
    left = rows[found.allowed[channel]]
    reasons = found.reasons[found.reasons["customers"] > 0]
    why = each("{reason}: {customers:,}", reasons)
    said = tell(
        "{called}: {left:,} of {rows:,} may be written to by {channel}",
        called=called,
        left=len(left),
        rows=len(rows),
        channel=channel,
    )
    click.echo(tell("{said} ({more})", said=said, more=why) if why else said)
    return left


def by_day(found: "pd.DataFrame", shop: "Shop", channel: str) -> "pd.Series":
    """Return of each reason whether its customer may be reached by the channel on its day of sending."""
    import pandas as pd

    reach = _reach(shop, channel)
    parts = []
    for day, rows in found.groupby("send_on"):
        people = pd.DataFrame(index=pd.Index(rows["customer_id"].unique(), name="customer_id"))
        parts.append(rows["customer_id"].map(reach(people, day.date()).allowed[channel]))
    return pd.concat(parts).reindex(found.index).astype(bool)
